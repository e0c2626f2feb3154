//! Resolving and printing paths.

use std::path::{Component, Path, PathBuf};

use memchr::memmem;

/// Returns the path from a directory to another path, with `..` where needed. `None` if only the root is
/// shared: such a relative path is longer than the absolute one and not portable.
pub fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let ancestors = from.ancestors().filter(|above| above.parent().is_some());
    let (up, below) = ancestors
        .enumerate()
        .find_map(|(up, above)| Some((up, to.strip_prefix(above).ok()?)))?;
    let up = std::iter::repeat_n(Component::ParentDir, up);
    Some(up.collect::<PathBuf>().join(below))
}

/// Returns the top directory of the git repository around a directory.
pub fn repository_root(directory: &Path) -> Option<&Path> {
    directory
        .ancestors()
        .find(|above| above.join(".git").exists())
}

/// How paths are resolved and printed.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// The working directory, to which printed paths are relative; `None` if it is unknown.
    pub working_directory: Option<PathBuf>,
}

impl Paths {
    /// Returns the absolute path, without resolving links. Configurations are looked up by this path.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        let has = |path: &Path, part: &[u8]| {
            memmem::find(path.as_os_str().as_encoded_bytes(), part).is_some()
        };
        // `..` after a link refers to the parent of the link's target, so ask the file system.
        let goes_up =
            has(path, b"..") && path.components().any(|part| part == Component::ParentDir);
        if goes_up
            && let (Some(directory), Some(name)) = (path.parent(), path.file_name())
            && let Ok(directory) = directory.canonicalize()
        {
            return directory.join(name);
        }
        let from = self.working_directory.as_deref().unwrap_or(Path::new(""));
        let below = path.strip_prefix(".").unwrap_or(path);
        let length = from.as_os_str().len() + 1 + below.as_os_str().len();
        let mut path = PathBuf::with_capacity(length);
        path.push(from);
        path.push(below);
        match has(&path, b"//") || has(&path, b"/.") {
            true => path.components().collect(),
            false => path,
        }
    }

    /// Returns a path as printed in reports, with `..` if it is outside the working directory.
    pub fn display_any(&self, path: &Path) -> String {
        let directory = self.working_directory.as_deref();
        let relative = directory.and_then(|directory| relative(directory, path));
        self.display(relative.as_deref().unwrap_or(path))
    }

    /// Returns a path as printed in reports: with `/`, and relative if it is in the working directory.
    pub fn display(&self, path: &Path) -> String {
        let below = self
            .working_directory
            .as_deref()
            .and_then(|directory| path.strip_prefix(directory).ok())
            .unwrap_or(path);
        let mut name = String::new();
        for component in below.components() {
            match component {
                Component::CurDir => {}
                Component::RootDir => name.push('/'),
                Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {
                    if !name.is_empty() && !name.ends_with('/') {
                        name.push('/');
                    }
                    name.push_str(&component.as_os_str().to_string_lossy());
                }
            }
        }
        if name.is_empty() {
            ".".to_owned()
        } else {
            name
        }
    }
}

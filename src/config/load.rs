//! Finds and reads configuration files.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::project::{CONFIG_NAME, ConfigError, Project};
use crate::paths::Paths;
use crate::read::{is_special, read_named};
use crate::source::Source;

/// Reads a configuration. Errors refer to it as `name`.
pub fn read_project(path: &Path, name: &str) -> Result<Project, ConfigError> {
    parse_read(path, name, read_named(path))
}

fn parse_read(
    path: &Path,
    name: &str,
    read: Result<Option<Vec<u8>>, String>,
) -> Result<Project, ConfigError> {
    let unreadable = |reason| ConfigError::Unreadable(path.to_owned(), reason);
    let text = match read.map_err(unreadable)? {
        Some(bytes) => String::from_utf8(bytes).map_err(|_| "this file is not UTF-8"),
        None => Err("this file is too large"),
    };
    let text = text.map_err(|reason| unreadable(reason.to_owned()))?;
    let directory = path.parent().unwrap_or(Path::new("")).to_owned();
    Project::parse(Source::new(name, text), directory)
}

/// Reads a configuration that was found; `None` if it is too large. Its path may be a link that leads anywhere, and
/// errors quote what is read.
pub fn read_found(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let target = path.canonicalize();
    let is_other = |target: PathBuf| target.file_name() != Some(CONFIG_NAME.as_ref());
    match () {
        () if path.is_symlink() && target.is_ok_and(is_other) => Err(format!(
            "a link to a file that is not named {CONFIG_NAME} is not followed"
        )),
        () if is_special(path) => Err("not a regular file".to_owned()),
        () => read_named(path),
    }
}

/// Finds the configuration of a file: the nearest one in or above its directory. Results are cached.
#[derive(Default)]
pub struct Projects {
    /// The configuration to use for all files, if there is only one.
    only: Option<Arc<Project>>,
    /// True to ignore all configurations.
    isolated: bool,
    /// Formats paths in error messages.
    paths: Paths,
    /// The configuration of each directory. The keys are strings because comparing `Path`s is slower.
    by_directory: Mutex<HashMap<OsString, Option<Arc<Project>>>>,
    /// The texts of configurations that are read instead of the files at these paths.
    texts: HashMap<PathBuf, String>,
    errors: Mutex<Vec<ConfigError>>,
}

impl Projects {
    /// Uses the nearest configuration of each file.
    pub fn nearest(paths: Paths) -> Projects {
        Projects {
            paths,
            ..Projects::default()
        }
    }

    /// Uses the nearest configuration of each file. Those with a text, by their absolute paths, may differ from
    /// the file, as in an editor.
    pub fn with_texts(paths: Paths, texts: HashMap<PathBuf, String>) -> Projects {
        Projects {
            texts,
            ..Projects::nearest(paths)
        }
    }

    /// Uses one configuration for all files.
    pub fn only(project: Project) -> Projects {
        Projects {
            only: Some(Arc::new(project)),
            ..Projects::default()
        }
    }

    /// Uses no configuration.
    pub fn isolated() -> Projects {
        Projects {
            isolated: true,
            ..Projects::default()
        }
    }

    /// Returns the configuration of a file, given its absolute path.
    pub fn for_file(&self, path: &Path) -> Option<Arc<Project>> {
        if self.isolated {
            return None;
        }
        if let Some(only) = &self.only {
            return Some(Arc::clone(only));
        }
        self.in_or_above(path.parent()?)
    }

    fn in_or_above(&self, directory: &Path) -> Option<Arc<Project>> {
        let known = self.lock().get(directory.as_os_str()).cloned();
        if let Some(known) = known {
            return known;
        }
        let path = directory.join(CONFIG_NAME);
        // Report a dangling link or a directory with this name as an error instead of ignoring it.
        let text = self.texts.get(&path);
        let found = if text.is_some() || path.symlink_metadata().is_ok() {
            let name = self.paths.display_any(&path);
            let project = match text {
                Some(text) => Project::parse(Source::new(name, &**text), directory.to_owned()),
                None => parse_read(&path, &name, read_found(&path)),
            };
            match project {
                Ok(project) => Some(Arc::new(project)),
                Err(error) => {
                    let mut errors = self.errors.lock().expect("no thread panics with it");
                    errors.push(error);
                    None
                }
            }
        } else {
            directory.parent().and_then(|above| self.in_or_above(above))
        };
        // Another thread may have loaded it first. Keep that result so that all threads share it.
        self.lock()
            .entry(directory.as_os_str().to_owned())
            .or_insert(found)
            .clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OsString, Option<Arc<Project>>>> {
        self.by_directory
            .lock()
            .expect("no thread panics while it holds the lock")
    }

    /// Returns true if the configuration of a file excludes it, or a directory above it.
    pub fn excludes(&self, path: &Path) -> bool {
        path.ancestors().enumerate().any(|(index, part)| {
            let project = self.for_file(part);
            project.is_some_and(|project| {
                let directory = project.directory();
                let is_inside = index == 0 || part != directory && part.starts_with(directory);
                is_inside && project.excluded_by(part).is_some()
            })
        })
    }

    /// Returns all configurations that were used, sorted by name.
    pub fn all(&self) -> Vec<Arc<Project>> {
        let mut all: Vec<_> = self.lock().values().flatten().cloned().collect();
        all.extend(self.only.clone());
        all.sort_by(|one, other| one.source.name().cmp(other.source.name()));
        all.dedup_by(|one, other| one.source.name() == other.source.name());
        all
    }

    /// Returns the errors in the configurations that were used.
    pub fn errors(&self) -> Vec<ConfigError> {
        let mut errors = self
            .errors
            .lock()
            .expect("no thread panics while it holds the lock");
        std::mem::take(&mut errors)
    }
}

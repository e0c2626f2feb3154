//! Which paths `--exclude` and the configurations exclude.

use std::path::{Path, PathBuf};

use globset::GlobSet;

use corslint::config::Projects;
use corslint::paths::Paths;

/// The globs that exclude files and directories.
pub(super) struct Exclude<'a> {
    /// The globs of `--exclude`.
    pub(super) globs: &'a GlobSet,
    /// The same globs as written.
    pub(super) written: &'a [String],
    pub(super) projects: &'a Projects,
    pub(super) paths: &'a Paths,
}

impl Exclude<'_> {
    /// Returns the option that excludes a path itself.
    pub(super) fn by_option(&self, path: &Path) -> Option<String> {
        if self.globs.is_empty() {
            return None;
        }
        let name = PathBuf::from(self.paths.display(path));
        let index = *self.globs.matches(name).first()?;
        Some(format!("--exclude {}", self.written.get(index)?))
    }

    /// Returns the glob that excludes a path itself, in the configuration that applies to it.
    pub(super) fn by_configuration(&self, path: &Path) -> Option<String> {
        let path = self.paths.absolute(path);
        let project = self.projects.for_file(&path)?;
        let glob = project.excluded_by(&path)?;
        Some(format!("\"{glob}\" in {}", project.source.name()))
    }

    /// Returns what excludes a path, or a directory above it. Directories above both the working directory and
    /// the configuration don't count: where a project is checked out must not matter.
    pub(super) fn within(&self, path: &Path) -> Option<String> {
        let path = self.paths.absolute(path);
        // Without a configuration at or above a file, none applies to the directories above it.
        if self.globs.is_empty() && self.projects.for_file(&path).is_none() {
            return None;
        }
        let working_directory = self.paths.working_directory.as_deref();
        path.ancestors().enumerate().find_map(|(index, part)| {
            let is_below = |directory: &Path| part != directory && part.starts_with(directory);
            let is_inside = working_directory.is_some_and(is_below);
            let by_option = || self.by_option(part).filter(|_| index == 0 || is_inside);
            let by_configuration = || {
                let project = self.projects.for_file(part)?;
                let is_inside = index == 0 || is_inside || is_below(project.directory());
                self.by_configuration(part).filter(|_| is_inside)
            };
            by_option().or_else(by_configuration)
        })
    }
}

//! Finds the files that may contain a policy, and passes each to a function, in parallel.

mod walk;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use walk::{IgnoreScope, unusable_ignore_file, walk, walk_everything};

use crate::paths::Paths;
use crate::read::{read_if, read_named};

/// Options for searching directories.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// True to also search files that `.gitignore` and `.ignore` exclude.
    pub no_ignore: bool,
    /// The number of threads; 0 for one per processor.
    pub jobs: usize,
    /// How paths are resolved and printed.
    pub paths: Paths,
}

/// A file and its bytes.
pub struct Candidate {
    /// The path as printed in reports.
    pub name: String,
    /// The path of the file.
    pub path: PathBuf,
    /// True if the user named it, false if it was found in a directory.
    pub named: bool,
    /// The content; `None` if the file is too large to be a policy.
    pub bytes: Option<Vec<u8>>,
}

/// A path that could not be read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The path as printed in reports.
    pub name: String,
    /// Why the path could not be read.
    pub reason: String,
}

/// Why a path in a directory is not visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotVisited {
    /// Ignored by `.gitignore` or `.ignore`.
    Ignored,
    /// Excluded by the filter.
    Excluded,
    /// A file with an extension that no syntax has.
    Extension,
    /// A symbolic link.
    Link,
}

/// Selects which files in a directory are visited.
pub struct Filter<'w> {
    /// Returns true for files and directories that are excluded.
    pub exclude: &'w (dyn Fn(&Path) -> bool + Sync),
    /// Returns true for files to visit, given their bytes, which are `None` for a file that is too large.
    pub accept: &'w (dyn Fn(&Path, Option<&[u8]>) -> bool + Sync),
    /// Returns true if failing to read this file is an error.
    pub report_unreadable: &'w (dyn Fn(&Path) -> bool + Sync),
    /// Called with each file and directory that is not visited; `None` saves the time to find them.
    pub on_skipped: Option<&'w OnSkipped<'w>>,
}

/// The callback for a path that is not visited.
pub type OnSkipped<'w> = dyn Fn(&Path, NotVisited) + Sync + 'w;

/// Passes every candidate under `paths` to `visit`, which may run on several threads, and collects the
/// results in no particular order. Named files are always candidates; files in directories are candidates
/// if the filter accepts them.
pub fn visit<T: Send>(
    paths: &[PathBuf],
    options: &Options,
    filter: &Filter<'_>,
    visit: impl Fn(Candidate) -> Option<T> + Sync,
) -> (Vec<T>, Vec<Unreadable>) {
    let results = Mutex::new((Vec::new(), Vec::new()));
    let check_file = |path: &Path, named: bool| {
        let bytes = if named {
            read_named(path)
        } else {
            match read_if(path, |bytes| (filter.accept)(path, bytes)) {
                Ok(None) => return,
                Ok(Some(bytes)) => Ok(bytes),
                Err(_) if !(filter.report_unreadable)(path) => return,
                Err(reason) => Err(reason),
            }
        };
        let name = options.paths.display(path);
        let found = match bytes {
            Ok(bytes) => visit(Candidate {
                name,
                path: path.to_owned(),
                named,
                bytes,
            })
            .map(Ok),
            Err(reason) => Some(Err(Unreadable { name, reason })),
        };
        let Some(found) = found else {
            return;
        };
        let mut results = results.lock().expect(HELD);
        match found {
            Ok(result) => results.0.push(result),
            Err(unreadable) => results.1.push(unreadable),
        }
    };
    let (directories, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    for path in files {
        check_file(path, true);
    }
    let mut unreadable = Vec::new();
    let mut searched = Vec::new();
    for directory in directories {
        let absolute = options.paths.absolute(directory);
        let scope = IgnoreScope::of(&absolute);
        let mut above = absolute.ancestors().take(scope.depth(&absolute));
        match above.find_map(|above| unusable_ignore_file(above, options)) {
            None => searched.push(directory),
            Some((path, reason)) => unreadable.push(Unreadable {
                name: options.paths.display_any(&path),
                reason,
            }),
        }
    }
    let errors = Mutex::new(Vec::new());
    // Report a directory if it is named, or if files in it would be reported.
    let on_error = |path: Option<&Path>, is_named: bool, reason: String| {
        let is_missed = |path: &Path| (filter.report_unreadable)(&path.join("*"));
        if is_named || path.is_none_or(is_missed) {
            let name = path.map(|path| options.paths.display(path));
            let name = name.unwrap_or_default();
            let mut errors = errors.lock().expect(HELD);
            errors.push(Unreadable { name, reason });
        }
    };
    let on_file = |path: &Path| {
        if !(filter.exclude)(path) {
            check_file(path, false);
        } else if let Some(on_skipped) = filter.on_skipped {
            on_skipped(path, NotVisited::Excluded);
        }
    };
    let skipped = match options.no_ignore {
        true => {
            walk_everything(&searched, options.jobs, filter, &on_file, &on_error);
            Vec::new()
        }
        false => {
            let mut skipped = Vec::new();
            for scope in [IgnoreScope::Directory, IgnoreScope::Top, IgnoreScope::Below] {
                let in_scope = |directory: &&&PathBuf| {
                    IgnoreScope::of(&options.paths.absolute(directory)) == scope
                };
                let directories: Vec<_> = searched.iter().filter(in_scope).copied().collect();
                skipped.extend(walk(
                    &directories,
                    scope,
                    options,
                    filter,
                    &on_file,
                    &on_error,
                ));
            }
            skipped
        }
    };
    let missed = skipped
        .into_iter()
        .filter(|(path, _)| (filter.report_unreadable)(path));
    unreadable.extend(missed.map(|(path, reason)| Unreadable {
        name: options.paths.display(&path),
        reason,
    }));
    unreadable.append(&mut errors.into_inner().expect(HELD));
    let (found, mut not_read) = results.into_inner().expect(HELD);
    unreadable.append(&mut not_read);
    (found, unreadable)
}

/// The reason that locking can't fail, for `expect`.
const HELD: &str = "no thread panics while it holds the lock";

/// A file that can't be read, and why.
type ReadError = (PathBuf, String);

/// The callback for a path that can't be searched: the path, whether it was named, and the reason.
type OnError<'w> = dyn Fn(Option<&Path>, bool, String) + Sync + 'w;

/// Returns the number of threads for `jobs`, where 0 means one per CPU.
pub fn thread_count(jobs: usize) -> usize {
    match jobs {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        jobs => jobs,
    }
}

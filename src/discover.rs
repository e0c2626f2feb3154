//! Finds the files that may contain a policy, and passes each to a function, in parallel.

use std::ffi::OsStr;
use std::fs::{File, FileType};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use ignore::{WalkBuilder, WalkState};
use walkdir::WalkDir;

use crate::paths::Paths;
use crate::read::{io_message, read_if, read_named};
use crate::source::Source;
use crate::syntax;

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

/// Selects which files in a directory are visited.
pub struct Filter<'w> {
    /// Returns true for files and directories that are excluded.
    pub exclude: &'w (dyn Fn(&Path) -> bool + Sync),
    /// Returns true for files to visit, given their bytes, which are `None` for a file that is too large.
    pub accept: &'w (dyn Fn(&Path, Option<&[u8]>) -> bool + Sync),
    /// Returns true if failing to read this file is an error.
    pub report_unreadable: &'w (dyn Fn(&Path) -> bool + Sync),
}

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
        let mut above = absolute.ancestors();
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
        }
    };
    let skipped = match options.no_ignore {
        true => {
            walk_everything(&searched, options.jobs, filter, &on_file, &on_error);
            Vec::new()
        }
        false => walk(&searched, options, filter, &on_file, &on_error),
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

/// Searches directories in parallel and respects ignore files. Returns the directories that were skipped
/// because their ignore files can't be read.
fn walk(
    directories: &[&PathBuf],
    options: &Options,
    filter: &Filter<'_>,
    on_file: &(dyn Fn(&Path) + Sync),
    on_error: &OnError<'_>,
) -> Vec<ReadError> {
    let Some((first, more)) = directories.split_first() else {
        return Vec::new();
    };
    let mut builder = WalkBuilder::new(first);
    for directory in more {
        builder.add(directory);
    }
    let skipped = Arc::new(Mutex::new(Vec::new()));
    builder
        .hidden(false)
        .require_git(false)
        .git_global(false)
        .follow_links(false)
        .threads(options.jobs)
        .filter_entry({
            let (options, skipped) = (options.clone(), Arc::clone(&skipped));
            move |entry| {
                let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
                if !is_directory || entry.file_name() == ".git" {
                    return !is_directory;
                }
                let unusable = unusable_ignore_file(entry.path(), &options);
                let is_usable = unusable.is_none();
                skipped.lock().expect(HELD).extend(unusable);
                is_usable
            }
        });
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                    if entry.depth() > 0 && (filter.exclude)(entry.path()) {
                        return WalkState::Skip;
                    }
                }
                Ok(entry) if is_candidate(entry.file_type(), entry.file_name()) => {
                    on_file(entry.path());
                }
                Ok(_) => {}
                Err(error) => {
                    let (path, reason) = walk_error(&error);
                    on_error(path, error.depth() == Some(0), reason);
                }
            }
            WalkState::Continue
        })
    });
    let mut skipped = skipped.lock().expect(HELD);
    std::mem::take(&mut *skipped)
}

/// Searches directories without respecting ignore files. Only reading the files is parallel.
fn walk_everything(
    directories: &[&PathBuf],
    jobs: usize,
    filter: &Filter<'_>,
    on_file: &(dyn Fn(&Path) + Sync),
    on_error: &OnError<'_>,
) {
    let mut files = Vec::new();
    for directory in directories {
        let is_searched = |entry: &walkdir::DirEntry| {
            let is_directory = entry.file_type().is_dir();
            let is_excluded = || entry.depth() > 0 && (filter.exclude)(entry.path());
            !is_directory || entry.file_name() != ".git" && !is_excluded()
        };
        let entries = WalkDir::new(directory).into_iter();
        for entry in entries.filter_entry(is_searched) {
            match entry {
                Ok(entry) if is_candidate(Some(entry.file_type()), entry.file_name()) => {
                    files.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    let reason = match error.io_error() {
                        Some(error) => io_message(error),
                        None => error.to_string(),
                    };
                    on_error(error.path(), error.depth() == 0, reason);
                }
            }
        }
    }
    let threads = thread_count(jobs);
    thread::scope(|scope| {
        for files in files.chunks(files.len().div_ceil(threads).max(1)) {
            scope.spawn(move || files.iter().for_each(|path| on_file(path)));
        }
    });
}

/// Returns the number of threads for `jobs`, where 0 means one per CPU.
pub fn thread_count(jobs: usize) -> usize {
    match jobs {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        jobs => jobs,
    }
}

/// Returns an ignore file in a directory that can't be read as text, and why. Otherwise, the walk would
/// hang on a pipe, run out of memory on a device, and silently skip a file without read permission.
fn unusable_ignore_file(directory: &Path, options: &Options) -> Option<ReadError> {
    let names = [".gitignore", ".ignore", ".git/info/exclude"];
    names
        .iter()
        .filter(|_| !options.no_ignore)
        .find_map(|name| {
            let path = directory.join(name);
            let why = match path.metadata() {
                Err(_) => return None,
                // Containers hide an ignore file by mounting /dev/null over it, which reads as empty.
                Ok(metadata)
                    if !metadata.is_file()
                        && path
                            .canonicalize()
                            .is_ok_and(|path| path == Path::new("/dev/null")) =>
                {
                    return None;
                }
                // Git also ignores a directory with the name of an ignore file.
                Ok(metadata) if metadata.is_dir() => return None,
                Ok(metadata) if !metadata.is_file() => "not a regular file".to_owned(),
                Ok(metadata) if metadata.len() > Source::MAX_BYTES => {
                    "this file is too large".to_owned()
                }
                Ok(_) => io_message(&File::open(&path).err()?),
            };
            Some((path, format!("{why}; directory skipped")))
        })
}

/// Returns true for a regular file with the extension of a syntax. Links are not followed.
fn is_candidate(kind: Option<FileType>, name: &OsStr) -> bool {
    kind.is_some_and(|kind| kind.is_file()) && syntax::by_name(&name.to_string_lossy()).is_some()
}

/// Returns the path at which a walk failed, if it is known, and why.
fn walk_error(error: &ignore::Error) -> (Option<&Path>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path), walk_error(err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            walk_error(err)
        }
        ignore::Error::Io(error) => (None, io_message(error)),
        other => (None, other.to_string()),
    }
}

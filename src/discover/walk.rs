//! Walks directories, with or without respect for ignore files.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use ignore::{WalkBuilder, WalkState};
use walkdir::WalkDir;

use super::{Filter, HELD, NotVisited, OnError, OnSkipped, Options, ReadError, thread_count};
use crate::config::MAX_BRACES;
use crate::paths::repository_root;
use crate::read::{io_message, is_special};
use crate::source::Source;
use crate::syntax;

/// The ignore files that apply in a directory to search. As in git, those above the top of a repository don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IgnoreScope {
    /// Outside of a repository: those in the directory and below, although git would not read them.
    Directory,
    /// The top of a repository: those in the directory and below.
    Top,
    /// Below the top of a repository: those up to the top too.
    Below,
}

impl IgnoreScope {
    pub(super) fn of(directory: &Path) -> IgnoreScope {
        match repository_root(directory) {
            None => IgnoreScope::Directory,
            Some(root) if root == directory => IgnoreScope::Top,
            Some(_) => IgnoreScope::Below,
        }
    }

    /// The number of directories, from the one to search upward, whose ignore files apply.
    pub(super) fn depth(self, directory: &Path) -> usize {
        let root = repository_root(directory).filter(|_| self == IgnoreScope::Below);
        let below = root.and_then(|root| directory.strip_prefix(root).ok());
        1 + below.map_or(0, |below| below.components().count())
    }
}

/// Searches directories in parallel and respects ignore files. Returns the directories that were skipped
/// because their ignore files can't be read.
pub(super) fn walk(
    directories: &[&PathBuf],
    scope: IgnoreScope,
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
        .require_git(scope != IgnoreScope::Directory)
        .parents(scope == IgnoreScope::Below)
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
    let seen = Mutex::new(HashSet::new());
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            if let (Some(_), Ok(entry)) = (filter.on_skipped, &entry) {
                seen.lock().expect(HELD).insert(entry.path().to_owned());
            }
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                    if entry.depth() > 0 && (filter.exclude)(entry.path()) {
                        if let Some(on_skipped) = filter.on_skipped {
                            on_skipped(entry.path(), NotVisited::Excluded);
                        }
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
    if let Some(on_skipped) = filter.on_skipped {
        let unreadable = skipped.iter().map(|(path, _)| path.clone());
        let mut seen = seen.into_inner().expect(HELD);
        seen.extend(unreadable);
        report_skipped(directories, &seen, filter.exclude, on_skipped);
    }
    std::mem::take(&mut *skipped)
}

/// Reports the files and directories that a walk did not see, and the files whose extension is unknown.
fn report_skipped(
    directories: &[&PathBuf],
    seen: &HashSet<PathBuf>,
    exclude: &(dyn Fn(&Path) -> bool + Sync),
    on_skipped: &OnSkipped<'_>,
) {
    for directory in directories {
        let mut entries = WalkDir::new(directory).min_depth(1).into_iter();
        while let Some(entry) = entries.next() {
            let Ok(entry) = entry else { continue };
            let is_directory = entry.file_type().is_dir();
            let is_seen = seen.contains(entry.path());
            if is_directory && (entry.file_name() == ".git" || !is_seen || exclude(entry.path())) {
                entries.skip_current_dir();
            }
            if entry.file_name() == ".git" {
                continue;
            }
            if !is_seen {
                on_skipped(entry.path(), NotVisited::Ignored);
            } else if !is_candidate(Some(entry.file_type()), entry.file_name()) {
                report_other(entry.path(), entry.file_type(), on_skipped);
            }
        }
    }
}

/// Reports a file that is not a candidate.
fn report_other(path: &Path, kind: FileType, on_skipped: &OnSkipped<'_>) {
    if kind.is_symlink() {
        on_skipped(path, NotVisited::Link);
    } else if kind.is_file() {
        on_skipped(path, NotVisited::Extension);
    }
}

/// Searches directories without respecting ignore files. Only reading the files is parallel.
pub(super) fn walk_everything(
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
            let is_excluded = || {
                let is_excluded = entry.depth() > 0 && (filter.exclude)(entry.path());
                if let Some(on_skipped) = filter.on_skipped.filter(|_| is_excluded) {
                    on_skipped(entry.path(), NotVisited::Excluded);
                }
                is_excluded
            };
            !is_directory || entry.file_name() != ".git" && !is_excluded()
        };
        let entries = WalkDir::new(directory).into_iter();
        for entry in entries.filter_entry(is_searched) {
            match entry {
                Ok(entry) if is_candidate(Some(entry.file_type()), entry.file_name()) => {
                    files.push(entry.into_path());
                }
                Ok(entry) => {
                    if let Some(on_skipped) = filter.on_skipped {
                        report_other(entry.path(), entry.file_type(), on_skipped);
                    }
                }
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

/// Returns an ignore file in a directory that can't be read as text, and why. Otherwise, the walk would
/// hang on a pipe, run out of memory on a device, and silently skip a file without read permission.
pub(super) fn unusable_ignore_file(directory: &Path, options: &Options) -> Option<ReadError> {
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
                Ok(_) if is_special(&path) => "not a regular file".to_owned(),
                Ok(metadata) if metadata.len() > Source::MAX_BYTES => {
                    "this file is too large".to_owned()
                }
                Ok(_) => match std::fs::read(&path) {
                    Ok(text) if is_too_deep(&text) => "a pattern contains too many {".to_owned(),
                    Ok(_) => return None,
                    Err(error) => io_message(&error),
                },
            };
            Some((path, format!("{why}; directory skipped")))
        })
}

/// Returns true if a pattern has more braces than the library that reads it can take.
fn is_too_deep(patterns: &[u8]) -> bool {
    let mut lines = patterns.split(|byte| *byte == b'\n');
    lines.any(|line| {
        let braces = line.iter().filter(|byte| **byte == b'{');
        !line.starts_with(b"#") && braces.count() > MAX_BRACES
    })
}

/// Returns true for a regular file with the extension of a syntax. Links are not followed.
fn is_candidate(kind: Option<FileType>, name: &OsStr) -> bool {
    let is_read = || match name.to_str() {
        // Nearly all names; it is faster than to look for what must be replaced.
        Some(name) => syntax::is_read(name),
        None => syntax::is_read(&name.to_string_lossy()),
    };
    kind.is_some_and(|kind| kind.is_file()) && is_read()
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

//! Finds the files that may hold a policy, and hands each to a function, in parallel.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::{WalkBuilder, WalkState};

use crate::source::Source;
use crate::syntax;

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What to leave out of folders.
    pub exclude: GlobSet,
    /// Whether to look also into what `.gitignore` and `.ignore` leave out.
    pub no_ignore: bool,
    /// How many threads to use; 0 for as many as there are processors.
    pub jobs: usize,
    /// The working directory, from which names are counted; none if it cannot be told.
    pub working_directory: Option<PathBuf>,
}

/// A file, with its bytes.
pub struct Candidate {
    /// Its name for reports: from the working directory, with `/`.
    pub name: String,
    /// Whether it was named by the user, rather than found in a folder.
    pub named: bool,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A path that could not be read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its name for reports.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Compiles globs. `*` stays in one folder, as in `.gitignore`.
pub fn globs<'g>(patterns: impl Iterator<Item = &'g str>) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.trim_end_matches('/');
        set.add(
            globset::GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()?,
        );
        // A name without a folder fits anywhere, as in `.gitignore`.
        if !pattern.contains('/') {
            set.add(Glob::new(&format!("**/{pattern}"))?);
        }
    }
    set.build()
}

/// Hands every candidate under `paths` to `visit`, which may run on several threads, and gathers
/// what it returns, in no order. Folders are walked; files that are named are always candidates.
pub fn visit<T: Send>(
    paths: &[PathBuf],
    options: &Options,
    visit: impl Fn(Candidate) -> Option<T> + Sync,
) -> (Vec<T>, Vec<Unreadable>) {
    let results = Mutex::new((Vec::new(), Vec::new()));
    let keep = |found: Result<Option<T>, Unreadable>| {
        let mut results = results
            .lock()
            .expect("no thread panics while it holds the lock");
        match found {
            Ok(Some(result)) => results.0.push(result),
            Ok(None) => {}
            Err(unreadable) => results.1.push(unreadable),
        }
    };
    let (folders, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    for path in files {
        let name = options.name(path);
        keep(
            read(path)
                .map(|bytes| {
                    visit(Candidate {
                        name: name.clone(),
                        named: true,
                        bytes,
                    })
                })
                .map_err(|reason| Unreadable { name, reason }),
        );
    }
    if let Some(walk) = walk(&folders, options) {
        walk.run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) if is_candidate(&entry) => {
                        let name = options.name(entry.path());
                        match read(entry.path()) {
                            Ok(bytes) => keep(Ok(visit(Candidate {
                                name,
                                named: false,
                                bytes,
                            }))),
                            Err(reason) => keep(Err(Unreadable { name, reason })),
                        }
                    }
                    Ok(_) => {}
                    Err(error) => keep(Err(walk_error(&error, options))),
                }
                WalkState::Continue
            })
        });
    }
    results
        .into_inner()
        .expect("no thread panics while it holds the lock")
}

fn walk(folders: &[&PathBuf], options: &Options) -> Option<ignore::WalkParallel> {
    let (first, more) = folders.split_first()?;
    let mut builder = WalkBuilder::new(first);
    for folder in more {
        builder.add(folder);
    }
    let exclude = options.exclude.clone();
    let names = options.clone();
    builder
        .hidden(false)
        .require_git(false)
        .git_global(false)
        .ignore(!options.no_ignore)
        .git_ignore(!options.no_ignore)
        .git_exclude(!options.no_ignore)
        .parents(!options.no_ignore)
        .follow_links(false)
        .threads(options.jobs)
        .filter_entry(move |entry| {
            entry.file_name() != ".git"
                && (exclude.is_empty() || !exclude.is_match(names.name(entry.path())))
        });
    Some(builder.build_parallel())
}

/// A regular file with the extension of a syntax. Links are not followed.
fn is_candidate(entry: &ignore::DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
        && entry
            .file_name()
            .to_str()
            .is_some_and(|name| syntax::by_name(name).is_some())
}

/// The bytes of a file. One that is too large to be a policy has none: it is passed over.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let reason = |error: io::Error| reason(&error);
    let file = File::open(path).map_err(reason)?;
    let metadata = file.metadata().map_err(reason)?;
    if metadata.len() > Source::MAX_BYTES {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(Source::MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(reason)?;
    Ok(bytes)
}

/// An error of the system in words, without its number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}

fn walk_error(error: &ignore::Error, options: &Options) -> Unreadable {
    let mut name = String::new();
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path, err } => {
                name = options.name(path);
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                inner = err;
            }
            ignore::Error::Io(error) => {
                return Unreadable {
                    name,
                    reason: reason(error),
                };
            }
            other => {
                return Unreadable {
                    name,
                    reason: other.to_string(),
                };
            }
        }
    }
}

impl Options {
    /// A path as reports print it: from the working directory, where it lies below, with `/`.
    pub fn name(&self, path: &Path) -> String {
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

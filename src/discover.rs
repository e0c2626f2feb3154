//! Finds the files that may hold a policy, and hands each to a function, in parallel.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use memchr::memmem;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::{WalkBuilder, WalkState};

use crate::source::Source;
use crate::syntax;

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct Options {
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
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was named by the user, rather than found in a folder.
    pub named: bool,
    /// What is in it; none if that is too much for a policy.
    pub bytes: Option<Vec<u8>>,
}

/// A path that could not be read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its name for reports.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Compiles globs that count from one folder. `*` stays in its folder, and so does a name alone.
pub fn rooted_globs<'g>(
    patterns: impl Iterator<Item = &'g str>,
) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        set.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
    }
    set.build()
}

/// The same, but a name without a folder fits anywhere, as in `.gitignore`: what one expects on the
/// command line.
pub fn globs<'g>(patterns: impl Iterator<Item = &'g str>) -> Result<GlobSet, globset::Error> {
    let patterns = patterns.map(|pattern| match pattern.trim_end_matches('/') {
        name if !name.contains('/') => format!("**/{name}"),
        _ => pattern.to_owned(),
    });
    let patterns: Vec<_> = patterns.collect();
    rooted_globs(patterns.iter().map(String::as_str))
}

/// Which of the files in a folder are handed on.
pub struct Wanted<'w> {
    /// Files and folders that are not looked at.
    pub leave_out: &'w (dyn Fn(&Path) -> bool + Sync),
    /// Files worth a look, by their bytes; none if they are too many.
    pub is_worth: &'w (dyn Fn(&Path, Option<&[u8]>) -> bool + Sync),
    /// Files that would have been looked at, if they could be read.
    pub is_missed: &'w (dyn Fn(&Path) -> bool + Sync),
}

/// Hands every candidate under `paths` to `visit`, which may run on several threads, and gathers
/// what it returns, in no order. Of folders those files are candidates that are `wanted`; files that
/// are named are always.
pub fn visit<T: Send>(
    paths: &[PathBuf],
    options: &Options,
    wanted: &Wanted<'_>,
    visit: impl Fn(Candidate) -> Option<T> + Sync,
) -> (Vec<T>, Vec<Unreadable>) {
    let results = Mutex::new((Vec::new(), Vec::new()));
    let look_at = |path: &Path, named: bool| {
        let bytes = if named {
            read_named(path)
        } else {
            match read_if(path, |bytes| (wanted.is_worth)(path, bytes)) {
                Ok(None) => return,
                Ok(Some(bytes)) => Ok(bytes),
                Err(_) if !(wanted.is_missed)(path) => return,
                Err(reason) => Err(reason),
            }
        };
        let name = options.name(path);
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
        let mut results = results
            .lock()
            .expect("no thread panics while it holds the lock");
        match found {
            Ok(result) => results.0.push(result),
            Err(unreadable) => results.1.push(unreadable),
        }
    };
    let (folders, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    for path in files {
        look_at(path, true);
    }
    let mut unreadable = Vec::new();
    let mut walked = Vec::new();
    for folder in folders {
        let absolute = options.absolute(folder);
        let mut above = absolute.ancestors();
        match above.find_map(|above| fault_of_ignoring(above, options)) {
            None => walked.push(folder),
            Some((path, reason)) => unreadable.push(Unreadable {
                name: options.name_above(&path),
                reason,
            }),
        }
    }
    let errors = Mutex::new(Vec::new());
    let faults = Arc::default();
    if let Some(walk) = walk(&walked, options, &faults) {
        walk.run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                        if entry.depth() > 0 && (wanted.leave_out)(entry.path()) {
                            return WalkState::Skip;
                        }
                    }
                    Ok(entry) if is_candidate(&entry) => {
                        if !(wanted.leave_out)(entry.path()) {
                            look_at(entry.path(), false);
                        }
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let (path, reason) = walk_error(&error);
                        // Whether a folder is missed tells any file in it. One that was named always is.
                        let is_named = error.depth() == Some(0);
                        let is_missed = |path: &Path| (wanted.is_missed)(&path.join("*"));
                        if is_named || path.is_none_or(is_missed) {
                            let name = path.map(|path| options.name(path)).unwrap_or_default();
                            errors
                                .lock()
                                .expect("no thread panics while it holds the lock")
                                .push(Unreadable { name, reason });
                        }
                    }
                }
                WalkState::Continue
            })
        });
    }
    let held = "no thread panics while it holds the lock";
    let faults = std::mem::take(&mut *faults.lock().expect(held));
    let missed = faults
        .into_iter()
        .filter(|(path, _)| (wanted.is_missed)(path));
    unreadable.extend(missed.map(|(path, reason)| Unreadable {
        name: options.name(&path),
        reason,
    }));
    unreadable.append(&mut errors.into_inner().expect(held));
    let (found, mut not_read) = results.into_inner().expect(held);
    unreadable.append(&mut not_read);
    (found, unreadable)
}

/// What cannot be read, and why.
type Fault = (PathBuf, String);

/// `faults` gets the folders that are not looked at.
fn walk(
    folders: &[&PathBuf],
    options: &Options,
    faults: &Arc<Mutex<Vec<Fault>>>,
) -> Option<ignore::WalkParallel> {
    let (first, more) = folders.split_first()?;
    let mut builder = WalkBuilder::new(first);
    for folder in more {
        builder.add(folder);
    }
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
        .filter_entry({
            let (options, faults) = (options.clone(), Arc::clone(faults));
            move |entry| {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                if !is_folder || entry.file_name() == ".git" {
                    return !is_folder;
                }
                let fault = fault_of_ignoring(entry.path(), &options);
                let is_fine = fault.is_none();
                if let Some(fault) = fault {
                    faults
                        .lock()
                        .expect("no thread panics while it holds the lock")
                        .push(fault);
                }
                is_fine
            }
        });
    Some(builder.build_parallel())
}

/// A file that says what of a folder is ignored, and cannot be read as a text. The walk would wait for
/// a pipe without end, take all memory for a device, and say nothing of one without permission.
fn fault_of_ignoring(folder: &Path, options: &Options) -> Option<Fault> {
    let names = [".gitignore", ".ignore", ".git/info/exclude"];
    names
        .iter()
        .filter(|_| !options.no_ignore)
        .find_map(|name| {
            let path = folder.join(name);
            let why = match path.metadata() {
                Err(_) => return None,
                // How one is masked in a container: it is empty.
                Ok(metadata)
                    if !metadata.is_file()
                        && path
                            .canonicalize()
                            .is_ok_and(|path| path == Path::new("/dev/null")) =>
                {
                    return None;
                }
                // Git looks into none either.
                Ok(metadata) if metadata.is_dir() => return None,
                Ok(metadata) if !metadata.is_file() => "this is no regular file".to_owned(),
                Ok(metadata) if metadata.len() > Source::MAX_BYTES => {
                    "this file is too large".to_owned()
                }
                Ok(_) => reason(&File::open(&path).err()?),
            };
            Some((path, format!("{why}; its folder was not looked at")))
        })
}

/// A regular file with the extension of a syntax. Links are not followed.
fn is_candidate(entry: &ignore::DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
        && syntax::by_name(&entry.file_name().to_string_lossy()).is_some()
}

/// The bytes of a file that the user named; none if they are too many for a policy. A pipe that
/// nobody writes to would be waited for without end, so only those of the shell are read, which
/// `<(command)` makes.
pub fn read_named(path: &Path) -> Result<Option<Vec<u8>>, String> {
    if is_lone_pipe(path) {
        return Err("this is a named pipe; give <(cat NAME) to read from it".to_owned());
    }
    read(path)
}

/// Whether a path is a named pipe that the shell did not make.
pub(crate) fn is_lone_pipe(path: &Path) -> bool {
    is_pipe(path) && !path.starts_with("/dev") && !path.starts_with("/proc")
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let bytes = read_if(path, |_| true)?;
    Ok(bytes.flatten())
}

thread_local! {
    /// Most files are small, and of no interest: they are read here, and only those of interest are
    /// copied.
    static READ: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The bytes of a file if they are of interest, of which none is handed on where they are too many
/// for a policy.
#[allow(clippy::option_option)]
fn read_if(
    path: &Path,
    is_wanted: impl FnOnce(Option<&[u8]>) -> bool,
) -> Result<Option<Option<Vec<u8>>>, String> {
    // To tell whether they are of interest may need a configuration, which is read too.
    let mut buffer = READ.take();
    let found = read_into(&mut buffer, path, is_wanted);
    READ.set(buffer);
    found.map_err(|error| reason(&error))
}

#[allow(clippy::option_option)]
fn read_into(
    buffer: &mut Vec<u8>,
    path: &Path,
    is_wanted: impl FnOnce(Option<&[u8]>) -> bool,
) -> io::Result<Option<Option<Vec<u8>>>> {
    const SMALL: usize = 64 * 1024;
    let mut file = File::open(path)?;
    buffer.resize(SMALL, 0);
    let mut length = 0;
    while length < SMALL {
        match file.read(&mut buffer[length..]) {
            Ok(0) => {
                let bytes = &buffer[..length];
                return Ok(is_wanted(Some(bytes)).then(|| Some(bytes.to_vec())));
            }
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let bytes = read_large(file, buffer)?;
    Ok(is_wanted(bytes.as_deref()).then_some(bytes))
}

/// The bytes of a file of which the first were read; none if they are too many.
fn read_large(file: File, start: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let length = file.metadata()?.len();
    if length > Source::MAX_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    bytes.extend_from_slice(start);
    // It may grow while it is read, and a pipe does not tell its length.
    file.take(Source::MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= Source::MAX_BYTES))
}

/// The way from a folder to a path, upwards too. None where they have nothing but the root in common:
/// such a way is true on one machine only, and longer than the path.
pub fn way(from: &Path, to: &Path) -> Option<PathBuf> {
    let above = from.ancestors().filter(|above| above.parent().is_some());
    let (up, below) = above
        .enumerate()
        .find_map(|(up, above)| Some((up, to.strip_prefix(above).ok()?)))?;
    let up = std::iter::repeat_n(Component::ParentDir, up);
    Some(up.collect::<PathBuf>().join(below))
}

/// The folder at the top of the git repository around a folder.
pub fn repository_top(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
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

/// Where a walk could not go on, if it tells, and why.
fn walk_error(error: &ignore::Error) -> (Option<&Path>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path), walk_error(err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            walk_error(err)
        }
        ignore::Error::Io(error) => (None, reason(error)),
        other => (None, other.to_string()),
    }
}

impl Options {
    /// A path from the root, without resolving links: what configurations are looked up by.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        // `..` behind a link is another folder than it looks: there the system must tell.
        let goes_up = path.components().any(|part| part == Component::ParentDir);
        if goes_up
            && let (Some(folder), Some(name)) = (path.parent(), path.file_name())
            && let Ok(folder) = folder.canonicalize()
        {
            return folder.join(name);
        }
        let from = self.working_directory.as_deref().unwrap_or(Path::new(""));
        let path = from.join(path.strip_prefix(".").unwrap_or(path));
        let text = path.as_os_str().as_encoded_bytes();
        let is_plain = memmem::find(text, b"//").is_none() && memmem::find(text, b"/.").is_none();
        match is_plain {
            true => path,
            false => path.components().collect(),
        }
    }

    /// A path as reports print it, where it may lie beside or above the working directory.
    pub fn name_above(&self, path: &Path) -> String {
        let directory = self.working_directory.as_deref();
        let way = directory.and_then(|directory| way(directory, path));
        self.name(way.as_deref().unwrap_or(path))
    }

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

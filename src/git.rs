//! Changed files, as reported by the installed `git`.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::report::escape_control;
use crate::source::Source;

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The path of the file.
    pub path: PathBuf,
    /// The object ID of the staged version; `None` if the working tree is checked.
    pub object: Option<String>,
}

/// Returns the files whose staged version differs from the last commit, except for deleted files, links, and
/// submodules.
pub fn staged(directory: &Path) -> Result<Vec<Changed>, String> {
    let top = top(directory)?;
    let raw = output(
        git(directory)
            .args(DIFF)
            .args(["--cached", "--raw", "-z", "--no-abbrev"])
            .args(["--no-renames", "--diff-filter=d"]),
    )?;
    let mut changed = Vec::new();
    let mut fields = raw.split(|byte| *byte == 0);
    // `:old-mode new-mode old-object new-object status`, then the path.
    while let (Some(about), Some(path)) = (fields.next(), fields.next()) {
        let about = String::from_utf8_lossy(about);
        let words: Vec<_> = about.split(' ').collect();
        let [_, mode, _, object, ..] = words[..] else {
            continue;
        };
        if mode.starts_with("100") {
            changed.push(Changed {
                path: top.join(to_path(path)),
                object: Some(object.to_owned()),
            });
        }
    }
    Ok(changed)
}

/// The content of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Bytes(Vec<u8>),
    /// It is larger than any policy, and was not kept.
    TooLarge,
    /// It is missing from a partial clone.
    Missing,
}

/// Two versions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The path in the revision, and the object ID of the content; `None` for a new file.
    pub old: Option<(PathBuf, String)>,
    /// The path now, and the object ID of the content if that is staged; `None` for a deleted file.
    pub new: Option<(PathBuf, Option<String>)>,
    /// True if it is a symbolic link now, which is not followed.
    pub is_link_now: bool,
}

/// Returns the files that differ between a revision and the working tree, with untracked files; or what is staged, if
/// `is_staged` is true. A renamed file is one change. Links and submodules are left out. Fails if what is
/// staged was not merged yet.
pub fn changes(
    directory: &Path,
    revision: &str,
    is_staged: bool,
) -> Result<Vec<FileChange>, String> {
    let top = top(directory)?;
    let commit = commit(directory, revision)?;
    let raw = output(
        diff_without_filters(&top)?
            .args(is_staged.then_some("--cached"))
            .args(["--raw", "-z", "--no-abbrev", "--find-renames"])
            .args(["--ignore-submodules=all", &commit, "--"]),
    )?;
    let is_file = |mode: &str| mode.trim_start_matches(':').starts_with("100");
    let mut changes = Vec::new();
    let mut fields = raw.split(|byte| *byte == 0);
    // `:old-mode new-mode old-object new-object status`, then the path, and for a renamed file the new one.
    while let (Some(about), Some(path)) = (fields.next(), fields.next()) {
        let about = String::from_utf8_lossy(about);
        let [old_mode, new_mode, object, staged, status] = about.split(' ').collect::<Vec<_>>()[..]
        else {
            continue;
        };
        let old = top.join(to_path(path));
        if status.starts_with('U') {
            let name = escape_control(&old.to_string_lossy()).into_owned();
            return Err(format!("{name}: not merged; resolve the conflict first"));
        }
        let new = match status.starts_with(['R', 'C']) {
            true => fields.next().map(|path| top.join(to_path(path))),
            false => Some(old.clone()),
        };
        changes.push(FileChange {
            old: is_file(old_mode).then(|| (old, object.to_owned())),
            new: new
                .filter(|_| is_file(new_mode))
                .map(|path| (path, is_staged.then(|| staged.to_owned()))),
            is_link_now: new_mode.starts_with("120"),
        });
    }
    if is_staged {
        return Ok(changes);
    }
    let new = files(&top, &untracked(&top)?);
    changes.extend(new.into_iter().map(|path| FileChange {
        old: None,
        new: Some((path, None)),
        is_link_now: false,
    }));
    Ok(changes)
}

/// Returns the names of the untracked files, each with a zero byte at its end.
fn untracked(top: &Path) -> Result<Vec<u8>, String> {
    run(top, &["ls-files", "--others", "--exclude-standard", "-z"])
}

/// Returns the paths of names with a zero byte at their ends, if they are files of the working tree.
fn files(top: &Path, names: &[u8]) -> Vec<PathBuf> {
    let names = names.split(|byte| *byte == 0);
    let paths = names
        .filter(|name| !name.is_empty())
        .map(|name| top.join(to_path(name)));
    let is_file = |path: &PathBuf| path.symlink_metadata().is_ok_and(|it| it.is_file());
    paths.filter(is_file).collect()
}

/// Returns the ID of a revision's commit.
fn commit(directory: &Path, revision: &str) -> Result<String, String> {
    // The suffix keeps git from parsing a revision that looks like an option as one.
    let name = format!("{revision}^{{commit}}");
    let commit = run(
        directory,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &name,
        ],
    )
    .map_err(|_| format!("unknown git revision: {}", escape_control(revision)))?;
    Ok(String::from_utf8_lossy(&commit).trim().to_owned())
}

/// Creates a diff that does not run the repository's filters, which are arbitrary programs, on changed files.
fn diff_without_filters(top: &Path) -> Result<Command, String> {
    let mut diff = git(top);
    for setting in filters(top)? {
        diff.args(["-c", &format!("{setting}=")]);
    }
    diff.args(DIFF);
    Ok(diff)
}

/// Returns the files of the working tree that differ from a revision, and untracked files.
pub fn since(directory: &Path, revision: &str) -> Result<Vec<Changed>, String> {
    let top = top(directory)?;
    let commit = commit(directory, revision)?;
    let changed = output(
        diff_without_filters(&top)?
            .args(["--name-only", "-z", "--no-renames", "--diff-filter=d"])
            .args(["--ignore-submodules=all", &commit, "--"]),
    )?;
    let mut paths = files(&top, &changed);
    paths.extend(files(&top, &untracked(&top)?));
    let changed = paths.into_iter().map(|path| Changed { path, object: None });
    Ok(changed.collect())
}

/// Returns the contents of objects, in the given order.
pub fn contents(directory: &Path, objects: &[String]) -> Result<Vec<Content>, String> {
    let mut child = git(directory)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| no_git(&error))?;
    let failed = || "git cat-file ended early".to_owned();
    let mut input = child.stdin.take().ok_or_else(failed)?;
    let names: String = objects.iter().map(|object| format!("{object}\n")).collect();
    // Write and read concurrently, because both processes would deadlock once the pipes are full.
    let writer = std::thread::spawn(move || input.write_all(names.as_bytes()));
    let mut output = BufReader::new(child.stdout.take().ok_or_else(failed)?);
    let contents = objects.iter().map(|_| content(&mut output));
    let contents: io::Result<Vec<_>> = contents.collect();
    // If reading ended early, git must not wait for it.
    drop(output);
    let _ = writer.join();
    let _ = child.wait();
    contents.map_err(|_| failed())
}

/// Reads the next content: `object type size`, a line break, the content, a line break.
fn content(output: &mut impl BufRead) -> io::Result<Content> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    let line = line.trim_end_matches('\n');
    if line.ends_with(" missing") {
        return Ok(Content::Missing);
    }
    let size = line.rsplit(' ').next();
    let size = size.and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or(io::ErrorKind::InvalidData)?;
    let mut bytes = Vec::new();
    let is_kept = size <= Source::MAX_BYTES;
    let read = match is_kept {
        true => output.take(size).read_to_end(&mut bytes)? as u64,
        false => io::copy(&mut output.take(size), &mut io::sink())?,
    };
    output.read_exact(&mut [0])?;
    match (is_kept, read == size) {
        (_, false) => Err(io::ErrorKind::UnexpectedEof.into()),
        (true, true) => Ok(Content::Bytes(bytes)),
        (false, true) => Ok(Content::TooLarge),
    }
}

/// Returns the top directory of the repository around `directory`; fails outside a repository or without git.
pub fn top(directory: &Path) -> Result<PathBuf, String> {
    let output = run(directory, &["rev-parse", "--show-toplevel"])?;
    let end = output.len() - usize::from(output.ends_with(b"\n"));
    Ok(to_path(&output[..end]))
}

/// Arguments for a diff that doesn't run programs named in the repository's configuration.
const DIFF: [&str; 3] = ["diff", "--no-ext-diff", "--no-textconv"];

/// Creates a git command that neither runs programs named in the repository's configuration nor uses the
/// network. In a partial clone, git would otherwise fetch missing objects.
fn git(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false"])
        // A refreshed index would be written, and run the hook `post-index-change`.
        .args([
            "-c",
            "diff.autoRefreshIndex=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        // In a subdirectory, `diff.relative` would make git omit files outside it.
        .args(["-c", "diff.relative=false"])
        .env("GIT_NO_LAZY_FETCH", "1")
        // Git before 2.44 ignores GIT_NO_LAZY_FETCH. Allow only a nonexistent protocol to prevent fetching.
        .env("GIT_ALLOW_PROTOCOL", "none")
        .current_dir(directory);
    command
}

/// Returns the names of all filter settings, such as `filter.lfs.clean`.
fn filters(directory: &Path) -> Result<Vec<String>, String> {
    let names = git(directory)
        .args(["config", "--null", "--name-only", "--get-regexp"])
        .arg(r"^filter\.")
        .output()
        .map_err(|error| no_git(&error))?;
    let names = names.stdout.split(|byte| *byte == 0);
    let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    // `git -c` can't override a setting with such a name.
    match names.iter().find(|name| name.contains(['=', '\u{fffd}'])) {
        Some(name) => Err(format!(
            "git: the setting {} cannot be turned off",
            escape_control(name)
        )),
        None => Ok(names),
    }
}

fn run(directory: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    output(git(directory).args(arguments))
}

/// Runs a git command and returns its standard output.
fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| no_git(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let error = String::from_utf8_lossy(&output.stderr);
    let line = error.lines().next().unwrap_or("git failed");
    let line = line
        .trim_start_matches("fatal: ")
        .trim_start_matches("error: ");
    if line.starts_with("not a git repository") {
        return Err("not a git repository".to_owned());
    }
    // A partial clone may also lack the trees of older commits.
    let hint = match line.starts_with("bad tree object") {
        true => "; in a partial clone, fetch it first",
        false => "",
    };
    Err(format!("git: {line}{hint}"))
}

fn no_git(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "git is not installed".to_owned(),
        _ => format!("git cannot be run: {error}"),
    }
}

#[cfg(unix)]
fn to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

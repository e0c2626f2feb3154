//! What changed, as the installed `git` tells it.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::report::escape_control;

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its path.
    pub path: PathBuf,
    /// The staged object; `None` unless the staged version is checked.
    pub object: Option<String>,
}

/// The files whose staged text differs from the last commit. Deleted ones are left out, and so are
/// links and submodules.
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

/// The files of the working tree that differ from a revision, and those that git does not know yet.
pub fn since(directory: &Path, revision: &str) -> Result<Vec<Changed>, String> {
    let top = top(directory)?;
    // So that a name that looks like an option is none.
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
    .map_err(|_| format!("unknown git revision: {revision}"))?;
    let commit = String::from_utf8_lossy(&commit);
    let mut diff = git(&top);
    // A file that may have changed is read through the filters of its attributes, which are programs.
    for setting in filters(&top)? {
        diff.args(["-c", &format!("{setting}=")]);
    }
    let changed = output(
        diff.args(DIFF)
            .args(["--name-only", "-z", "--no-renames", "--diff-filter=d"])
            .args(["--ignore-submodules=all", commit.trim(), "--"]),
    )?;
    let new = run(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
    let names = changed
        .split(|byte| *byte == 0)
        .chain(new.split(|byte| *byte == 0));
    let names = names.filter(|name| !name.is_empty());
    let files = names.map(|name| Changed {
        path: top.join(to_path(name)),
        object: None,
    });
    let is_file = |changed: &Changed| {
        let metadata = changed.path.symlink_metadata();
        metadata.is_ok_and(|metadata| metadata.is_file())
    };
    Ok(files.filter(is_file).collect())
}

/// The contents of objects, in their order; none of those that this clone does not have.
pub fn contents(directory: &Path, objects: &[String]) -> Result<Vec<Option<Vec<u8>>>, String> {
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
    // Write and read at the same time: if one waited for the other, both would wait forever.
    let writer = std::thread::spawn(move || input.write_all(names.as_bytes()));
    let mut output = Vec::new();
    let mut stdout = child.stdout.take().ok_or_else(failed)?;
    stdout.read_to_end(&mut output).map_err(|_| failed())?;
    let _ = writer.join();
    let _ = child.wait();
    let mut rest = &output[..];
    let mut contents = Vec::new();
    for _ in objects {
        // `object type size`, a line break, the content, a line break.
        let line_end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(failed)?;
        let line = String::from_utf8_lossy(&rest[..line_end]);
        if line.ends_with(" missing") {
            contents.push(None);
            rest = &rest[line_end + 1..];
            continue;
        }
        let size = line
            .rsplit(' ')
            .next()
            .and_then(|size| size.parse::<usize>().ok());
        let start = line_end + 1;
        let end = start + size.ok_or_else(failed)?;
        contents.push(Some(rest.get(start..end).ok_or_else(failed)?.to_vec()));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(contents)
}

/// The directory at the top of the repository around `directory`, if there is one and git is installed.
pub fn top(directory: &Path) -> Result<PathBuf, String> {
    let output = run(directory, &["rev-parse", "--show-toplevel"])?;
    let end = output.len() - usize::from(output.ends_with(b"\n"));
    Ok(to_path(&output[..end]))
}

/// What compares without the programs that a repository's configuration names.
const DIFF: [&str; 3] = ["diff", "--no-ext-diff", "--no-textconv"];

/// Git with nothing of a repository's own configuration that would run a program, and without the
/// network: in a partial clone git would fetch what it lacks.
fn git(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false"])
        // Run in a subdirectory, git would omit files outside of it.
        .args(["-c", "diff.relative=false"])
        .env("GIT_NO_LAZY_FETCH", "1")
        // git before 2.44 ignores GIT_NO_LAZY_FETCH; this protocol does not exist, so that it cannot fetch.
        .env("GIT_ALLOW_PROTOCOL", "none")
        .current_dir(directory);
    command
}

/// The settings of all filters, such as `filter.lfs.clean`.
fn filters(directory: &Path) -> Result<Vec<String>, String> {
    let names = git(directory)
        .args(["config", "--null", "--name-only", "--get-regexp"])
        .arg(r"^filter\.")
        .output()
        .map_err(|error| no_git(&error))?;
    let names = names.stdout.split(|byte| *byte == 0);
    let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    // Such a one cannot be named on git's command line, and so not be turned off.
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

/// What git prints.
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
    // Of a clone without the trees of its past, too.
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

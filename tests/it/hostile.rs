//! File systems and processes at their worst: whatever stands in a folder, each policy in it is
//! checked, what cannot be read is named, and the run ends.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const OPEN: &str =
    r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60 }]"#;

fn corslint(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corslint"));
    command.arg("check").current_dir(folder);
    command
}

/// Names with everything that a name can hold, the last two of them printed alike.
const NAMES: [&[u8]; 5] = [
    b"esc\x1b[31m.json",
    b"new\nline.json",
    b"sp ace.json",
    b"bad\xfe.json",
    b"bad\xff.json",
];

/// A folder with policies of all names among things that are no files. None where the file system
/// takes no such names, which is said.
fn folder() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in NAMES {
        if let Err(error) = fs::write(path.join(OsStr::from_bytes(name)), OPEN) {
            eprintln!("skipped: names of all kinds: {error}");
            return None;
        }
    }
    symlink(".", path.join("loop")).unwrap();
    symlink("nowhere", path.join("dangling.json")).unwrap();
    symlink("/", path.join("outside")).unwrap();
    UnixListener::bind(path.join("socket.json")).unwrap();
    let sparse = File::create(path.join("sparse.json")).unwrap();
    sparse.set_len(3 << 30).unwrap();
    make_pipe(&path.join("pipe.json"));
    Some(folder)
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_quiet(output: &Output) -> bool {
    !output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b)
}

#[test]
fn a_folder_of_everything_is_walked_to_its_end() {
    let Some(folder) = folder() else { return };
    for format in [
        "full", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson",
    ] {
        let output = corslint(folder.path())
            .args(["--format", format])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert_eq!(
            text(&output.stderr),
            "5 warnings in 5 policies\n",
            "{format}"
        );
        assert!(is_quiet(&output), "{format}");
    }
    let output = corslint(folder.path())
        .args(["--format", "concise"])
        .output()
        .unwrap();
    let found = text(&output.stdout);
    assert_eq!(found.lines().count(), NAMES.len(), "{found}");
    assert!(found.contains(r"esc\u{1b}[31m.json:1:23"), "{found}");
    assert!(found.contains(r"new\u{a}line.json:1:23"), "{found}");
    assert_eq!(found.matches("bad\u{fffd}.json:1:23").count(), 2, "{found}");
}

#[test]
fn what_is_named_and_no_file_has_its_error() {
    let Some(folder) = folder() else { return };
    let cases = [
        (
            "pipe.json",
            "error: pipe.json: this is a pipe; give - to read from standard input\n",
        ),
        (
            "dangling.json",
            "error: dangling.json: no such file or folder\n",
        ),
        // What it is called here is the system's own.
        ("socket.json", "error: socket.json: "),
    ];
    for (name, error) in cases {
        let output = corslint(folder.path()).arg(name).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        let printed = text(&output.stderr);
        assert!(printed.starts_with(error), "{printed}");
    }
    for name in ["sparse.json", "/dev/null"] {
        let output = corslint(folder.path()).args(["-v", name]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}");
        assert!(
            text(&output.stderr).contains(": no policy: it is "),
            "{name}"
        );
    }
}

#[test]
fn a_pipe_of_the_shell_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = corslint(folder.path())
        .args(["--format", "concise", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(OPEN.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("/dev/stdin:1:23: warning: "));
}

#[test]
fn a_thousand_paths_twice_and_one_within_another_are_checked_once() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = (0..1000).map(|index| format!("{index}.json")).collect();
    for name in &names {
        fs::write(folder.path().join(name), OPEN).unwrap();
    }
    let output = corslint(folder.path())
        .args(&names)
        .args(&names)
        .args([".", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "1000 warnings in 1000 policies\n");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = tempfile::tempdir().unwrap();
    // More than a pipe holds, so that the writing is still going on.
    for index in 0..1000 {
        fs::write(folder.path().join(format!("{index}.json")), OPEN).unwrap();
    }
    let mut child = corslint(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 16];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "1000 warnings in 1000 policies\n");
}

#[test]
fn a_run_needs_no_environment() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cors.json"), OPEN).unwrap();
    let output = corslint(folder.path()).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "1 warning in 1 policy\n");
}

#[test]
fn what_is_printed_does_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..100 {
        let path = folder.path().join(format!("{}/{index}.json", index % 7));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, OPEN).unwrap();
    }
    let run = |jobs: &str| {
        corslint(folder.path())
            .args(["--format", "concise", "--jobs", jobs])
            .output()
            .unwrap()
            .stdout
    };
    let alone = run("1");
    assert_eq!(text(&alone).lines().count(), 100);
    for _ in 0..50 {
        assert_eq!(run("8"), alone);
    }
}

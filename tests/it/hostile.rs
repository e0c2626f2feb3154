//! Unusual file systems and processes: every policy is checked, unreadable files are reported, and
//! the run ends.
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
    r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["DELETE"], "MaxAgeSeconds": 60 }]"#;

fn corslint(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corslint"));
    command.arg("check").current_dir(folder);
    command
}

/// Names with everything that a name can hold, the last two of them printed alike.
const NAMES: [&[u8]; 8] = [
    b"::stop-commands::x.json",
    b"##[debug]x.json",
    b"\xef\xbf\xbf.json",
    b"esc\x1b[31m.json",
    b"new\nline.json",
    b"sp ace.json",
    b"bad\xfe.json",
    b"bad\xff.json",
];

/// A directory with policies of unusual names among special files; `None`, with a message, if the file
/// system does not support such names.
fn folder() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in NAMES {
        if let Err(error) = fs::write(path.join(OsStr::from_bytes(name)), OPEN) {
            crate::skipped(&format!("names of all kinds: {error}"));
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
fn scans_a_directory_of_special_files() {
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
            "8 warnings in 8 policies\n",
            "{format}"
        );
        assert!(is_quiet(&output), "{format}");
        let printed = text(&output.stdout);
        // A runner of GitHub obeys both, wherever they come from.
        let is_command = |line: &str| line.trim_start().starts_with("::") && format != "github";
        assert!(!printed.contains("##["), "{format}: {printed}");
        assert!(!printed.lines().any(is_command), "{format}: {printed}");
        if format == "junit" {
            roxmltree::Document::parse(&printed).unwrap();
            assert!(!printed.contains('\u{ffff}'), "{printed}");
        }
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
fn named_special_files_are_errors() {
    let Some(folder) = folder() else { return };
    let cases = [
        (
            "pipe.json",
            "error: pipe.json: this is a named pipe; pass <(cat NAME) to read from it\n",
        ),
        (
            "dangling.json",
            "error: dangling.json: no such file or directory\n",
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
        assert!(text(&output.stderr).contains(": skipped: "), "{name}");
    }
}

#[test]
fn reads_a_shell_pipe() {
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
fn overlapping_paths_are_checked_once() {
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
fn closed_output_ends_quietly() {
    let folder = tempfile::tempdir().unwrap();
    // More than a pipe can buffer, so that corslint is still writing.
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
fn runs_without_environment() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cors.json"), OPEN).unwrap();
    let output = corslint(folder.path()).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "1 warning in 1 policy\n");
}

#[test]
fn output_does_not_depend_on_threads() {
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

/// Runs corslint as a user who may not read everything: as `nobody` if the tests run as root. `None`,
/// with a message, if that is impossible.
fn as_nobody(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let mut command = corslint(folder);
    if is_root() {
        // The program may be in a directory that only root can read.
        let copy = folder.join("corslint");
        fs::copy(env!("CARGO_BIN_EXE_corslint"), &copy).unwrap();
        command = Command::new("setpriv");
        command.args(["--reuid=65534", "--clear-groups"]).arg(copy);
        command.arg("check").current_dir(folder);
    }
    let output = command.args(arguments).output();
    match output {
        Ok(output) if !text(&output.stderr).starts_with("setpriv: ") => Some(output),
        _ => {
            crate::skipped("files that cannot be read: setpriv does not run here");
            None
        }
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn unreadable_files_are_reported_and_the_rest_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    set_mode(path, 0o755);
    fs::create_dir(path.join("closed")).unwrap();
    for name in ["a.json", "closed/b.json", "secret.json"] {
        fs::write(path.join(name), OPEN).unwrap();
    }
    set_mode(&path.join("secret.json"), 0o000);
    set_mode(&path.join("closed"), 0o000);
    let output = as_nobody(path, &[]);
    set_mode(&path.join("closed"), 0o755);
    let Some(output) = output else { return };
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: closed: permission denied\n\
         error: secret.json: permission denied\n\
         1 warning in 1 policy\n"
    );
}

#[test]
fn excluded_files_need_not_be_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    set_mode(path, 0o755);
    fs::create_dir_all(path.join("infra/vendor/closed")).unwrap();
    fs::write(
        path.join("infra/corslint.toml"),
        "exclude = [\"secret.json\", \"vendor/**\"]\n",
    )
    .unwrap();
    for name in ["infra/a.json", "infra/secret.json"] {
        fs::write(path.join(name), OPEN).unwrap();
    }
    set_mode(&path.join("infra/secret.json"), 0o000);
    set_mode(&path.join("infra/vendor"), 0o000);
    let left_out = as_nobody(path, &[]);
    let named = as_nobody(path, &["infra/a.json", "infra/vendor"]);
    set_mode(&path.join("infra/vendor"), 0o755);
    let (Some(left_out), Some(named)) = (left_out, named) else {
        return;
    };
    assert_eq!(text(&left_out.stderr), "1 warning in 1 policy\n");
    assert_eq!(
        text(&named.stderr),
        "error: infra/vendor: permission denied\n1 warning in 1 policy\n"
    );
}

#[test]
fn file_and_its_link_are_checked_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let bad = OPEN.replace("60 }]", "60, }]");
    fs::write(path.join("real.json"), &bad).unwrap();
    symlink("real.json", path.join("a_link.json")).unwrap();
    let output = corslint(path)
        .args(["--fix", "a_link.json", "real.json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "real.json:1:78: fixed: trailing comma after the last key [syntax-error]\n1 warning in 1 policy\nfixed 1 finding in 1 file\n"
    );
    assert_eq!(
        fs::read_to_string(path.join("real.json"))
            .unwrap()
            .trim_end(),
        OPEN
    );
    assert!(path.join("a_link.json").is_symlink());
}

#[test]
fn binary_standard_input_is_passed_through() {
    let folder = tempfile::tempdir().unwrap();
    let mut latin1 = OPEN.replace("DELETE", "caf?").into_bytes();
    let place = latin1.iter().position(|byte| *byte == b'?').unwrap();
    latin1[place] = 0xe9;
    for bytes in [latin1, b"\xff\xfe[\0]\0".to_vec(), b"<x>hi</x>".to_vec()] {
        let mut child = corslint(folder.path())
            .args(["--fix", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        assert_eq!(child.wait_with_output().unwrap().stdout, bytes);
    }
}

#[test]
fn files_may_change_during_a_run() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let file = path.join(format!("{}.json", round % 50));
                // Half a policy, a whole one, one with much behind it, none.
                let _ = match round % 4 {
                    0 => fs::write(&file, &OPEN[..40]),
                    1 => fs::write(&file, OPEN),
                    2 => fs::write(&file, format!("{OPEN}{}", " ".repeat(200_000))),
                    _ => fs::remove_file(&file),
                };
            }
        });
        for _ in 0..40 {
            let output = corslint(path).args(["--fix", "-q"]).output().unwrap();
            let said = text(&output.stderr);
            assert!(matches!(output.status.code(), Some(0..=2)), "{said}");
            assert!(!said.contains("panicked"), "{said}");
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn longest_file_names_work() {
    let folder = tempfile::tempdir().unwrap();
    let longest = format!("{}.json", "n".repeat(250));
    let deep = vec!["f".repeat(200); 5].join("/");
    fs::write(folder.path().join(&longest), OPEN).unwrap();
    fs::create_dir_all(folder.path().join(&deep)).unwrap();
    fs::write(folder.path().join(&deep).join("cors.json"), OPEN).unwrap();
    let output = corslint(folder.path()).output().unwrap();
    assert_eq!(text(&output.stderr), "2 warnings in 2 policies\n");
    let too_long = format!("{}.json", "n".repeat(300));
    let output = corslint(folder.path()).arg(&too_long).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.starts_with(&format!("error: {too_long}: ")), "{said}");
}

#[test]
fn scans_a_directory_of_100000_entries() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..100_000 {
        File::create(folder.path().join(format!("{number}.txt"))).unwrap();
    }
    for number in 0..100 {
        fs::write(folder.path().join(format!("{number}.json")), OPEN).unwrap();
    }
    let output = corslint(folder.path()).output().unwrap();
    assert_eq!(text(&output.stderr), "100 warnings in 100 policies\n");
}

#[test]
fn full_disk_is_an_error() {
    if !Path::new("/dev/full").exists() {
        crate::skipped("a full device: there is no /dev/full");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cors.json"), OPEN).unwrap();
    let run = |arguments: &[&str]| corslint(folder.path()).args(arguments).output().unwrap();
    let output = run(&["--format", "sarif=/dev/full", "--format", "json=fine.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: /dev/full: No space left on device\n1 warning in 1 policy\n"
    );
    let whole = fs::read_to_string(folder.path().join("fine.json")).unwrap();
    assert!(whole.ends_with("}\n"), "{whole}");
    for argument in ["cors.json", "--help"] {
        let output = corslint(folder.path())
            .arg(argument)
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{argument}");
        assert!(text(&output.stderr).contains("error: standard output: "));
    }
}

/// Ignore files, configurations and baselines are read as carefully as policies.
#[test]
fn special_ignore_and_configuration_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in ["device", "pipe", "strict", "left_out"] {
        fs::create_dir(path.join(name)).unwrap();
        fs::write(path.join(name).join("cors.json"), OPEN).unwrap();
    }
    symlink("/dev/zero", path.join("device/.ignore")).unwrap();
    // `/dev/null` reads as an empty file.
    symlink("/dev/null", path.join("strict/.ignore")).unwrap();
    make_pipe(&path.join("pipe/.gitignore"));
    make_pipe(&path.join("left_out/.gitignore"));
    let output = corslint(path)
        .args(["--exclude", "left_out"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: device/.ignore: not a regular file; directory skipped\n\
         error: pipe/.gitignore: not a regular file; directory skipped\n\
         1 warning in 1 policy\n"
    );
    // From within, too.
    let output = corslint(&path.join("pipe")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: .gitignore: not a regular file"));
    // A dangling configuration is an error; the one above does not apply instead.
    symlink("nowhere", path.join("strict/corslint.toml")).unwrap();
    let output = corslint(path).arg("strict").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: strict/corslint.toml: no such file or directory\n"
    );
    fs::remove_file(path.join("left_out/.gitignore")).unwrap();
    // Files of the kernel may never end, or contain secrets.
    for (name, target, why) in [
        (
            ".gitignore",
            "/proc/self/pagemap",
            "not a regular file; directory skipped",
        ),
        (
            "corslint.toml",
            "/proc/self/environ",
            "a link to a file that is not named corslint.toml is not followed",
        ),
        (
            "corslint.toml",
            "/etc/passwd",
            "a link to a file that is not named corslint.toml is not followed",
        ),
    ] {
        let link = path.join("left_out").join(name);
        symlink(target, &link).unwrap();
        let output = corslint(path).arg("left_out").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let wanted = format!("error: left_out/{name}: {why}\n");
        assert!(text(&output.stderr).starts_with(&wanted), "{output:?}");
        fs::remove_file(link).unwrap();
    }
    // The library that reads globs would overflow the stack.
    let deep = format!("{}a{}", "{".repeat(20_000), "}".repeat(20_000));
    for (name, content, why) in [
        (
            ".gitignore",
            deep.clone(),
            "a pattern contains too many {; directory skipped",
        ),
        (
            "corslint.toml",
            format!("exclude = [\"{deep}\"]"),
            "this glob never matches: it contains too many {",
        ),
    ] {
        fs::write(path.join("left_out").join(name), content).unwrap();
        let output = corslint(path).arg("left_out").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains(why), "{output:?}");
        fs::remove_file(path.join("left_out").join(name)).unwrap();
    }
    make_pipe(&path.join("lone"));
    for (arguments, error) in [
        (
            ["--baseline", "lone"],
            "error: lone: this is a named pipe; pass <(cat NAME) to read from it\n",
        ),
        (
            ["--format", "json=lone"],
            "error: lone: this is a named pipe; pass >(cat > NAME) to write to it\n",
        ),
    ] {
        let output = corslint(path)
            .arg("left_out/cors.json")
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).starts_with(error), "{output:?}");
    }
}

/// Users who may write to a directory could replace a file in it that they may not write to.
#[test]
fn fix_leaves_files_of_other_users() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    set_mode(path, 0o777);
    let bad = OPEN.replace("60 }]", "60, }]");
    fs::write(path.join("cors.json"), &bad).unwrap();
    set_mode(&path.join("cors.json"), 0o644);
    if !is_root() {
        crate::skipped("files of somebody else: only root can make them");
        return;
    }
    let Some(output) = as_nobody(path, &["--fix", "cors.json"]) else {
        return;
    };
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).starts_with("error: cors.json: not fixed: permission denied\n"),
        "{output:?}"
    );
    assert_eq!(fs::read_to_string(path.join("cors.json")).unwrap(), bad);
}

#[test]
fn escape_sequences_are_escaped_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let policy = "[{\"AllowedOrigins\":[\"https://a.acme.io\"],\"AllowedMethods\":[\"DELETE\"]}]\n";
    fs::write(path.join("cors.jsonc"), format!("{policy}// \u{1b}[31m\n")).unwrap();
    let output = corslint(path).arg("--\u{1b}[31mx").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(is_quiet(&output), "{output:?}");
    // To a program the diff goes as it is, or it could not be applied.
    let output = corslint(path).arg("--diff").output().unwrap();
    assert!(
        text(&output.stdout).contains("\n // \u{1b}[31m\n"),
        "{output:?}"
    );
    let Some(printed) = on_a_terminal(path, "TERM=dumb", "--diff") else {
        return;
    };
    assert!(
        printed.contains(r"\u{1b}[31m") && !printed.contains('\u{1b}'),
        "{printed:?}"
    );
}

/// Ended by a signal in the middle of its work, it leaves each file old or new, and says nothing.
#[test]
fn signals_leave_files_whole() {
    let bad = OPEN.replace("60 }]", "60, }]");
    let good = OPEN.to_owned();
    for (round, signal) in ["INT", "TERM"].into_iter().cycle().take(12).enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let names = (0..150).map(|number| folder.path().join(format!("{number}.json")));
        let names: Vec<_> = names.collect();
        for name in &names {
            fs::write(name, &bad).unwrap();
        }
        let mut child = corslint(folder.path())
            .args(["--fix", "-q"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(10 + 5 * round as u64));
        let pid = child.id().to_string();
        // It may have ended by now.
        let _ = Command::new("kill").args(["-s", signal, &pid]).output();
        let mut said = String::new();
        let mut stderr = child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        assert_eq!(said, "");
        for name in &names {
            let text = fs::read_to_string(name).unwrap();
            assert!(text == bad || text.trim_end() == good, "{text:?}");
        }
    }
}

#[test]
fn deleted_working_directory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cors.json");
    fs::write(&file, OPEN).unwrap();
    let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" check \"$@\"";
    let run = |arguments: &[&str]| {
        Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_corslint")])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let output = run(&[file.to_str().unwrap(), "-q", "--format", "concise"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).ends_with(
            "cors.json:1:23: warning: scripts on any website may send DELETE to this bucket [wildcard-write]\n"
        )
    );
    let output = run(&[]);
    assert!(matches!(output.status.code(), Some(0 | 2)));
    assert!(!text(&output.stderr).contains("panicked"));
}

/// A terminal of its own for the program, by `script`; none where that is not installed.
fn on_a_terminal(folder: &Path, environment: &str, arguments: &str) -> Option<String> {
    let command = format!(
        "{environment} {} check {arguments}",
        env!("CARGO_BIN_EXE_corslint")
    );
    let output = Command::new("script")
        .args(["-q", "-e", "-c", &command, "/dev/null"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    match output {
        // A container may have none.
        Ok(output) if text(&output.stderr).contains("pseudo-terminal") => {
            crate::skipped("what a terminal gets: there are no pseudo-terminals");
            None
        }
        Ok(output) => Some(text(&output.stdout)),
        Err(_) => {
            crate::skipped("what a terminal gets: script is not installed");
            None
        }
    }
}

#[test]
fn terminal_gets_color_and_a_hint_for_stdin() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cors.json"), OPEN).unwrap();
    let run = |environment, arguments| on_a_terminal(folder.path(), environment, arguments);
    let Some(coloured) = run("TERM=xterm", "cors.json") else {
        return;
    };
    assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    assert!(coloured.contains("run `corslint explain LINT` for details"));
    for plain in ["TERM=dumb", "TERM=xterm NO_COLOR=1"] {
        let printed = run(plain, "cors.json").unwrap();
        assert!(!printed.contains('\u{1b}'), "{printed:?}");
    }
    let waits = run("TERM=dumb", "-").unwrap();
    assert!(
        waits.contains("reading a policy from standard input"),
        "{waits:?}"
    );
}

/// Memory is limited to a multiple of the policy's size, in every report.
#[cfg(target_os = "linux")]
#[test]
fn memory_grows_linearly() {
    let rule = OPEN.trim_matches(['[', ']']);
    let policy = format!("[{}]", vec![rule; 25_000].join(",\n"));
    let megabytes = policy.len() / (1024 * 1024);
    assert_eq!(megabytes, 1, "{}", policy.len());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cors.json"), policy).unwrap();
    for format in [
        "full", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson",
    ] {
        // In KiB, threads and the program itself with it.
        let output = Command::new("sh")
            .args([
                "-c",
                "ulimit -v 250000 && exec \"$0\" check -q --jobs 1 --format \"$1\" cors.json",
            ])
            .args([env!("CARGO_BIN_EXE_corslint"), format])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(1),
            "{format}: {}",
            text(&output.stderr)
        );
    }
}

/// A directory that is named by itself and by a link is fixed once.
#[test]
fn directory_and_its_link_are_fixed_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("d")).unwrap();
    fs::write(path.join("d/x.json"), OPEN.replace("60 }]", "60, }]")).unwrap();
    symlink("d", path.join("dl")).unwrap();
    let output = corslint(path).args(["--fix", "dl", "d"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).ends_with("fixed 1 finding in 1 file\n"));
}

/// Old editors end lines with CR alone: comments end there too.
#[test]
fn fixes_keep_comments_in_files_with_cr_line_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let policy = "[{\r  \"AllowedOrigins\": [\r    \"https://a.acme.io\", // first\r    \"https://a.acme.io\"\r  ],\r  \"AllowedMethods\": [\"GET\"],\r  \"MaxAgeSeconds\": 9\r}]\r";
    fs::write(path.join("cors.jsonc"), policy).unwrap();
    let output = corslint(path).args(["--fix"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let fixed = fs::read_to_string(path.join("cors.jsonc")).unwrap();
    assert_eq!(
        fixed,
        policy
            .replace("    \"https://a.acme.io\"\r", "")
            .replace("acme.io\", // first", "acme.io\" // first")
    );
}

/// `CLICOLOR_FORCE` and `FORCE_COLOR` force color, also for errors of the run; `NO_COLOR` wins over them.
#[test]
fn environment_variables_choose_color() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cors.json"), OPEN).unwrap();
    let colored = |variables: &[(&str, &str)]| {
        let mut command = corslint(folder.path());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        let output = command
            .args(["cors.json", "missing.json"])
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let has_color = |bytes: &[u8]| text(bytes).contains("\u{1b}[");
        (has_color(&output.stdout), has_color(&output.stderr))
    };
    assert_eq!(colored(&[]), (false, false));
    assert_eq!(colored(&[("CLICOLOR_FORCE", "1")]), (true, true));
    assert_eq!(colored(&[("FORCE_COLOR", "1")]), (true, true));
    assert_eq!(colored(&[("FORCE_COLOR", "0")]), (false, false));
    assert_eq!(
        colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]),
        (false, false)
    );
}

#[test]
fn completions_offer_lints_groups_and_formats() {
    // For other shells, clap_complete offers no values.
    for shell in ["bash", "zsh", "fish"] {
        let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(["completions", shell])
            .output()
            .unwrap();
        let script = text(&output.stdout);
        for name in ["wildcard-write", "pedantic", "sarif"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
        assert!(script.contains("s3-cloudformation"), "{shell}");
        let lints = script.matches("unlisted-origin").count();
        // Once for each of --only, -A, -N, -W and -D, and for `explain`.
        assert!(lints >= 6, "{shell}: {lints}");
    }
}

#[test]
fn manual_pages_describe_all_options() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["man"]).starts_with(".ie"));
    for command in [
        "check",
        "test",
        "diff",
        "explain",
        "schema",
        "lsp",
        "completions",
        "man",
    ] {
        let help = run(&[command, "--help"]);
        let page = run(&["man", command]);
        let words = help
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        let mut options = 0;
        for option in words.map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric())) {
            let written = option.replace('-', "\\-");
            options += usize::from(page.contains(&written));
            assert!(page.contains(&written), "{command}: {option}");
        }
        assert!(options > 0, "{command}");
    }
}

//! The guarantees of docs/guarantees.md that no other tests check.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MISTAKES: &str = r#"[
  { "AllowedOrigins": ["https://app.acme.io/", "*"], "AllowedMethods": ["get", "GET"], },
]"#;

fn corslint(folder: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Every file of the project that has one of these extensions.
fn sources(extensions: &[&str]) -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "lints", "schema", "tests"];
    let entries = folders
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(top.join(folder)));
    let paths = entries.map(|entry| entry.unwrap().into_path());
    let is_one = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extensions.contains(&extension))
    };
    paths.filter(is_one).collect()
}

#[test]
fn check_writes_nothing_without_fix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("cors.json"), MISTAKES).unwrap();
    fs::write(
        path.join("corslint.toml"),
        "[lints]\nwildcard-origin = \"note\"\n",
    )
    .unwrap();
    for arguments in [
        &["check"][..],
        &["check", "--diff", "--unsafe-fixes"],
        &["check", "--format", "sarif"],
        &["check", "--list-files"],
        &["check", "--statistics"],
        &["check", "--no-exceptions", "-v"],
        &["test", "cors.json", "--origin", "https://app.acme.io"],
        &["explain", "wildcard-origin"],
        &["schema", "s3-cli"],
        &["completions", "bash"],
    ] {
        let output = corslint(path, arguments);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}");
        let text = fs::read_to_string(path.join("cors.json")).unwrap();
        assert_eq!(text, MISTAKES, "{arguments:?}");
        assert_eq!(fs::read_dir(path).unwrap().count(), 2, "{arguments:?}");
    }
    // With --fix it is written.
    corslint(path, &["check", "--fix"]);
    assert_ne!(
        fs::read_to_string(path.join("cors.json")).unwrap(),
        MISTAKES
    );
}

#[test]
fn never_uses_the_network() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"));
    let lock = lock.unwrap();
    for package in [
        "curl",
        "hyper",
        "mio",
        "native-tls",
        "reqwest",
        "rustls",
        "socket2",
        "tokio",
        "ureq",
    ] {
        assert!(
            !lock.contains(&format!("name = \"{package}\"\n")),
            "{package}"
        );
    }
    for path in sources(&["rs"]) {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in [
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "ToSocketAddrs",
            "UnixStream",
        ] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

/// Git alone is called, and what a repository's own configuration would have it run is not.
#[cfg(unix)]
#[test]
fn runs_no_code_of_the_repository() {
    for path in sources(&["rs"]) {
        let text = fs::read_to_string(&path).unwrap();
        let is_git = path.ends_with("src/git.rs");
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        assert!(
            is_git || is_test || !text.contains("Command::new"),
            "{}",
            path.display()
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .current_dir(path)
            .output();
        output.is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "-q"]) {
        crate::skipped("git is not installed: a repository with programs in it");
        return;
    }
    fs::write(path.join("cors.json"), MISTAKES).unwrap();
    fs::write(
        path.join(".gitattributes"),
        "*.json diff=evil filter=evil\n",
    )
    .unwrap();
    fs::write(path.join("same.txt"), "{}").unwrap();
    assert!(git(&["add", "."]) && git(&["commit", "-q", "-m", "one"]));
    fs::write(path.join("cors.json"), format!("{MISTAKES}\n")).unwrap();
    assert!(git(&["add", "cors.json"]));
    fs::write(path.join("cors.json"), format!("{MISTAKES}\n\n")).unwrap();
    let evil = path.join("evil.sh");
    fs::write(&evil, "#!/bin/sh\ntouch \"$(dirname \"$0\")/was-run\"\n").unwrap();
    Command::new("chmod").arg("+x").arg(&evil).status().unwrap();
    let evil = evil.to_str().unwrap();
    for key in [
        "core.fsmonitor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.process",
    ] {
        assert!(git(&["config", key, evil]));
    }
    assert!(git(&["config", "filter.evil.required", "true"]));
    // With a file whose time alone has changed, git would write the index and run this hook.
    let hook = path.join(".git/hooks/post-index-change");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(evil, &hook).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec {evil}\n")).unwrap();
    Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    let touch = ["-d", "2001-01-01", "same.txt"];
    let mut touch = Command::new("touch")
        .args(touch)
        .current_dir(path)
        .spawn()
        .unwrap();
    assert!(touch.wait().unwrap().success());
    for (arguments, code) in [
        (&["diff", "--since", "HEAD"][..], 0),
        (&["diff", "--staged"], 0),
        (&["check", "--staged"], 1),
        (&["check", "--since", "HEAD"], 1),
        (&["check"], 1),
    ] {
        let output = corslint(path, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(!path.join("was-run").exists(), "{arguments:?}");
    }
    // The trap is one: git by itself walks into it.
    git(&["diff"]);
    assert!(path.join("was-run").exists());
}

/// The page names the test of each promise, and there is one of that name.
#[test]
fn guarantees_name_existing_tests() {
    let page = include_str!("../../docs/guarantees.md");
    let tests = sources(&["rs"])
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap());
    let tests = tests.collect::<String>();
    let mut count = 0;
    for line in page.lines().filter(|line| line.starts_with('|')).skip(2) {
        let (_, named) = line.trim_end_matches(" |").rsplit_once('|').unwrap();
        for name in named.split('`').skip(1).step_by(2) {
            let extensions = [".sh", ".md", ".mjs"];
            let is_there = match extensions.iter().find(|end| name.ends_with(**end)) {
                Some(_) => Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists(),
                None => tests.contains(&format!("fn {name}(")),
            };
            assert!(is_there, "{name}");
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}

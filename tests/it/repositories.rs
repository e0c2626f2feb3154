//! `--staged` and `--since`, and the same findings for a repository however it is named.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
        .status;
    assert!(status.success(), "git {arguments:?}");
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--format", "concise"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const OPEN: &str =
    r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["DELETE"], "MaxAgeSeconds": 60 }]"#;
const NAMED: &str = r#"[{ "AllowedOrigins": ["https://app.acme.io"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60 }]"#;

/// An empty folder; `None`, with a message, if git is not installed.
fn folder_for_git() -> Option<tempfile::TempDir> {
    if Command::new("git").arg("--version").output().is_err() {
        crate::skipped("changed files: git is not installed");
        return None;
    }
    Some(tempfile::tempdir().unwrap())
}

/// A repository with one commit; `None`, with a message, if git is not installed.
fn repository() -> Option<tempfile::TempDir> {
    let folder = folder_for_git()?;
    let path = folder.path();
    git(path, &["init", "-q", "-b", "main"]);
    for name in ["a.json", "b c.json", "é/ü.json", "gone.json", "old.json"] {
        write(path, name, NAMED);
    }
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    Some(folder)
}

#[test]
fn staged_checks_the_staged_version() {
    let Some(folder) = repository() else { return };
    let path = folder.path();
    write(path, "a.json", OPEN);
    write(path, "b c.json", OPEN);
    write(path, "é/ü.json", OPEN);
    write(path, "new\nline.json", OPEN);
    git(path, &["add", "."]);
    git(path, &["rm", "-q", "gone.json"]);
    git(path, &["mv", "old.json", "moved.json"]);
    // The working tree is fixed; the index is not.
    write(path, "a.json", NAMED);
    write(path, "untracked.json", OPEN);
    let found = stdout(&check(path, &["--staged"]));
    let names: Vec<_> = found
        .lines()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(
        names,
        ["a.json", "b c.json", "new\\u{a}line.json", "é/ü.json"]
    );
    let below = stdout(&check(path, &["--staged", "é"]));
    assert_eq!(below.lines().count(), 1, "{below}");
    let inside = stdout(&check(&path.join("é"), &["--staged"]));
    assert!(inside.starts_with("ü.json:"), "{inside}");
}

#[test]
fn since_checks_changed_files() {
    let Some(folder) = repository() else { return };
    let path = folder.path();
    write(path, "a.json", OPEN);
    git(path, &["commit", "-q", "-a", "-m", "two"]);
    write(path, "b c.json", OPEN);
    write(path, "untracked.json", OPEN);
    write(path, "ignored.json", OPEN);
    write(path, ".gitignore", "ignored.json\n");
    fs::remove_file(path.join("gone.json")).unwrap();
    let names = |revision| {
        let found = stdout(&check(path, &["--since", revision]));
        let names = found
            .lines()
            .map(|line| line.split(':').next().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("HEAD"), ["b c.json", "untracked.json"]);
    assert_eq!(names("HEAD~1"), ["a.json", "b c.json", "untracked.json"]);
    let output = check(path, &["--since", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(error, "error: unknown git revision: nowhere\n");
}

#[test]
fn staged_outside_a_repository_is_an_error() {
    let Some(folder) = folder_for_git() else {
        return;
    };
    for option in [&["--staged"][..], &["--since", "HEAD"]] {
        let output = check(folder.path(), option);
        assert_eq!(output.status.code(), Some(2));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(error, "error: not a git repository\n");
    }
}

/// Files that are named and files that are walked to get the same findings, from wherever.
#[test]
fn scanned_and_named_files_use_the_same_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(
        path,
        "corslint.toml",
        "[lints]\nwildcard-write = \"deny\"\n",
    );
    write(path, "a/cors.json", OPEN);
    write(
        path,
        "a/corslint.toml",
        "[[override]]\nfiles = [\"x/**\"]\nlints = { security = \"note\" }\n",
    );
    write(path, "a/x/cors.json", OPEN);
    write(path, "b/c/cors.json", OPEN);
    write(
        path,
        "b/corslint.toml",
        "exclude = [\"out/**\"]\n[lints]\nwildcard-write = \"allow\"\n",
    );
    write(path, "b/out/cors.json", OPEN);
    let files = ["a/cors.json", "a/x/cors.json", "b/c/cors.json"];
    let walked = stdout(&check(path, &[]));
    assert_eq!(walked, stdout(&check(path, &files)));
    assert_eq!(
        walked,
        "a/cors.json:1:23: warning: scripts on any website may send DELETE to this bucket [wildcard-write]\n\
         a/x/cors.json:1:23: note: scripts on any website may send DELETE to this bucket [wildcard-write]\n"
    );
    for jobs in ["1", "2", "8"] {
        assert_eq!(walked, stdout(&check(path, &["--jobs", jobs])));
    }
    // From inside, and from a sibling directory by a path with `..`.
    let inside = stdout(&check(&path.join("a"), &["."]));
    assert_eq!(
        inside
            .replace("cors.json", "a/cors.json")
            .replace("x/a/", "a/x/"),
        walked
    );
    let beside = stdout(&check(&path.join("b"), &["../a"]));
    assert_eq!(beside.replace("../", ""), walked);
    let excluded = check(path, &["--force-exclude", "b/out/cors.json"]);
    assert_eq!(
        (stdout(&excluded).as_str(), excluded.status.code()),
        ("", Some(0))
    );
}

#[test]
fn staged_named_files_are_checked_whatever_the_extension() {
    let Some(folder) = folder_for_git() else {
        return;
    };
    let path = folder.path();
    git(path, &["init", "-q"]);
    write(path, "sub/policy.cors", OPEN);
    write(path, "sub/cors.json", OPEN);
    git(path, &["add", "."]);
    let below = path.join("sub");
    // From a subdirectory, git would omit the others.
    git(path, &["config", "diff.relative", "true"]);
    for (arguments, found) in [
        (&["--staged"][..], "cors.json:"),
        (&["--staged", "policy.cors"], "policy.cors:"),
    ] {
        let output = check(&below, arguments);
        assert!(stdout(&output).starts_with(found), "{output:?}");
        assert_eq!(stdout(&output).lines().count(), 1);
    }
    git(path, &["commit", "-q", "-m", "one"]);
    write(path, "sub/policy.cors", NAMED);
    write(path, "sub/cors.json", "{}");
    let output = check(&below, &["--since", "HEAD", "policy.cors", "cors.json"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "1 of 2 named files contains a CORS policy\nno findings in 1 policy\n"
    );
}

/// In a partial clone git would fetch what it lacks, by a program that the configuration names.
#[test]
fn partial_clones_are_not_fetched() {
    let Some(folder) = folder_for_git() else {
        return;
    };
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    fs::create_dir(&from).unwrap();
    git(&from, &["init", "-q"]);
    git(&from, &["config", "uploadpack.allowFilter", "true"]);
    write(&from, "cors.json", OPEN);
    git(&from, &["add", "."]);
    git(&from, &["commit", "-q", "-m", "one"]);
    let url = format!("file://{}", from.display());
    let clone = ["clone", "-q", "--no-checkout", "--filter=blob:none", &url];
    git(folder.path(), &[&clone[..], &["to"]].concat());
    git(&to, &["read-tree", "HEAD"]);
    git(&to, &["symbolic-ref", "HEAD", "refs/heads/other"]);
    let output = check(&to, &["--staged"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let wanted = "error: cors.json: the staged version is not in this partial clone\n";
    assert!(said.starts_with(wanted), "{said}");
    let revision = "1234567890123456789012345678901234567890";
    let output = check(&to, &["--since", revision]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!("error: unknown git revision: {revision}\n")
    );
}

/// Paths in a baseline are relative to its directory, not to the location of a clone.
#[test]
fn baseline_paths_work_in_every_clone() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first");
    write(&first, "infra/cors.json", OPEN);
    fs::create_dir(first.join("build")).unwrap();
    let run = |clone: &Path, arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(["check", "--baseline", "build/base.jsonl"])
            .args(arguments)
            .current_dir(clone)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert_eq!(
        run(&first, &["--write-baseline"]),
        "wrote 1 finding to build/base.jsonl\n"
    );
    let second = folder.path().join("second");
    fs::rename(&first, &second).unwrap();
    assert_eq!(
        run(&second, &[]),
        "no findings in 1 policy\n1 finding hidden by build/base.jsonl\n"
    );
    // It is kept when only another file is recorded, and dropped with its file.
    write(&second, "other.json", NAMED);
    assert_eq!(
        run(&second, &["other.json", "--write-baseline"]),
        "wrote 1 finding to build/base.jsonl\n"
    );
    fs::remove_file(second.join("infra/cors.json")).unwrap();
    assert_eq!(
        run(&second, &["other.json", "--write-baseline"]),
        "wrote 0 findings to build/base.jsonl\n"
    );
}

/// Nothing staged is said, and a path that does not exist is an error.
#[test]
fn staged_says_what_is_missing() {
    let Some(folder) = repository() else { return };
    let path = folder.path();
    let output = check(path, &["--staged"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "no changed files to check under .\n"
    );
    for option in [&["--staged"][..], &["--since", "HEAD"]] {
        let output = check(path, &[option, &["nothere"]].concat());
        assert_eq!(output.status.code(), Some(2), "{option:?}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "error: nothere: no such file or directory\nno changed files to check among the named ones\n"
        );
    }
}

/// A changed configuration may change the findings of every file below it, and `-v` names what is left out.
#[test]
fn changed_configuration_selects_what_is_below() {
    let Some(folder) = repository() else { return };
    let path = folder.path();
    let policy = r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]"#;
    for name in [
        "a/cors.json",
        "a/b/cors.json",
        "a/old/cors.json",
        "c/cors.json",
    ] {
        write(path, name, policy);
    }
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "policies"]);
    write(path, "a/corslint.toml", "exclude = [\"old\"]\n");
    write(path, "a/old/new.json", policy);
    write(path, "a/notes.txt", "x");
    git(path, &["add", "."]);
    for option in [&["--staged"][..], &["--since", "HEAD"]] {
        let output = check(path, &[option, &["-v"]].concat());
        let found = stdout(&output);
        let files: Vec<_> = found
            .lines()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(files, ["a/b/cors.json", "a/cors.json"], "{option:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("a/old/new.json: skipped: excluded by \"old\" in a/corslint.toml\n"),
            "{said}"
        );
        assert!(said.contains("a/notes.txt: skipped: "), "{said}");
    }
    // An excluded directory that is named is not silent either.
    let output = check(path, &["-v", "a/old"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("a/old/cors.json: skipped: excluded by \"old\" in a/corslint.toml\n"),
        "{said}"
    );
}

/// A staged rename is a change of two versions with one content, and a conflict is no deleted policy.
#[test]
fn staged_and_unmerged_policies_are_compared() {
    let Some(folder) = repository() else { return };
    let path = folder.path();
    let diff = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_corslint"))
            .arg("diff")
            .args(arguments)
            .current_dir(path)
            .output()
            .unwrap()
    };
    let policy = |origin: &str| {
        format!(
            r#"[{{"AllowedOrigins": ["https://{origin}.acme.io"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}}]"#
        )
    };
    git(path, &["checkout", "-q", "-b", "ours"]);
    write(path, "cors.json", &policy("app"));
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    git(path, &["mv", "cors.json", "policy.json"]);
    let output = diff(&["--staged"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        stdout(&output),
        "cors.json -> policy.json\n  no difference\n"
    );
    git(path, &["commit", "-q", "-m", "two"]);
    git(path, &["checkout", "-q", "-b", "theirs"]);
    write(path, "policy.json", &policy("www"));
    git(path, &["commit", "-q", "-a", "-m", "three"]);
    git(path, &["checkout", "-q", "ours"]);
    write(path, "policy.json", &policy("api"));
    git(path, &["commit", "-q", "-a", "-m", "four"]);
    let merge = Command::new("git")
        .args(["merge", "-q", "theirs"])
        .current_dir(path)
        .output()
        .unwrap();
    assert!(!merge.status.success(), "{merge:?}");
    for arguments in [&["--staged"][..], &["--since", "HEAD"]] {
        let output = diff(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {error}");
        assert!(error.contains("policy.json"), "{arguments:?} {error}");
    }
    let output = check(path, &["policy.json"]);
    assert!(
        stdout(&output).contains("unexpected `<` [syntax-error]"),
        "{output:?}"
    );
}

/// The hooks get files of every extension that corslint reads, and its configuration.
#[test]
fn hooks_select_files_by_name() {
    let hooks = fs::read_to_string(crate::project().join(".pre-commit-hooks.yaml")).unwrap();
    let patterns: Vec<_> = hooks
        .lines()
        .filter_map(|line| line.trim().strip_prefix("files: '")?.strip_suffix('\''))
        .collect();
    assert_eq!(patterns.len(), 3, "{hooks}");
    for pattern in patterns {
        let pattern = fancy_regex::Regex::new(pattern).unwrap();
        for name in [
            "cors.json",
            "infra/cors.jsonc",
            "main.tf.json",
            "cors.xml",
            "main.tf",
            "serverless.yml",
            "template.yaml",
            "stack.template",
            "corslint.toml",
            "a/corslint.toml",
        ] {
            assert!(pattern.is_match(name).unwrap(), "{name}");
        }
        for name in [
            "cors.json5",
            "json",
            "xml",
            "a.xml.gz",
            "Cargo.toml",
            "notcorslint.toml",
        ] {
            assert!(!pattern.is_match(name).unwrap(), "{name}");
        }
    }
}

/// What a reviewer of each of several commits reads, kept in `tests/repository/since.md`.
#[test]
fn differences_since_a_revision_match() {
    let Some(folder) = repository() else { return };
    let path = folder.path();
    let rule = |origins: &str, methods: &str| {
        format!(
            "[\n  {{\n    \"AllowedOrigins\": [{origins}],\n    \"AllowedMethods\": [{methods}],\n    \"MaxAgeSeconds\": 60\n  }}\n]\n"
        )
    };
    let app = "\"https://app.acme.io\"";
    let template = |method: &str| {
        format!(
            "Resources:\n  Photos:\n    Type: AWS::S3::Bucket\n    Properties:\n      CorsConfiguration:\n        CorsRules:\n          - {{ AllowedOrigins: [https://app.acme.io], AllowedMethods: [{method}], MaxAge: 60 }}\n"
        )
    };
    let wide = rule(&format!("{app}, \"https://*.acme.io\""), "\"GET\", \"PUT\"");
    let renamed: &dyn Fn() = &|| git(path, &["mv", "a.json", "infra.json"]);
    let deleted: &dyn Fn() = &|| git(path, &["rm", "-q", "b c.json"]);
    let moved: &dyn Fn() = &|| {
        fs::remove_file(path.join("template.yaml")).unwrap();
        write(path, "stacks/photos.yaml", &template("GET"));
    };
    let to = |name: &'static str, text: String| move || write(path, name, &text);
    let commits: &[(&str, &dyn Fn())] = &[
        ("reformatted", &to("a.json", rule(app, "\"GET\""))),
        ("widened", &to("a.json", wide.clone())),
        ("narrowed", &to("a.json", rule(app, "\"GET\""))),
        (
            "a new file that is not committed yet",
            &to("new.json", rule("\"*\"", "\"GET\"")),
        ),
        ("renamed", renamed),
        (
            "renamed and changed",
            &to("infra.json", rule(app, "\"GET\", \"PUT\"")),
        ),
        ("deleted", deleted),
        ("a new template", &to("template.yaml", template("GET"))),
        ("the template moved", moved),
        (
            "a method that S3 does not have",
            &to("stacks/photos.yaml", template("PATCH")),
        ),
        ("no policy changed", &to("README.md", "hello\n".to_owned())),
        ("two files with one content", &|| {
            write(path, "one.json", &rule(app, "\"GET\""));
            write(path, "two.json", &rule(app, "\"GET\""));
        }),
        ("both of them changed alike", &|| {
            write(path, "one.json", &rule(app, "\"HEAD\""));
            write(path, "two.json", &rule(app, "\"HEAD\""));
        }),
        #[cfg(unix)]
        ("a link in place of a policy", &|| {
            fs::remove_file(path.join("one.json")).unwrap();
            std::os::unix::fs::symlink("two.json", path.join("one.json")).unwrap();
        }),
    ];
    let mut report = "# The difference that each commit makes\n".to_owned();
    for (what, change) in commits {
        change();
        report.push_str(&format!("\n## {what}\n\n"));
        for arguments in [&[][..], &["--format", "markdown"][..]] {
            let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
                .args(["diff", "--since", "HEAD"])
                .args(arguments)
                .current_dir(path)
                .output()
                .unwrap();
            report.push_str(&format!(
                "````text\n{}{}exit code {}\n````\n\n",
                stdout(&output),
                String::from_utf8_lossy(&output.stderr),
                output.status.code().unwrap()
            ));
        }
        git(path, &["add", "-A"]);
        git(path, &["commit", "-q", "-m", what]);
    }
    report.pop();
    crate::assert_file(&crate::project().join("tests/repository/since.md"), &report);
}

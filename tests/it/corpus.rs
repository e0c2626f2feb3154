//! Real files: what is a policy, and what only looks like one.

use std::path::Path;
use std::process::Command;

use crate::shared;

/// The JSON files under the corpus, by folder, that `--list-files` names.
fn listed(corpus: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--list-files", "."])
        .current_dir(corpus)
        .output()
        .unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let name = |line: &str| line.split("  ").next().unwrap().to_owned();
    lines.lines().map(name).collect()
}

#[test]
fn every_policy_is_found_and_nothing_else() {
    let Some(corpus) = shared("corpus", "which real files are policies") else {
        return;
    };
    let mut wanted = Vec::new();
    for folder in [
        "b2-json",
        "gcs-json",
        "r2-json",
        "s3-array-json",
        "s3-cli-json",
    ] {
        for entry in walkdir::WalkDir::new(corpus.join(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let name = entry.file_name().to_str().unwrap();
                wanted.push(format!("{folder}/{name}"));
            }
        }
    }
    wanted.sort();
    assert!(wanted.len() > 10);
    assert_eq!(listed(&corpus), wanted);
}

/// Every policy of the corpus, reindented, against the baseline of the originals; then one new `*`.
#[test]
fn a_baseline_survives_reformatting() {
    let Some(corpus) = shared("corpus", "whether a baseline survives reformatting") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in listed(&corpus) {
        let copy = path.join(&name);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(corpus.join(&name), copy).unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args([
                "check",
                "--format",
                "concise",
                "--baseline",
                "base.jsonl",
                "--fail-on",
                "note",
            ])
            .args(arguments)
            .current_dir(path)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    assert_eq!(run(&["--write-baseline"]).0, Some(0));
    for name in listed(&corpus) {
        let copy = path.join(&name);
        let text = std::fs::read_to_string(&copy).unwrap();
        std::fs::write(&copy, reindented(&text)).unwrap();
    }
    assert_eq!(run(&[]), (Some(0), String::new()));
    let changed = path
        .join("s3-cli-json/djpapzin__PapzinCrew-Music-Streaming-Platform__backend__cors-b2.json");
    let text = std::fs::read_to_string(&changed).unwrap();
    std::fs::write(
        &changed,
        text.replacen("\"AllowedOrigins\":[", "\"AllowedOrigins\":[\"*\",", 1),
    )
    .unwrap();
    let (code, found) = run(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(
        found
            .trim_end()
            .ends_with("any website can use this rule [wildcard-origin]"),
        "{found}"
    );
}

/// The same JSON with each value on a line of its own.
fn reindented(text: &str) -> String {
    let (mut out, mut depth, mut in_string, mut escaped) = (String::new(), 0usize, false, false);
    for character in text.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            _ if character.is_whitespace() => continue,
            _ => in_string = character == '"',
        }
        if matches!(character, ']' | '}') {
            out.push_str(&format!("\n{}", "\t".repeat(depth)));
        }
        out.push(character);
        if matches!(character, '[' | '{' | ',') {
            out.push_str(&format!("\n{}", "\t".repeat(depth)));
        }
    }
    out
}

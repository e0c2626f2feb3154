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

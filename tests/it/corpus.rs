//! Real files: policies, and files that only look like one.

use std::path::Path;
use std::process::Command;

use crate::{corpus, own_policies, project};

/// The files under a folder that `--list-files` names.
fn listed(corpus: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--list-files", "."])
        .current_dir(corpus)
        .output()
        .unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let name = |line: &str| {
        let name = line.split("  ").next().unwrap();
        name.split(" at ").next().unwrap().to_owned()
    };
    lines.lines().map(name).collect()
}

/// Parts of the names of files without a policy that can be read.
const WITHOUT_POLICY: &[&str] = &[
    // All lines are comments.
    "bgreengo__lunar-tour-api",
    "cloud-platform-terraform-s3-bucket__examples__s3.tf",
    // A snippet of an editor.
    "cloudcodesnippets",
    // Only variables, outputs and local values; or a call of a module with variables only.
    "variables.tf",
    "vars.tf",
    "locals.tf",
    "outputs.tf",
    "wrappers__main.tf",
    // Templates of tests, with %[1]s for names.
    "testdata__r2cors_",
    "testdata__datasource_basic.tf",
    // Data sources, and an API gateway.
    "data-sources__",
    "apigatewayv2_api.tf",
];

#[test]
fn finds_every_policy_and_no_look_alike() {
    let names = |folder: &Path, prefix: &str| {
        let entries = walkdir::WalkDir::new(folder).into_iter();
        let files = entries
            .map(Result::unwrap)
            .filter(|e| e.file_type().is_file());
        let mut names: Vec<_> = files
            .map(|e| format!("{prefix}{}", e.file_name().to_str().unwrap()))
            .collect();
        names.sort();
        names
    };
    let own = own_policies();
    assert!(names(&own, "").len() >= 12);
    assert_eq!(listed(&own), names(&own, ""));
    let look_alikes = project().join("tests/data/look-alikes");
    assert!(!names(&look_alikes, "").is_empty());
    assert_eq!(listed(&look_alikes), Vec::<String>::new());
    let Some(corpus) = corpus() else { return };
    let kinds = [
        "ansible",
        "b2-json",
        "cfn-json",
        "cfn-yaml",
        "gcs-json",
        "gcs-xml",
        "k8s",
        "r2-json",
        "s3-array-json",
        "s3-cli-json",
        "s3-xml",
        "serverless",
        "terraform",
    ];
    let without_policy = |name: &String| WITHOUT_POLICY.iter().any(|part| name.contains(part));
    let wanted = kinds.map(|kind| names(&corpus.join(kind), &format!("{kind}/")));
    let mut wanted = wanted.concat();
    wanted.retain(|name| !without_policy(name));
    let mut found = listed(&corpus);
    // Some files contain several policies.
    found.dedup();
    assert_eq!(found, wanted);
}

/// Every policy, reindented, against the baseline of the originals; then a new `*`.
#[test]
fn baseline_survives_reformatting() {
    for policies in [Some(own_policies()), corpus()].into_iter().flatten() {
        check_baseline(&policies);
    }
}

fn check_baseline(corpus: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in listed(corpus) {
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
    for name in listed(corpus) {
        let copy = path.join(&name);
        let text = std::fs::read_to_string(&copy).unwrap();
        std::fs::write(&copy, reindented(&text)).unwrap();
    }
    assert_eq!(run(&[]), (Some(0), String::new()));
    // A new `*` in one of them is one new finding.
    let changed = listed(corpus)
        .into_iter()
        .map(|name| path.join(name))
        .find(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.contains("\"AllowedOrigins\":[") && !text.contains("\"*\"")
        });
    let changed = changed.unwrap();
    let text = std::fs::read_to_string(&changed).unwrap();
    std::fs::write(
        &changed,
        text.replacen("\"AllowedOrigins\":[", "\"AllowedOrigins\":[\"*\",", 1),
    )
    .unwrap();
    let (code, found) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(found.contains("[wildcard-origin]"), "{found}");
}

/// The same JSON with each value on a line of its own, and the same XML with each tag; a text with comments as
/// it is.
fn reindented(text: &str) -> String {
    // YAML's blanks have a meaning: only the break at the end is not.
    if !text
        .trim_start_matches('\u{feff}')
        .starts_with(['<', '[', '{', '/'])
    {
        return format!("\n{text}\n");
    }
    if text.starts_with('<') {
        let mut tags = text.split_inclusive('>');
        let lines: Vec<_> = tags.by_ref().map(str::trim).collect();
        return lines.join("\n\t");
    }
    if text.contains("/*") {
        return text.to_owned();
    }
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

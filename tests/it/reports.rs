//! The reports are what their readers take.

use std::fs;
use std::path::Path;
use std::process::Command;

use corslint::report::{FORMATS, Run, Style};
use serde_json::Value;
use unicode_width::UnicodeWidthChar as _;

use crate::{corpus, own_policies, project};

/// What corslint prints of `paths` in a format.
fn report(folder: &Path, format: &str, paths: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--quiet", "--format", format])
        .args(paths)
        .current_dir(folder)
        .output()
        .unwrap();
    assert_ne!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Policies with faults of every kind, among them texts that reports find hard.
const HOSTILE: &[(&str, &str)] = &[
    (
        "a b%20:,\u{7}é.json",
        "[{\"AllowedOrigins\": [\"https://a.io/\\u001b[31m\", \"*\"], \"AllowedMethods\": [\"get\", \"]]>&<\"], \"ID\": \"::error::\\n%\"}]",
    ),
    (
        "wide.json",
        "\u{feff}[{\"ID\": \"日本語😀\", \"AllowedOrigins\": [\"http://a.io\"],\r\n\t\"AllowedMethods\": [\"GET\", \"PUT\",]\r\n}]\r\n",
    ),
    (
        "cut.json",
        "[{\"AllowedOrigins\": [\"*\"], \"AllowedMethods\": [\"GET\"\n",
    ),
    (
        "surrogate.json",
        "[{\"AllowedOrigins\": [\"\\ud83d\"], \"AllowedMethods\": []}]",
    ),
    (
        "good.json",
        "[{\"AllowedOrigins\": [\"https://a.io\"], \"AllowedMethods\": [\"GET\"], \"MaxAgeSeconds\": 9}]",
    ),
];

/// A directory with files that are hard to report, and the corpus if it exists.
fn files() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for (name, text) in HOSTILE {
        fs::write(folder.path().join(name), text).unwrap();
        names.push((*name).to_owned());
    }
    for policies in [Some(own_policies()), corpus()].into_iter().flatten() {
        for entry in walkdir::WalkDir::new(&policies) {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_file() && name.ends_with(".json") {
                fs::write(folder.path().join(&name), fs::read(entry.path()).unwrap()).unwrap();
                names.push(name);
            }
        }
    }
    (folder, names)
}

/// Each file alone, and all together.
fn for_each_report(format: &str, mut visit: impl FnMut(&str)) {
    let (folder, names) = files();
    for name in &names {
        visit(&report(folder.path(), format, &[name]));
    }
    visit(&report(folder.path(), format, &[]));
}

fn valid_by(schema: &str, format: &str) {
    let path = project().join("tests/data/schemas").join(schema);
    let schema = json(&fs::read_to_string(path).unwrap());
    let validator = jsonschema::validator_for(&schema).unwrap();
    for_each_report(format, |text| {
        let report = json(text);
        let errors: Vec<_> = validator
            .iter_errors(&report)
            .map(|e| format!("{} {e}", e.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{text}");
    });
}

#[test]
fn sarif_is_valid() {
    valid_by("sarif-2.1.0.json", "sarif");
}

#[test]
fn rdjson_is_valid() {
    valid_by("rdjson.json", "rdjson");
}

#[test]
fn json_matches_its_schema() {
    let schema = json(&corslint::report::json_schema());
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for_each_report("json", |text| {
        let report = json(text);
        assert!(validator.is_valid(&report), "{text}");
        assert!(report["findings"].is_array() && report["version"] == 1);
    });
}

/// The fields that GitLab documents as required, and their values.
#[test]
fn gitlab_has_the_documented_fields() {
    for_each_report("gitlab", |text| {
        let report = json(text);
        let mut fingerprints = std::collections::BTreeSet::new();
        for issue in report.as_array().unwrap() {
            for field in ["description", "check_name", "fingerprint"] {
                assert!(!issue[field].as_str().unwrap().is_empty(), "{issue}");
            }
            let severities = ["info", "minor", "major", "critical", "blocker"];
            assert!(severities.contains(&issue["severity"].as_str().unwrap()));
            assert!(
                !issue["location"]["path"]
                    .as_str()
                    .unwrap()
                    .starts_with("./")
            );
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            assert!(
                fingerprints.insert(issue["fingerprint"].to_string()),
                "{issue}"
            );
        }
    });
}

#[test]
fn junit_is_xml_with_correct_counts() {
    for_each_report("junit", |text| {
        let document = roxmltree::Document::parse(text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let number = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.attribute(name).unwrap().parse::<usize>().unwrap()
        };
        let count = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.descendants().filter(|n| n.has_tag_name(name)).count()
        };
        assert_eq!(number(root, "tests"), count(root, "testcase"));
        assert_eq!(number(root, "failures"), count(root, "failure"));
        for suite in root.children().filter(roxmltree::Node::is_element) {
            assert_eq!(number(suite, "tests"), count(suite, "testcase"));
            assert_eq!(number(suite, "failures"), count(suite, "failure"));
        }
    });
}

/// A command is one line, and nothing from a file can begin another or end a property.
#[test]
fn github_commands_cannot_be_forged() {
    for_each_report("github", |text| {
        for line in text.lines() {
            let command = line.split_once("::").unwrap().1;
            let (head, message) = command.split_once("::").unwrap();
            let (name, properties) = head.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&name), "{line}");
            let keys: Vec<_> = properties
                .split(',')
                .map(|p| p.split_once('=').unwrap().0)
                .collect();
            assert!(
                keys.starts_with(&["title", "file", "line", "endLine"]),
                "{line}"
            );
            assert!(!properties.contains('\u{1b}') && !message.contains('\u{1b}'));
        }
    });
}

#[test]
fn reports_agree_on_positions() {
    let (folder, _) = files();
    let findings = json(&report(folder.path(), "json", &[]));
    let findings = findings["findings"].as_array().unwrap();
    let sarif = json(&report(folder.path(), "sarif", &[]));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(findings.len(), results.len());
    for (finding, result) in findings.iter().zip(results) {
        assert_eq!(finding["lint"], result["ruleId"]);
        assert_eq!(finding["severity"], result["level"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], finding["start"]["line"]);
        let text =
            fs::read_to_string(folder.path().join(finding["path"].as_str().unwrap())).unwrap();
        let lines = text.lines().count() as u64;
        for region in regions(result) {
            for field in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(region[field].as_u64().unwrap() > 0, "{result}");
            }
            assert!(region["endLine"].as_u64().unwrap() <= lines, "{result}");
        }
        assert!(
            result["partialFingerprints"]["primaryLocationLineHash"]
                .as_str()
                .unwrap()
                .contains(':')
        );
    }
    for (format, key) in [("gitlab", ""), ("rdjson", "diagnostics")] {
        let report = json(&report(folder.path(), format, &[]));
        let list = if key.is_empty() {
            &report
        } else {
            &report[key]
        };
        assert_eq!(list.as_array().unwrap().len(), findings.len(), "{format}");
    }
    for format in ["concise", "github"] {
        assert_eq!(
            report(folder.path(), format, &[]).lines().count(),
            findings.len(),
            "{format}"
        );
    }
    let security = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    for rule in security {
        let severity = &rule["properties"]["security-severity"];
        let is_security = rule["properties"]["tags"][0] == "security";
        assert_eq!(severity.is_string(), is_security, "{rule}");
        assert!(!is_security || severity.as_str().unwrap().parse::<f64>().unwrap() > 0.0);
    }
}

fn regions(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if key == "region" || key == "deletedRegion" {
                    found.push(member);
                }
                found.extend(regions(member));
            }
        }
        Value::Array(items) => found.extend(items.iter().flat_map(regions)),
        _ => {}
    }
    found
}

/// A reviewer applies one suggestion at a time.
#[test]
fn rdjson_suggestions_are_whole_fixes() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "[{\n  \"AllowedOrigins\": [\"https://é.io\", \"https://a.io\", \"https://b.io\", \"https://a.io\", \"https://a.io\"],\n  \"AllowedMethods\": [\"GET\", \"GET\"]\n}]\n";
    fs::write(folder.path().join("cors.json"), policy).unwrap();
    let report = json(&report(folder.path(), "rdjson", &[]));
    let mut applied = 0;
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        let Some(suggestions) = diagnostic["suggestions"].as_array() else {
            continue;
        };
        assert_eq!(suggestions.len(), 1, "{diagnostic}");
        let range = &suggestions[0]["range"];
        let offset = |place: &str| {
            let number = |key: &str| range[place][key].as_u64().unwrap() as usize;
            let lines = policy.split_inclusive('\n').take(number("line") - 1);
            lines.map(str::len).sum::<usize>() + number("column") - 1
        };
        let mut text = policy.to_owned();
        text.replace_range(
            offset("start")..offset("end"),
            suggestions[0]["text"].as_str().unwrap(),
        );
        let is_same = |f: &&corslint::finding::Finding| f.lint == "redundant-entry";
        let count = |text: &str| {
            let settings = corslint::settings::Settings::default();
            let mut checked = corslint::analyze::analyze("cors.json", text, &settings);
            checked.merge_findings();
            assert!(checked.is_policy(), "{text}");
            checked.findings.iter().filter(is_same).count()
        };
        assert!(count(&text) < count(policy), "{text}");
        applied += 1;
    }
    assert_eq!(applied, 2);
}

/// The edits of the json report, applied one by one, are what the fixes write.
#[test]
fn json_edits_resolve_the_finding() {
    let (folder, _) = files();
    let report = json(&report(folder.path(), "json", &[]));
    let mut fixed = 0;
    for finding in report["findings"].as_array().unwrap() {
        let Some(edits) = finding["fix"]["edits"].as_array() else {
            continue;
        };
        let path = finding["path"].as_str().unwrap();
        let mut text = fs::read_to_string(folder.path().join(path)).unwrap();
        for edit in edits.iter().rev() {
            let at = |place: &str| edit[place]["offset"].as_u64().unwrap() as usize;
            text.replace_range(at("start")..at("end"), edit["text"].as_str().unwrap());
        }
        let settings = corslint::settings::Settings::default();
        let merged = |bytes: Vec<u8>| {
            let mut checked = corslint::analyze::analyze(path, bytes, &settings);
            checked.merge_findings();
            checked
        };
        let before = merged(fs::read(folder.path().join(path)).unwrap());
        let after = merged(text.into_bytes());
        let count = |checked: &corslint::analyze::Analysis| {
            let same = checked.findings.iter().filter(|f| {
                f.lint == finding["lint"] && f.message == finding["message"].as_str().unwrap()
            });
            same.count()
        };
        assert!(count(&after) < count(&before), "{path}: {finding}");
        fixed += 1;
    }
    assert!(fixed > 3);
}

/// Paths count from the top of the git repository, where that is not the working directory.
#[test]
fn report_paths_are_relative_to_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".git")).unwrap();
    let below = folder.path().canonicalize().unwrap().join("infra/s3");
    fs::create_dir_all(&below).unwrap();
    fs::create_dir_all(folder.path().join("infra/gcs é")).unwrap();
    for path in ["infra/s3/cors.json", "infra/gcs é/cors.json"] {
        fs::write(folder.path().join(path), HOSTILE[1].1).unwrap();
    }
    let sarif = json(&report(&below, "sarif", &[".", "../gcs é"]));
    let uris: std::collections::BTreeSet<_> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let uris: Vec<_> = uris.iter().map(String::as_str).collect();
    assert_eq!(uris, ["infra/gcs%20%C3%A9/cors.json", "infra/s3/cors.json"]);
    let gitlab = json(&report(&below, "gitlab", &[]));
    assert_eq!(gitlab[0]["location"]["path"], "infra/s3/cors.json");
    assert!(report(&below, "github", &[]).contains("file=infra/s3/cors.json,"));
    // Also where it is named from the root, and does not lie below the working directory.
    let other = folder.path().canonicalize().unwrap().join("infra/gcs é");
    let gitlab = json(&report(&below, "gitlab", &[other.to_str().unwrap()]));
    assert_eq!(gitlab[0]["location"]["path"], "infra/gcs é/cors.json");
    let rdjson = json(&report(&below, "rdjson", &[]));
    assert_eq!(rdjson["diagnostics"][0]["location"]["path"], "cors.json");
}

#[test]
fn several_reports_in_one_run() {
    let (folder, _) = files();
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args([
            "check",
            "-q",
            "--format",
            "sarif=out/../report.sarif",
            "--format",
            "concise",
            "--format=json=report.json",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    // `out` is not there: that file cannot be written, the others are.
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: out/../report.sarif: no such file or directory\n"
    );
    assert!(!output.stdout.is_empty());
    assert!(
        json(&fs::read_to_string(folder.path().join("report.json")).unwrap())["findings"]
            .is_array()
    );
    let twice = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--format", "json", "--format", "concise"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn list_files_prints_the_model() {
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--list-files", "--format", "json", "examples"])
        .current_dir(project())
        .output()
        .unwrap();
    let inventory = json(&String::from_utf8(output.stdout).unwrap());
    let policies = inventory["policies"].as_array().unwrap();
    assert_eq!(policies.len(), 6);
    let r2 = policies
        .iter()
        .find(|policy| policy["provider"] == "r2")
        .unwrap();
    assert_eq!(r2["rules"][0]["origins"][0], "https://app.acme-photos.io");
    assert_eq!(r2["rules"][0]["maxAge"], 3600);
}

#[test]
fn line_hashes_match_github() {
    let data = json(include_str!("../data/line-hashes.json"));
    let cases = data["cases"].as_array().unwrap();
    for case in cases {
        let hashes = corslint::report::line_hashes(case["text"].as_str().unwrap());
        assert_eq!(Value::from(hashes), case["hashes"], "{}", case["text"]);
    }
    assert_eq!(cases.len(), 9);
}

/// The regular expressions of the problem matchers, over real output.
#[test]
fn problem_matchers_read_the_concise_report() {
    let (folder, _) = files();
    let concise = report(folder.path(), "concise", &[]);
    let findings = json(&report(folder.path(), "json", &[]));
    let findings = findings["findings"].as_array().unwrap();
    let github =
        json(&fs::read_to_string(project().join(".github/corslint-matcher.json")).unwrap());
    let github = &github["problemMatcher"][0]["pattern"][0];
    let editors = fs::read_to_string(project().join("docs/editors.md")).unwrap();
    let tasks = editors
        .split("```json tasks.json\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let code = json(tasks)["tasks"][0]["problemMatcher"]["pattern"].clone();
    // The stock matcher of VS Code's C++ extension (`$gcc`).
    let gcc = serde_json::json!({ "regexp": "^(.*?):(\\d+):(\\d*):?\\s+(?:fatal\\s+)?(warning|error):\\s+(.*)$", "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5 });
    for (name, pattern, with_notes) in [
        ("github", github, false),
        ("code", &code, true),
        ("gcc", &gcc, false),
    ] {
        let regex = fancy_regex::Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
        let mut matched = 0;
        for (line, finding) in concise.lines().zip(findings) {
            let coloured = format!("\u{1b}[1m{line}\u{1b}[0m");
            let lines = if name == "gcc" {
                vec![line]
            } else {
                vec![line, &coloured]
            };
            for line in lines {
                let captures = regex.captures(line).unwrap();
                if finding["severity"] == "note" && !with_notes {
                    assert!(captures.is_none(), "{name}: {line}");
                    continue;
                }
                let captures = captures.unwrap_or_else(|| panic!("{name}: {line}"));
                let group = |field: &str| {
                    captures
                        .get(pattern[field].as_u64().unwrap() as usize)
                        .unwrap()
                        .as_str()
                };
                assert_eq!(
                    group("file"),
                    corslint::report::escape_control(finding["path"].as_str().unwrap())
                );
                assert_eq!(group("line"), finding["start"]["line"].to_string());
                assert_eq!(group("column"), finding["start"]["column"].to_string());
                assert_eq!(group("severity"), finding["severity"]);
                if name == "gcc" {
                    assert!(
                        group("message")
                            .ends_with(&format!(" [{}]", finding["lint"].as_str().unwrap()))
                    );
                } else {
                    assert_eq!(
                        group("message"),
                        corslint::report::escape_control(finding["message"].as_str().unwrap())
                    );
                    assert_eq!(group("code"), finding["lint"]);
                }
                matched += 1;
            }
        }
        assert!(matched > 0, "{name}");
    }
}

/// Excerpts, help and notes fit the terminal; only a word that is longer gets more.
#[test]
fn full_fits_the_terminal() {
    let (folder, names) = files();
    let full = FORMATS.iter().find(|format| format.name == "full").unwrap();
    let mut lines = 0;
    for name in &names {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        let analysis =
            corslint::analyze::analyze(name, bytes, &corslint::settings::Settings::default());
        let run = Run {
            files: vec![analysis],
            prefix: String::new(),
            repository_root: String::new(),
            accepted: 0,
        };
        for width in [40, 60, 80, 120] {
            let style = Style {
                width: Some(width),
                ..Style::default()
            };
            for line in full.render(&run, style).lines() {
                let is_excerpt = line.starts_with(|c: char| c.is_ascii_digit());
                let is_note = line.trim_start().starts_with("= ") && line.split(' ').count() > 6;
                let columns = line.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
                if is_excerpt {
                    assert!(columns <= width, "{name}: {columns} > {width}: {line}");
                    lines += 1;
                }
                let longest = line.split(' ').map(str::len).max().unwrap_or(0);
                if is_note && longest + 15 < width {
                    assert!(columns <= width, "{name}: {columns} > {width}: {line}");
                }
            }
        }
    }
    assert!(lines > 20);
}

#[test]
fn lint_names_link_to_their_pages() {
    let text = r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]"#;
    let analysis =
        corslint::analyze::analyze("cors.json", text, &corslint::settings::Settings::default());
    let run = Run {
        files: vec![analysis],
        prefix: String::new(),
        repository_root: String::new(),
        accepted: 0,
    };
    let style = Style {
        hyperlinks: true,
        ..Style::default()
    };
    let lint = corslint::lints::Lint::by_name("wildcard-origin").unwrap();
    let link = format!(
        "note[\u{1b}]8;;{}\u{1b}\\wildcard-origin\u{1b}]8;;\u{1b}\\]: ",
        lint.url()
    );
    let full = FORMATS.iter().find(|format| format.name == "full").unwrap();
    assert!(full.render(&run, style).starts_with(&link));
}

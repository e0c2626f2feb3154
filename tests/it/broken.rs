//! Broken policies of each provider, kept as files, with the exact findings of each; and the printed
//! schemas, used plainly on the plain files as an editor does.

use std::path::PathBuf;

use corslint::analyze::analyze;
use corslint::config::{ConfigError, Project};
use corslint::finding::Finding;
use corslint::level::Severity;
use corslint::report::{FORMATS, Run, Style, finding_in_full};
use corslint::schema::SCHEMAS;
use corslint::settings::Settings;
use corslint::source::Source;
use serde_json::Value;

use crate::fences::{Part, parse, write};
use crate::{assert_file, project};

/// Returns the places where the schema of that name rejects a text; `None` if it is not JSON.
fn rejections(schema: &str, text: &str) -> Option<Vec<String>> {
    let instance: Value = serde_json::from_str(text).ok()?;
    let schema = SCHEMAS.iter().find(|other| other.name == schema).unwrap();
    let schema: Value = serde_json::from_str(schema.text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut places: Vec<_> = validator
        .iter_errors(&instance)
        .map(|error| format!("{} {}", error.instance_path(), error.kind().keyword()))
        .collect();
    places.dedup();
    Some(places)
}

#[test]
fn broken_policies_are_reported() {
    for provider in ["s3", "gcs", "r2", "b2"] {
        let path = project().join(format!("tests/broken/{provider}.md"));
        let mut parts = parse(&std::fs::read_to_string(&path).unwrap());
        let (mut cases, mut text, mut shape) = (0, String::new(), "");
        for part in &mut parts {
            let Part::Fence(fence) = part else { continue };
            match fence.file.as_str() {
                "findings" => {
                    let mut checked = analyze("cors.json", text.as_str(), &Settings::default());
                    checked.merge_findings();
                    assert_eq!(checked.policies.len(), 1, "{provider}: {text}");
                    assert_eq!(checked.policies[0].policy.provider().id, provider, "{text}");
                    shape = checked.policies[0].policy.dialect.name();
                    let is_broken = |finding: &&Finding| {
                        let broken = ["schema-violation", "syntax-error", "duplicate-key"];
                        broken.contains(&finding.lint) || finding.severity == Severity::Error
                    };
                    assert!(checked.findings.iter().any(|f| is_broken(&f)), "{text}");
                    let concise = FORMATS.iter().find(|f| f.name == "concise").unwrap();
                    let run = Run {
                        files: vec![checked],
                        prefix: String::new(),
                        repository_root: String::new(),
                        accepted: 0,
                    };
                    fence.body = concise.render(&run, Style::default());
                    cases += 1;
                }
                "schema" => {
                    let places = rejections(shape, &text);
                    let places = places.unwrap_or_else(|| vec!["(not JSON)".to_owned()]);
                    fence.body = places.iter().map(|place| format!("{place}\n")).collect();
                }
                _ => text = fence.body.clone(),
            }
        }
        assert!(cases >= 25, "{provider} has {cases}");
        assert_file(&path, &write(&parts));
    }
}

#[test]
fn good_examples_are_valid() {
    let examples = [
        ("s3-cli", "examples/uploads.json"),
        ("gcs", "examples/gcs.json"),
        ("r2", "examples/r2.json"),
        ("b2", "examples/b2.json"),
    ];
    for (schema, path) in examples {
        let text = std::fs::read_to_string(project().join(path)).unwrap();
        assert_eq!(
            rejections(schema, &text).unwrap(),
            Vec::<String>::new(),
            "{path}"
        );
        let checked = analyze(path, text, &Settings::default());
        assert_eq!(checked.policies[0].policy.dialect.name(), schema, "{path}");
        assert!(
            checked.findings.is_empty(),
            "{path}: {:?}",
            checked.findings
        );
    }
}

#[test]
fn configuration_errors_are_reported() {
    let path = project().join("tests/broken/config.md");
    let mut parts = parse(&std::fs::read_to_string(&path).unwrap());
    let (mut cases, mut text) = (0, String::new());
    for part in &mut parts {
        match part {
            Part::Fence(fence) if fence.language == "toml" => text.clone_from(&fence.body),
            Part::Fence(fence) => {
                let source = Source::new("corslint.toml", text.as_str());
                let error = Project::parse(source, PathBuf::new()).expect_err(&text);
                let ConfigError::Invalid(source, errors) = error else {
                    panic!("{text}");
                };
                let drawn = errors.into_iter().map(|error| {
                    let finding = Finding::new(error, Severity::Error);
                    finding_in_full(&source, &finding, Style::default())
                });
                fence.body = drawn.collect::<Vec<_>>().concat().trim_end().to_owned() + "\n";
                cases += 1;
            }
            Part::Prose(_) => {}
        }
    }
    assert!(cases >= 25);
    assert_file(&path, &write(&parts));
}

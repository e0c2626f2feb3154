//! Every single fix in the json, SARIF and rdjson reports, applied alone: the file still parses, the finding is
//! gone, and every comment that is left is whole.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use corslint::analyze::{Analysis, analyze};
use corslint::finding::Finding;
use corslint::settings::Settings;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::corpus;
use crate::fixes::{SHAPES, name_of, rules, style, write};

const GENERATED: usize = 5_000;

/// Returns the comments of a text, outside of strings.
fn comments(text: &str) -> HashMap<String, usize> {
    let mut comments = HashMap::new();
    if ["cors.yaml", "cors.tf"].contains(&name_of(text)) {
        for line in text.lines() {
            if let Some(at) = line.find(" # comment") {
                *comments.entry(line[at..].to_owned()).or_default() += 1;
            }
        }
        return comments;
    }
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', '<']) {
        rest = &rest[at..];
        let end = if rest.starts_with("<!--") {
            let end = rest.find("-->").map_or(rest.len(), |end| end + 3);
            *comments.entry(rest[..end].to_owned()).or_default() += 1;
            end
        } else if let Some(tag) = rest.strip_prefix('<') {
            // Slashes in the text of an element start no comment.
            tag.find('<').map_or(rest.len(), |next| next + 1)
        } else if let Some(inner) = rest.strip_prefix('"') {
            let mut escaped = false;
            let close = inner.find(|c| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes || c == '\n'
            });
            close.map_or(rest.len(), |close| close + 2)
        } else if rest.starts_with("//") {
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            *comments
                .entry(rest[..end].trim_end().to_owned())
                .or_default() += 1;
            end
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            *comments.entry(rest[..end].to_owned()).or_default() += 1;
            end
        } else {
            1
        };
        rest = &rest[end.min(rest.len())..];
    }
    comments
}

/// Inserts comments after some of the brackets and commas. `seed` selects which.
fn with_comments(text: &str, mut seed: u64) -> String {
    let mut out = String::new();
    let (mut in_string, mut number) = (false, 0);
    let is_xml = name_of(text) == "cors.xml";
    if ["cors.yaml", "cors.tf"].contains(&name_of(text)) {
        for line in text.split_inclusive('\n') {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            number += 1;
            let content = line.trim_end_matches(['\n', '\r']);
            out.push_str(content);
            if (seed >> 33).is_multiple_of(3) {
                out.push_str(&format!(" # comment {number}"));
            }
            out.push_str(&line[content.len()..]);
        }
        return out;
    }
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        out.push(character);
        in_string ^= character == '"';
        let is_place = match is_xml {
            // Not inside of text.
            true => character == '>' && matches!(characters.peek(), Some('<' | '\r' | '\n')),
            false => !in_string && "[]{},".contains(character),
        };
        if !is_place {
            continue;
        }
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        number += 1;
        match (seed >> 33) % 8 {
            0 | 1 if is_xml => out.push_str(&format!(" <!-- comment {number} -->")),
            0 => out.push_str(&format!(" // line {number}\n")),
            1 => out.push_str(&format!("/* block {number} */")),
            _ => {}
        }
    }
    out
}

/// The offset of a position in a report. `columns` converts a column to a length of the line in bytes.
fn offset(text: &str, line: u64, columns: impl Fn(&str) -> usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        let rest = &text[start..];
        let end = rest.find(['\n', '\r']).unwrap();
        start += end
            + if rest[end..].starts_with("\r\n") {
                2
            } else {
                1
            };
    }
    let line = text[start..].trim_start_matches('\u{feff}');
    text.len() - line.len() + columns(line)
}

fn utf16(column: u64) -> impl Fn(&str) -> usize {
    move |line| {
        let mut units = 1;
        let end = line.char_indices().find(|(_, character)| {
            let is_end = units >= column;
            units += character.len_utf16() as u64;
            is_end
        });
        end.map_or(line.len(), |(at, _)| at)
    }
}

/// The replacements of one fix: a range of bytes, and the new text.
type Edits = Vec<(usize, usize, String)>;

/// The edits of each finding that has some, by report, with the path.
fn edits(
    report: &Value,
    format: &str,
    texts: &HashMap<String, String>,
) -> Vec<(String, String, String, Edits)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| value.as_u64().unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    match format {
        "json" => {
            for finding in list(&report["findings"]) {
                let edits = list(&finding["fix"]["edits"]);
                let edits = edits.iter().map(|edit| {
                    let at = |place: &str| number(&edit[place]["offset"]) as usize;
                    (at("start"), at("end"), text(&edit["text"]))
                });
                let edits = edits.collect();
                found.push((
                    text(&finding["path"]),
                    text(&finding["lint"]),
                    text(&finding["message"]),
                    edits,
                ));
            }
        }
        "sarif" => {
            for result in list(&report["runs"][0]["results"]) {
                let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
                let path = text(&location["uri"]);
                let of = &texts[&path];
                let replacements = list(&result["fixes"][0]["artifactChanges"][0]["replacements"]);
                let edits = replacements.iter().map(|replacement| {
                    let region = &replacement["deletedRegion"];
                    let at = |line: &str, column: &str| {
                        offset(of, number(&region[line]), utf16(number(&region[column])))
                    };
                    (
                        at("startLine", "startColumn"),
                        at("endLine", "endColumn"),
                        text(&replacement["insertedContent"]["text"]),
                    )
                });
                let edits = edits.collect();
                found.push((
                    path,
                    text(&result["ruleId"]),
                    text(&result["message"]["text"]),
                    edits,
                ));
            }
        }
        _ => {
            for diagnostic in list(&report["diagnostics"]) {
                let path = text(&diagnostic["location"]["path"]);
                let of = &texts[&path];
                let suggestions = list(&diagnostic["suggestions"]);
                assert!(suggestions.len() < 2, "{diagnostic}");
                let edits = suggestions.iter().map(|suggestion| {
                    let at = |place: &str| {
                        let position = &suggestion["range"][place];
                        let column = number(&position["column"]) as usize;
                        offset(of, number(&position["line"]), |_| column - 1)
                    };
                    (at("start"), at("end"), text(&suggestion["text"]))
                });
                let edits = edits.collect();
                let lint = text(&diagnostic["code"]["value"]);
                found.push((path, lint, text(&diagnostic["message"]), edits));
            }
        }
    }
    found.retain(|(.., edits): &(_, _, _, Edits)| !edits.is_empty());
    found
}

fn lint(name: &str, text: &str) -> Analysis {
    let mut analysis = analyze(name, text, &Settings::default());
    analysis.merge_findings();
    analysis
}

#[test]
fn single_fixes_leave_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut texts: HashMap<String, String> = HashMap::new();
    let strategy = (rules(), 0usize..SHAPES, style(), proptest::num::u64::ANY);
    let mut runner = TestRunner::deterministic();
    for index in 0..GENERATED {
        let (rules, shape, style, seed) = strategy.new_tree(&mut runner).unwrap().current();
        let text = write(&rules, shape, style);
        let (name, text) = match (name_of(&text), index % 2) {
            ("cors.tf", 0) => (format!("{index}.tf"), text),
            ("cors.tf", _) => (format!("{index}.tofu"), with_comments(&text, seed)),
            ("cors.yaml", 0) => (format!("{index}.yaml"), text),
            ("cors.yaml", _) => (format!("{index}.yml"), with_comments(&text, seed)),
            ("cors.xml", 0) => (format!("{index}.xml"), text),
            ("cors.xml", _) => (format!("{index}.xml"), with_comments(&text, seed)),
            (_, 0) => (format!("{index}.json"), text),
            _ => (format!("{index}.jsonc"), with_comments(&text, seed)),
        };
        texts.insert(name, text);
    }
    for entry in corpus().into_iter().flat_map(walkdir::WalkDir::new) {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_file()
            && [".json", ".xml", ".yaml", ".yml", ".tf"]
                .iter()
                .any(|end| name.ends_with(end))
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            texts.insert(name, text);
        }
    }
    for (name, text) in &texts {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--isolated", "-q"])
        .args(["--format", "json=../r.json", "--format", "sarif=../r.sarif"])
        .args(["--format", "rdjson=../r.rdjson"])
        .current_dir(folder.path())
        .output();
    // The reports stand next to the policies, so that they are not checked.
    let output = output.unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut results: HashMap<(String, String, String), Vec<String>> = HashMap::new();
    let mut counts = HashMap::new();
    for format in ["json", "sarif", "rdjson"] {
        let path = folder.path().join(format!("../r.{format}"));
        let report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        fs::remove_file(path).unwrap();
        for (name, id, message, mut edits) in edits(&report, format, &texts) {
            *counts.entry(format).or_insert(0) += 1;
            let before = &texts[&name];
            edits.sort();
            let mut after = before.clone();
            for (start, end, with) in edits.iter().rev() {
                after.replace_range(*start..*end, with);
            }
            // SARIF and rdjson append the help to the message.
            let key = (name.clone(), id.clone(), String::new());
            let known = results.entry(key).or_default();
            if known.contains(&after) {
                continue;
            }
            assert_eq!(
                format, "json",
                "{name}: {id}: other edits than in json: {message}\n{before:?}\n{known:?}\n{after:?}"
            );
            known.push(after.clone());
            let (then, now) = (lint(&name, before), lint(&name, &after));
            // Without an entry, a later rule may be used for it, and get the finding instead.
            let first = edits[0].0;
            let rule = |f: &&Finding| f.key.rule_index;
            let is_same = |f: &&Finding| f.lint == id && f.message == message;
            let fixed = then.findings.iter().filter(is_same);
            let fixed = fixed
                .min_by_key(|f| f.span().start().abs_diff(first))
                .unwrap();
            let count = |analysis: &Analysis| {
                let same = analysis.findings.iter().filter(is_same);
                same.filter(|f| rule(f) == fixed.key.rule_index).count()
            };
            let broken = |analysis: &Analysis| {
                let syntax = analysis.findings.iter();
                syntax.filter(|f| f.lint == "syntax-error").count()
            };
            assert_eq!(
                then.policies.len(),
                now.policies.len(),
                "{name}: {message}\n{before}\n{after}"
            );
            // If the entry has a duplicate, that one now has the finding, and is no duplicate anymore.
            let duplicates = |analysis: &Analysis| {
                let found = analysis.findings.iter();
                found
                    .filter(|f| f.message.starts_with("duplicate entry"))
                    .count()
            };
            let is_gone = count(&now) < count(&then) || duplicates(&now) < duplicates(&then);
            assert!(is_gone, "{name}: {message}\n{before}\n{after}");
            assert!(
                broken(&now) <= broken(&then),
                "{name}: {message}\n{before}\n{after}"
            );
            let whole = comments(before);
            for (comment, number) in comments(&after) {
                let there = whole.get(&comment).copied().unwrap_or(0);
                assert!(
                    number <= there,
                    "{name}: {message}: {comment}\n{before}\n{after}"
                );
            }
        }
    }
    eprintln!("single fixes applied: {counts:?}");
    // SARIF and rdjson leave out what they cannot express or should not suggest.
    assert!(counts["json"] > GENERATED && counts["sarif"] > GENERATED && counts["rdjson"] > 1_000);
}

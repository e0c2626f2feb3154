//! One JSON document, also when nothing was found.

use schemars::JsonSchema;
use serde::Serialize;

use super::escape::escape_json;
use super::fingerprint::fingerprints;
use super::{Format, Render, Run, Style};
use crate::analyze::Analysis;
use crate::finding::{Finding, Safety};
use crate::fix;
use crate::level::Severity;
use crate::schema;
use crate::source::{Edit, Position, Source, Span};

pub(super) const FORMAT: Format = Format {
    name: "json",
    about: "one JSON document, for programs",
    render: Render::WholeRun(render),
    includes_edits: true,
};

/// The findings of a run.
#[derive(JsonSchema)]
#[schemars(title = "The JSON report of corslint")]
#[allow(dead_code)]
struct Report<'r> {
    /// The version of this format; fields may be added to a version, never removed.
    version: u32,
    /// Sorted by path, then by position.
    findings: Vec<JsonFinding<'r>>,
    summary: Summary,
}

/// One finding.
#[derive(Serialize, JsonSchema)]
struct JsonFinding<'r> {
    /// The lint that reports it.
    lint: &'static str,
    #[schemars(with = "SeverityName")]
    severity: Severity,
    /// What is wrong, in one line.
    message: &'r str,
    /// Relative to the working directory, with `/`.
    path: &'r str,
    /// Where in the file the policy is, if it contains several.
    address: Option<&'r str>,
    /// Stable between runs, even if lines are added above or the file is reformatted.
    fingerprint: &'r str,
    start: JsonPosition,
    end: JsonPosition,
    /// The first is where the problem is; the others explain it.
    labels: Vec<JsonLabel<'r>>,
    /// What to do, in one line.
    help: Option<&'r str>,
    /// How it can be fixed.
    fix: Option<JsonFix<'r>>,
}

/// The names of severities.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum SeverityName {
    Note,
    Warning,
    Error,
}

/// A span and what is special about it.
#[derive(Serialize, JsonSchema)]
struct JsonLabel<'r> {
    start: JsonPosition,
    end: JsonPosition,
    /// May be empty.
    text: &'r str,
}

/// Edits that resolve a finding; they belong together.
#[derive(Serialize, JsonSchema)]
struct JsonFix<'r> {
    title: &'r str,
    #[schemars(with = "SafetyName")]
    safety: Safety,
    /// In order and without overlaps.
    edits: Vec<JsonEdit<'r>>,
}

/// Whether the policy keeps allowing exactly the same requests.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum SafetyName {
    Safe,
    Unsafe,
}

/// Bytes to replace, and their replacement.
#[derive(Serialize, JsonSchema)]
struct JsonEdit<'r> {
    start: JsonPosition,
    end: JsonPosition,
    text: &'r str,
}

/// Line and column count from 1, the column in characters; the offset counts bytes from 0.
#[derive(Serialize, JsonSchema)]
pub(super) struct JsonPosition {
    line: usize,
    column: usize,
    offset: usize,
}

impl JsonPosition {
    pub(super) fn at(source: &Source, offset: usize) -> JsonPosition {
        let Position {
            line,
            column,
            offset,
            ..
        } = source.position(offset);
        JsonPosition {
            line,
            column,
            offset,
        }
    }
}

/// Counts.
#[derive(Serialize, JsonSchema)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    policies: usize,
    /// The number of findings that exceptions accept; they are not listed.
    accepted: usize,
}

/// The JSON Schema of this report.
pub fn json_schema() -> String {
    schema::of::<Report<'static>>()
}

/// Renders a run as one JSON document. The style has no effect.
pub fn render(run: &Run, _style: Style) -> String {
    let counts = run.counts();
    let edits: Vec<_> = run.files.iter().map(fix::edits).collect();
    let findings = run.files.iter().zip(&edits).flat_map(|(file, edits)| {
        let findings = file.findings.iter().zip(edits);
        findings.map(move |(finding, edits)| (file, finding, edits))
    });
    let findings = findings.zip(fingerprints(run));
    let mut text = "{\"version\":1,\"findings\":".to_owned();
    let mut lines = JsonLines::new(&mut text);
    for ((file, finding, edits), fingerprint) in findings {
        lines.add(&json_finding(file, finding, edits, &fingerprint));
    }
    lines.end();
    let summary = Summary {
        errors: counts.errors,
        warnings: counts.warnings,
        notes: counts.notes,
        policies: run.policy_count(),
        accepted: run.accepted,
    };
    text.push_str(",\"summary\":");
    text.push_str(&one_line(&summary));
    text.push_str("}\n");
    escape_json(text)
}

/// A JSON list with one item per line, suitable for `grep` and `diff`. Items are written one at a time, so
/// that a large report is not in memory twice.
pub(super) struct JsonLines<'t> {
    text: &'t mut String,
    is_first: bool,
}

impl<'t> JsonLines<'t> {
    /// Starts a list.
    pub(super) fn new(text: &'t mut String) -> JsonLines<'t> {
        text.push('[');
        JsonLines {
            text,
            is_first: true,
        }
    }

    pub(super) fn add(&mut self, item: &impl Serialize) {
        self.text.push_str(if self.is_first { "\n" } else { ",\n" });
        self.text.push_str(&one_line(item));
        self.is_first = false;
    }

    pub(super) fn end(self) {
        self.text.push_str("\n]");
    }
}

pub(super) fn one_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers can be written")
}

/// Writes a JSON document.
pub fn to_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("strings and numbers can be written");
    text.push('\n');
    escape_json(text)
}

fn json_finding<'r>(
    file: &'r Analysis,
    finding: &'r Finding,
    edits: &'r [Edit],
    fingerprint: &'r str,
) -> JsonFinding<'r> {
    let position = |offset| JsonPosition::at(&file.source, offset);
    let ends = |span: Span| (position(span.start()), position(span.end()));
    let (start, end) = ends(finding.span());
    let labels = finding.labels.iter().map(|label| {
        let (start, end) = ends(label.span);
        JsonLabel {
            start,
            end,
            text: &label.text,
        }
    });
    let fix = finding.fix.as_ref().map(|fix| JsonFix {
        title: &fix.title,
        safety: fix.safety,
        edits: edits
            .iter()
            .map(|edit| {
                let (start, end) = ends(edit.span);
                JsonEdit {
                    start,
                    end,
                    text: &edit.text,
                }
            })
            .collect(),
    });
    JsonFinding {
        lint: finding.lint,
        severity: finding.severity,
        message: &finding.message,
        path: file.source.name(),
        address: finding.address.as_deref(),
        fingerprint,
        start,
        end,
        labels: labels.collect(),
        help: finding.help.as_deref(),
        fix,
    }
}

//! One JSON document, also when nothing was found.

use serde::Serialize;

use super::visible::visible_json;
use super::{Format, Run, Style};
use crate::check::Checked;
use crate::finding::{Finding, Severity};
use crate::source::{Position, Span};

pub(super) const FORMAT: Format = Format {
    name: "json",
    about: "one JSON document, for programs",
    render,
};

#[derive(Serialize)]
struct Report<'r> {
    version: u32,
    findings: Vec<JsonFinding<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct JsonFinding<'r> {
    lint: &'static str,
    severity: Severity,
    message: &'r str,
    path: &'r str,
    /// Where in the document the policy is, if it holds several.
    address: Option<&'r str>,
    start: Place,
    end: Place,
    labels: Vec<JsonLabel<'r>>,
    help: Option<&'r str>,
    /// Nothing is mended yet.
    fix: Option<()>,
}

#[derive(Serialize)]
struct JsonLabel<'r> {
    start: Place,
    end: Place,
    text: &'r str,
}

/// Line and column count from 1, the column in characters; the offset counts bytes from 0.
#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    policies: usize,
}

fn render(run: &Run, _style: Style) -> String {
    let counts = run.counts();
    let report = Report {
        version: 1,
        findings: run
            .findings()
            .map(|(file, finding)| json_finding(file, finding))
            .collect(),
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            policies: run.policies(),
        },
    };
    let mut text =
        serde_json::to_string_pretty(&report).expect("strings and numbers can be written");
    text.push('\n');
    visible_json(text)
}

fn json_finding<'r>(file: &'r Checked, finding: &'r Finding) -> JsonFinding<'r> {
    let place = |offset| {
        let Position {
            line,
            column,
            offset,
            ..
        } = file.source.position(offset);
        Place {
            line,
            column,
            offset,
        }
    };
    let ends = |span: Span| (place(span.start()), place(span.end()));
    let (start, end) = ends(finding.span());
    let labels = finding.labels.iter().map(|label| {
        let (start, end) = ends(label.span);
        JsonLabel {
            start,
            end,
            text: &label.text,
        }
    });
    JsonFinding {
        lint: finding.lint,
        severity: finding.severity,
        message: &finding.message,
        path: file.source.name(),
        address: finding.address.as_deref(),
        start,
        end,
        labels: labels.collect(),
        help: finding.help.as_deref(),
        fix: None,
    }
}

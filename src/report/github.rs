//! Workflow commands of GitHub Actions, which become annotations.

use std::fmt::Write as _;

use super::{Format, Render, Run, Style, escape_control};
use crate::level::Severity;

pub(super) const FORMAT: Format = Format {
    name: "github",
    about: "workflow commands, for annotations in GitHub Actions",
    render: Render::WholeRun(render),
    includes_edits: false,
};

fn render(run: &Run, _style: Style) -> String {
    let mut out = String::new();
    for (file, finding) in run.findings() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let start = file.source.position(finding.span().start());
        let end = file.source.position(finding.span().end());
        let message = finding.message_with_help();
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "::{command} title={},file={},line={},endLine={}",
            property(&format!("corslint: {}", finding.lint)),
            property(&run.path_from_root(file)),
            start.line,
            end.line
        );
        // GitHub only accepts columns if the annotation is on a single line.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
        let _ = writeln!(out, "::{}", data(&message));
    }
    out
}

/// Escapes the message, which is the text after the second `::`.
fn data(text: &str) -> String {
    escape_control(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property, in which commas and colons are special.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

//! GitLab's Code Quality report.

use serde_json::json;

use super::escape::escape_json;
use super::fingerprint::fingerprints;
use super::json::JsonLines;
use super::{Format, Render, Run, Style};
use crate::level::Severity;

pub(super) const FORMAT: Format = Format {
    name: "gitlab",
    about: "a Code Quality report, for GitLab",
    render: Render::WholeRun(render),
    includes_edits: false,
};

/// Renders the fields documented in 'Code Quality report format' by GitLab.
fn render(run: &Run, _style: Style) -> String {
    let findings = run.findings().zip(fingerprints(run));
    let mut text = String::new();
    let mut lines = JsonLines::new(&mut text);
    for ((file, finding), fingerprint) in findings {
        let start = file.source.position(finding.span().start());
        let end = file.source.position(finding.span().end());
        lines.add(&json!({
            "description": finding.message_with_help(),
            "check_name": finding.lint,
            "fingerprint": fingerprint,
            "severity": match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Note => "info",
            },
            "location": {
                "path": run.path_from_root(file),
                "lines": { "begin": start.line, "end": end.line },
            },
        }));
    }
    lines.end();
    text.push('\n');
    escape_json(text)
}

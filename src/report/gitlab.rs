//! GitLab's Code Quality report.

use serde_json::json;

use super::fingerprint::fingerprints;
use super::json::Lines;
use super::visible::visible_json;
use super::{Format, Run, Style};
use crate::finding::Severity;

pub(super) const FORMAT: Format = Format {
    name: "gitlab",
    about: "a Code Quality report, for GitLab",
    render,
};

/// The fields that GitLab documents ('Code Quality report format').
fn render(run: &Run, _style: Style) -> String {
    let findings = run.findings().zip(fingerprints(run));
    let mut text = String::new();
    let mut lines = Lines::new(&mut text);
    for ((file, finding), fingerprint) in findings {
        let start = file.source.position(finding.span().start());
        let end = file.source.position(finding.span().end());
        lines.add(&json!({
            "description": match &finding.help {
                Some(help) => format!("{}; {help}", finding.message),
                None => finding.message.clone(),
            },
            "check_name": finding.lint,
            "fingerprint": fingerprint,
            "severity": match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Note => "info",
            },
            "location": {
                "path": run.path_from_top(file),
                "lines": { "begin": start.line, "end": end.line },
            },
        }));
    }
    lines.end();
    text.push('\n');
    visible_json(text)
}

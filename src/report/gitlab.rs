//! GitLab's Code Quality report.

use serde_json::{Value, json};

use super::fingerprint::fingerprints;
use super::json::to_text;
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
    let issues: Vec<Value> = findings
        .map(|((file, finding), fingerprint)| {
            let start = file.source.position(finding.span().start());
            let end = file.source.position(finding.span().end());
            json!({
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
            })
        })
        .collect();
    to_text(&issues)
}

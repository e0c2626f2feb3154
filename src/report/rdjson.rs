//! Reviewdog's diagnostic format (rdjson), with suggestions for fixes.

use serde_json::{Value, json};

use super::escape::escape_json;
use super::json::{JsonLines, one_line};
use super::{Format, Render, Run, Style};
use crate::fix;
use crate::level::Severity;
use crate::lints::Lint;
use crate::source::{Source, Span};

pub(super) const FORMAT: Format = Format {
    name: "rdjson",
    about: "reviewdog's format, with suggestions",
    render: Render::WholeRun(render),
};

const HOME: &str = env!("CARGO_PKG_REPOSITORY");

fn render(run: &Run, _style: Style) -> String {
    let source = one_line(&json!({ "name": "corslint", "url": HOME }));
    let mut text = format!("{{\"source\":{source},\"diagnostics\":");
    let mut lines = JsonLines::new(&mut text);
    for file in &run.files {
        let edits = fix::edits(file);
        for (finding, edits) in file.findings.iter().zip(&edits) {
            let url = Lint::by_name(finding.lint).map(Lint::url);
            let mut diagnostic = json!({
                "message": finding.message_with_help(),
                "location": {
                    "path": file.source.name(),
                    "range": range(&file.source, finding.span()),
                },
                "severity": match finding.severity {
                    Severity::Error => "ERROR",
                    Severity::Warning => "WARNING",
                    Severity::Note => "INFO",
                },
                "code": {
                    "value": finding.lint,
                    "url": url,
                },
            });
            let suggestions: Vec<Value> = edits
                .iter()
                .map(|edit| json!({ "range": range(&file.source, edit.span), "text": edit.text }))
                .collect();
            if !suggestions.is_empty() {
                diagnostic["suggestions"] = suggestions.into();
            }
            lines.add(&diagnostic);
        }
    }
    lines.end();
    text.push_str("}\n");
    escape_json(text)
}

/// Converts a span to an rdjson range. Columns count bytes, from 1; the end is exclusive.
fn range(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start()), source.position(span.end()));
    json!({
        "start": { "line": start.line, "column": start.byte_column },
        "end": { "line": end.line, "column": end.byte_column },
    })
}

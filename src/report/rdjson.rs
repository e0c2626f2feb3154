//! Reviewdog's diagnostic format (rdjson), with suggestions for fixes.

use serde_json::{Value, json};

use super::escape::escape_json;
use super::json::{JsonLines, one_line};
use super::{Format, Render, Run, Style, has_columns};
use crate::finding::Safety;
use crate::fix;
use crate::level::Severity;
use crate::lints::Lint;
use crate::source::{Edit, Source, Span};

pub(super) const FORMAT: Format = Format {
    name: "rdjson",
    about: "reviewdog's format, with suggestions",
    render: Render::WholeRun(render),
    includes_edits: true,
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
            // A reviewer applies a suggestion with one click, so only safe fixes are suggested.
            let is_safe = finding
                .fix
                .as_ref()
                .is_some_and(|f| f.safety == Safety::Safe);
            let is_suggested = is_safe && has_columns(&file.source, edits);
            if let Some(edit) = whole_edit(&file.source, edits).filter(|_| is_suggested) {
                let suggestion =
                    json!({ "range": range(&file.source, edit.span), "text": edit.text });
                diagnostic["suggestions"] = json!([suggestion]);
            }
            lines.add(&diagnostic);
        }
    }
    lines.end();
    text.push_str("}\n");
    escape_json(text)
}

/// Joins the edits of a fix, because each suggestion is applied independently of the others. `None` without
/// edits. The edits are in order and don't overlap.
fn whole_edit(source: &Source, edits: &[Edit]) -> Option<Edit> {
    let (first, last) = (edits.first()?, edits.last()?);
    let mut text = String::new();
    let mut end = first.span.start();
    for edit in edits {
        text.push_str(&source.text()[end..edit.span.start()]);
        text.push_str(&edit.text);
        end = edit.span.end();
    }
    Some(Edit {
        span: Span::new(first.span.start(), last.span.end()),
        text,
    })
}

/// Converts a span to an rdjson range. Columns count bytes, from 1; the end is exclusive.
fn range(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start()), source.position(span.end()));
    json!({
        "start": { "line": start.line, "column": start.byte_column },
        "end": { "line": end.line, "column": end.byte_column },
    })
}

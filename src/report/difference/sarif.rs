//! What is newly allowed as SARIF 2.1.0, at the rules that allow it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::source::Span;

use super::words::{access, change, example, plain};
use crate::compare::{Compared, Side};

/// What stays as it is in the path of a file.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

const RULE: &str = "newly-allowed";

/// Renders what is newly allowed as SARIF 2.1.0.
pub fn render(compared: &[Compared]) -> String {
    let mut results = Vec::new();
    for it in compared {
        let Some(new) = &it.new else {
            continue;
        };
        for newly in &it.difference.newly_allowed {
            let message = format!(
                "newly allowed: {}; such as {}",
                access(newly, &plain),
                example(&newly.witness)
            );
            results.push(result(new, newly.place.span, &message));
        }
        let changed = it.difference.changed.iter();
        for changed in changed.filter(|changed| changed.what.widens()) {
            results.push(result(new, changed.places.1.span, &change(changed, &plain)));
        }
    }
    let home = env!("CARGO_PKG_REPOSITORY");
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "corslint",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": home,
                "rules": [{
                    "id": RULE,
                    "shortDescription": { "text": "A bucket allows requests that it refused before." },
                    "helpUri": concat!(env!("CARGO_PKG_HOMEPAGE"), "docs/diff.html"),
                    "defaultConfiguration": { "level": "warning" },
                }],
            } },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    format!("{report}\n")
}

fn result(side: &Side, span: Span, message: &str) -> Value {
    let source = &side.analysis.source;
    let (start, end) = (source.position(span.start()), source.position(span.end()));
    json!({
        "ruleId": RULE,
        "ruleIndex": 0,
        "level": "warning",
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": utf8_percent_encode(source.name(), PATH).to_string() },
            "region": {
                "startLine": start.line,
                "startColumn": start.utf16_column,
                "endLine": end.line,
                "endColumn": end.utf16_column,
            },
        } }],
    })
}

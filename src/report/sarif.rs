//! SARIF 2.1.0, as GitHub code scanning accepts it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::escape::escape_json;
use super::fingerprint::fingerprints;
use super::json::{JsonLines, one_line};
use super::line_hash::line_hashes;
use super::{Format, Render, Run, Style, has_columns};
use crate::analyze::Analysis;
use crate::finding::{Finding, Fix, Safety};
use crate::fix;
use crate::level::{Group, Level, Severity};
use crate::lints::{LINTS, Lint};
use crate::source::{Edit, Source, Span};

pub(super) const FORMAT: Format = Format {
    name: "sarif",
    about: "SARIF 2.1.0, for code scanning",
    render: Render::WholeRun(render),
    includes_edits: true,
};

const HOME: &str = env!("CARGO_PKG_REPOSITORY");

fn render(run: &Run, _style: Style) -> String {
    let mut fingerprints = fingerprints(run).into_iter();
    let driver = one_line(&json!({
        "name": "corslint",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": HOME,
        "rules": LINTS.iter().map(rule).collect::<Vec<_>>(),
    }));
    let mut text = format!(
        "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{{\n\
         \"tool\":{{\"driver\":{driver}}},\n\"columnKind\":\"utf16CodeUnits\",\n\"results\":"
    );
    let mut lines = JsonLines::new(&mut text);
    for file in run.files.iter().filter(|file| !file.findings.is_empty()) {
        let hashes = line_hashes(file.source.text());
        let edits = fix::edits(file);
        for (finding, edits) in file.findings.iter().zip(&edits) {
            let fingerprint = fingerprints.next().unwrap_or_default();
            lines.add(&result(run, file, finding, edits, &hashes, &fingerprint));
        }
    }
    lines.end();
    text.push_str("}]}\n");
    escape_json(text)
}

fn rule(lint: &Lint) -> Value {
    let mut properties = json!({ "tags": [lint.group.name()], "precision": "high" });
    if lint.group == Group::Security {
        properties["security-severity"] = security_severity(lint.level).into();
    }
    json!({
        "id": lint.name,
        "shortDescription": { "text": plain(lint.summary()) },
        "fullDescription": { "text": plain(lint.summary()) },
        "help": { "text": lint.page, "markdown": lint.page },
        "helpUri": lint.url(),
        "defaultConfiguration": {
            "enabled": lint.level != Level::Allow,
            "level": level(lint.level.severity().unwrap_or(Severity::Note)),
        },
        "properties": properties,
    })
}

/// Returns a CVSS score for a level. Code scanning treats 7.0 and above as high, 4.0 and above as medium.
fn security_severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "7.5",
        Level::Warn => "5.5",
        Level::Note | Level::Allow => "2.5",
    }
}

/// Removes Markdown formatting.
fn plain(markdown: &str) -> String {
    markdown.replace('`', "")
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn result(
    run: &Run,
    file: &Analysis,
    finding: &Finding,
    edits: &[Edit],
    hashes: &[String],
    fingerprint: &str,
) -> Value {
    let place = |span: Span| {
        json!({
            "artifactLocation": artifact(run, file),
            "region": region(&file.source, span),
        })
    };
    let line = file.source.position(finding.span().start()).line;
    let message = finding.message_with_help();
    let related = finding.labels.iter().enumerate().skip(1);
    let related = related.map(|(id, label)| {
        let mut related = json!({ "id": id, "physicalLocation": place(label.span) });
        related["message"] = json!({ "text": label.text });
        related
    });
    let mut result = json!({
        "ruleId": finding.lint,
        "level": level(finding.severity),
        "message": { "text": message },
        "locations": [{ "physicalLocation": place(finding.span()) }],
        "partialFingerprints": { "corslint/v1": fingerprint },
    });
    if let Some(index) = LINTS.iter().position(|lint| lint.name == finding.lint) {
        result["ruleIndex"] = index.into();
    }
    if let Some(hash) = hashes.get(line - 1) {
        result["partialFingerprints"]["primaryLocationLineHash"] = hash.as_str().into();
    }
    let related: Vec<_> = related.collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(fix) = finding
        .fix
        .as_ref()
        .filter(|_| !edits.is_empty() && has_columns(&file.source, edits))
    {
        let replacements = edits.iter().map(|edit| {
            json!({
                "deletedRegion": region(&file.source, edit.span),
                "insertedContent": { "text": edit.text },
            })
        });
        result["fixes"] = json!([{
            "description": { "text": title(fix) },
            "artifactChanges": [{
                "artifactLocation": artifact(run, file),
                "replacements": replacements.collect::<Vec<_>>(),
            }],
        }]);
    }
    result
}

/// Returns the title of a fix, and a warning if it is unsafe: viewers offer every fix in the same way.
fn title(fix: &Fix) -> String {
    match fix.safety {
        Safety::Safe => fix.title.clone(),
        Safety::Unsafe => format!(
            "{} (unsafe: may change which requests are allowed)",
            fix.title
        ),
    }
}

fn artifact(run: &Run, file: &Analysis) -> Value {
    json!({ "uri": uri(&run.path_from_root(file)), "uriBaseId": "%SRCROOT%" })
}

/// Returns a SARIF region. Lines and columns count from 1; the end is exclusive.
fn region(source: &Source, span: Span) -> Value {
    // A trailing line break doesn't start another line.
    let is_end = span.end() == source.text().len() && source.text().ends_with(['\n', '\r']);
    let last = source.text().trim_end_matches(['\n', '\r']).len();
    let end = if is_end {
        last.max(span.start())
    } else {
        span.end()
    };
    let (start, end) = (source.position(span.start()), source.position(end));
    json!({
        "startLine": start.line,
        "startColumn": start.utf16_column,
        "endLine": end.line,
        "endColumn": end.utf16_column,
    })
}

/// The characters of a path that a segment of a URI doesn't allow (RFC 3986).
const NOT_IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'@')
    .remove(b'+')
    .remove(b',');

/// Returns a path as a relative URI reference.
fn uri(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATH).to_string()
}

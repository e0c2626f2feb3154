//! Findings as diagnostics of the protocol.

use std::str::FromStr as _;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, NumberOrString, Uri,
};

use super::client::Client;
use crate::finding::Finding;
use crate::level::Severity;
use crate::lints::Lint;
use crate::source::Source;

/// The name of the server in the client's lists.
pub(super) const SOURCE: &str = "corslint";

/// Lints about text that has no effect, which clients show in another color.
const UNNECESSARY: &[&str] = &["redundant-entry", "unreachable-rule"];

/// Returns the diagnostic for a finding in the document at `uri`.
pub(super) fn diagnostic(
    finding: &Finding,
    source: &Source,
    uri: &Uri,
    client: Client,
) -> Diagnostic {
    let range = |span| client.encoding.range(source, span);
    let lint = Lint::by_name(finding.lint);
    let url = lint.and_then(|lint| Uri::from_str(&lint.url()).ok());
    let secondary = finding.labels.iter().skip(1);
    let related = secondary.map(|label| DiagnosticRelatedInformation {
        location: Location::new(uri.clone(), range(label.span)),
        message: label.text.clone(),
    });
    let related: Vec<_> = related.collect();
    let is_unnecessary = UNNECESSARY.contains(&finding.lint);
    let message = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message_with_address()),
        None => finding.message_with_address(),
    };
    Diagnostic {
        range: range(finding.span()),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: lint.map(|lint| NumberOrString::String(lint.name.to_owned())),
        code_description: url
            .filter(|_| client.code_description)
            .map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message,
        related_information: (client.related_information && !related.is_empty()).then_some(related),
        tags: (client.unnecessary_tag && is_unnecessary).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

//! Hover: the documentation of a finding's lint, or the description of a key.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::client::Client;
use super::document::Checked;
use crate::document::{Node, Text};
use crate::lints::Lint;
use crate::source::Span;

/// Returns what is known of the text at a byte.
pub(super) fn hover(checked: &Checked, offset: usize, client: Client) -> Option<Hover> {
    let analysis = &checked.analysis;
    let at = Span::new(offset, offset);
    let mut findings = analysis.findings.iter();
    let finding = findings.find(|finding| finding.span().contains(at));
    let (span, text) = match finding.and_then(|it| Some((it.span(), Lint::by_name(it.lint)?))) {
        Some((span, lint)) => (span, documentation(lint)),
        None => key(checked, at)?,
    };
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text,
        }),
        range: Some(client.encoding.range(&analysis.source, span)),
    })
}

/// The page of a lint without its examples, and where to find them.
fn documentation(lint: &Lint) -> String {
    let end = lint.page.find("\n## Bad").unwrap_or(lint.page.len());
    let text = lint.page[..end].trim_end();
    format!("{text}\n\n[Examples]({})", lint.url())
}

/// Returns the description of the key at a place in a policy.
fn key(checked: &Checked, at: Span) -> Option<(Span, String)> {
    let analysis = &checked.analysis;
    let mut policies = analysis.policies.iter();
    let located = policies.find(|located| located.span.contains(at))?;
    let mut roots = analysis.document()?.roots.iter();
    let key = roots.find_map(|root| key_at(root, at))?;
    let schema = located.policy.dialect.schema;
    let description = schema.description(key.value())?;
    Some((key.span(), format!("**{}**: {description}", key.value())))
}

fn key_at(node: &Node, at: Span) -> Option<&Text> {
    if !node.span.contains(at) {
        return None;
    }
    if let Some(items) = node.items() {
        return items.iter().find_map(|item| key_at(item, at));
    }
    let mut members = node.members()?.iter();
    members.find_map(|member| match member.key.span().contains(at) {
        true => Some(&member.key),
        false => key_at(&member.value, at),
    })
}

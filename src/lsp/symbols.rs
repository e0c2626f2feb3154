//! The policies and rules of a document, for the editor's outline.

use lsp_types::{DocumentSymbol, DocumentSymbolResponse, Location, SymbolInformation, SymbolKind};

use super::client::Client;
use super::document::{Checked, Document};
use crate::analyze::LocatedPolicy;
use crate::document::Index;
use crate::policy::Rule;
use crate::source::Span;

/// Returns the symbols of a document.
pub(super) fn symbols(
    document: &Document,
    checked: &Checked,
    client: Client,
) -> DocumentSymbolResponse {
    let analysis = &checked.analysis;
    let range = |span: Span| client.encoding.range(&analysis.source, span);
    let index = analysis.document().map(Index::new);
    let span_of = |rule: &Rule| {
        let node = index.as_ref().and_then(|index| index.node(rule.node));
        node.map_or(rule.head, |node| node.span)
    };
    // What is selected must be inside of the whole, but the dash of a YAML item is before it.
    let cover = |one: Span, other: Span| {
        Span::new(one.start().min(other.start()), one.end().max(other.end()))
    };
    let policies = analysis.policies.iter();
    let tree = policies.map(|located| {
        let written = located.policy.written_rules();
        let rules = located.policy.rules[..written].iter().map(|rule| {
            let name = rule.name();
            let whole = range(cover(rule.head, span_of(rule)));
            symbol(name, detail(rule), whole, range(rule.head), Vec::new())
        });
        let noun = if written == 1 { "rule" } else { "rules" };
        let detail = format!("{}, {written} {noun}", located.policy.dialect.name());
        let written_rules = &located.policy.rules[..written];
        let spans = written_rules
            .iter()
            .map(|rule| cover(rule.head, span_of(rule)));
        let whole = range(spans.fold(cover(located.span, located.head), cover));
        let head = range(located.head);
        symbol(name_of(located), detail, whole, head, rules.collect())
    });
    let tree: Vec<_> = tree.collect();
    match client.symbol_tree {
        true => DocumentSymbolResponse::Nested(tree),
        false => DocumentSymbolResponse::Flat(flat(tree, document)),
    }
}

fn name_of(located: &LocatedPolicy) -> String {
    match &*located.address {
        "" => format!("{} CORS policy", located.policy.provider()),
        address => address.to_owned(),
    }
}

/// What a rule is about: its ID and its methods.
fn detail(rule: &Rule) -> String {
    let id = rule.id.get().map(|id| id.value().to_owned());
    let methods: Vec<_> = rule.methods.entries().map(|it| it.value()).collect();
    let methods = Some(methods.join(", ")).filter(|methods| !methods.is_empty());
    let parts: Vec<_> = id.into_iter().chain(methods).collect();
    parts.join(": ")
}

fn symbol(
    name: String,
    detail: String,
    range: lsp_types::Range,
    selection_range: lsp_types::Range,
    children: Vec<DocumentSymbol>,
) -> DocumentSymbol {
    // The protocol's type has a field that is no longer used.
    #[allow(deprecated)]
    DocumentSymbol {
        name,
        detail: Some(detail),
        kind: match children.is_empty() {
            true => SymbolKind::OBJECT,
            false => SymbolKind::MODULE,
        },
        tags: None,
        deprecated: None,
        range,
        selection_range,
        children: Some(children),
    }
}

/// The same symbols without children, for clients that don't understand them.
fn flat(tree: Vec<DocumentSymbol>, document: &Document) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    for policy in tree {
        let mut add = |symbol: &DocumentSymbol, container: Option<String>| {
            #[allow(deprecated)]
            found.push(SymbolInformation {
                name: symbol.name.clone(),
                kind: symbol.kind,
                tags: None,
                deprecated: None,
                location: Location::new(document.uri.clone(), symbol.range),
                container_name: container,
            });
        };
        add(&policy, None);
        for rule in policy.children.iter().flatten() {
            add(rule, Some(policy.name.clone()));
        }
    }
    found
}

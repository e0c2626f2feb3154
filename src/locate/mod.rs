//! Finds the policies in a document: one module for each kind of file that contains them.

mod ansible;
mod branches;
mod bucket;
mod cloudformation;
mod kubernetes;
mod other;
mod plain;
mod terraform;
mod tree;
mod xml;

use crate::dialect::{Dialect, PolicyText};
use crate::document::{Document, Node, Template, Text, Value, Why, has_placeholder};
use crate::finding::Diagnostic;
use crate::provider::Provider;
use crate::skip::{NO_ROOT, SkipReason};
use crate::source::Span;

pub use branches::Branch;
use bucket::BucketNode;

pub use plain::{looks_like_policy, missing_keys_hint, prefilter_matches};

/// A policy that was found in a document.
#[derive(Debug, Clone)]
pub struct Location<'d> {
    /// The dialect of the policy.
    pub dialect: &'static Dialect,
    /// The policy.
    pub text: PolicyText<'d>,
    /// The path to the policy in the document; empty if the policy is the whole document.
    pub address: String,
    /// False if the user forced the provider and the content doesn't look like a policy.
    pub is_recognized: bool,
    /// What to change instead, if a tool generated the policy, so that fixes would be overwritten.
    pub generated_from: Option<String>,
    /// Values that a condition selects when a tool runs. To the policy they are unknown.
    pub branches: Vec<Branch>,
    /// Problems with the keys above the policy.
    pub problems: Vec<Diagnostic>,
    /// The resource that it belongs to, from its first line; `None` for a policy on its own.
    pub resource: Option<Span>,
    /// The bucket whose rules it sets, if that is certain.
    bucket: Option<BucketNode<'d>>,
}

impl<'d> Location<'d> {
    /// A policy that is recognized by its content.
    pub(crate) fn new(dialect: &'static Dialect, text: PolicyText<'d>) -> Location<'d> {
        Location {
            dialect,
            text,
            address: String::new(),
            is_recognized: true,
            generated_from: None,
            branches: Vec::new(),
            problems: Vec::new(),
            resource: None,
            bucket: None,
        }
    }

    fn at(self, address: impl Into<String>) -> Location<'d> {
        Location {
            address: address.into(),
            ..self
        }
    }
}

/// Returns the policies of a document, in file order. If no policy is found and `forced` is set, the
/// whole document is treated as a policy of that provider.
pub fn find<'d>(document: &'d Document, forced: Option<&'static Provider>) -> Vec<Location<'d>> {
    if document.has_elements {
        return xml::find(document, forced);
    }
    let mut found: Vec<Location<'d>> = Vec::new();
    for (index, root) in document.roots.iter().enumerate() {
        for mut location in in_root(root) {
            if index > 0 {
                let number = format!("document {}", index + 1);
                location.address = match &*location.address {
                    "" => number,
                    address => format!("{number}: {address}"),
                };
            }
            found.push(location);
        }
    }
    found.sort_by_key(|location| location.text.rules_node.id);
    if found.is_empty()
        && let Some(provider) = forced
    {
        let roots = document.roots.iter();
        found.extend(roots.filter_map(|root| plain::force(root, provider)));
    }
    found
}

/// Returns the policies of one value of a document.
fn in_root(root: &Node) -> Vec<Location<'_>> {
    let mut found = cloudformation::find(root);
    found.extend(terraform::find(root));
    found.extend(kubernetes::find(root));
    found.extend(ansible::find(root));
    for recognizer in plain::RECOGNIZERS {
        let is_whole = |location: &Location<'_>| location.text.rules_node.id == root.id;
        if found.iter().any(is_whole) {
            break;
        }
        // Rules that an earlier recognizer found are not reported again.
        let locations = (recognizer.find)(root);
        let is_new = |location: &Location<'_>| {
            let rules = location.text.rules_node;
            found
                .iter()
                .all(|other| !overlap(other.text.rules_node, rules))
        };
        let new: Vec<_> = locations.into_iter().filter(is_new).collect();
        found.extend(new);
    }
    found
}

/// Makes values unknown that only a running tool can determine.
pub fn resolve_computed(document: &mut Document) {
    if document.has_elements {
        document.roots.iter_mut().for_each(hide_placeholders);
        xml::resolve(document);
        return;
    }
    for root in &mut document.roots {
        if !cloudformation::resolve(root) {
            hide_placeholders(root);
        }
        terraform::resolve_unknown(root);
    }
}

/// The value of a string with placeholders: its literal parts are known, if it is clear where they are.
fn computed_text(text: &Text) -> Value {
    match Template::parse(text) {
        Some(template) => Value::Template(Box::new(template)),
        None => Value::Unknown(Why::Template),
    }
}

/// Makes strings unknown that contain placeholders which another program fills in.
fn hide_placeholders(node: &mut Node) {
    match &mut node.value {
        Value::String(text) if has_placeholder(text.value()) => {
            node.value = computed_text(text);
        }
        Value::Map(members) if members.iter().any(|member| member.key.is_tag()) => {
            node.value = Value::Unknown(Why::Expression);
        }
        // YAML reads `{{ x }}` as an object whose key is an object.
        Value::Map(members) if members.iter().any(|m| m.key.value().starts_with('{')) => {
            node.value = Value::Unknown(Why::Template);
        }
        Value::List(items) => items.iter_mut().for_each(hide_placeholders),
        Value::Map(members) => members
            .iter_mut()
            .for_each(|member| hide_placeholders(&mut member.value)),
        _ => {}
    }
}

/// Returns why a document contains no policy.
pub fn reason_without_policy(document: &Document, text: &str) -> SkipReason {
    if document.has_elements {
        return SkipReason::NoPolicy(NO_ROOT);
    }
    let mut roots = document.roots.iter();
    match roots.find_map(other::kind) {
        Some(kind) => SkipReason::OtherKind(kind),
        None => SkipReason::NoPolicy(missing_keys_hint(text)),
    }
}

fn overlap(one: &Node, other: &Node) -> bool {
    one.span.contains(other.span) || other.span.contains(one.span)
}

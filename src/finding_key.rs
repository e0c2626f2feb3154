//! The identity of a finding, which survives edits elsewhere in its file.

use crate::document::{Document, Node};
use crate::source::Span;

/// Identifies a finding independently of its position, so that baselines, exceptions, and fingerprints
/// still match it after lines are moved or reformatted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingKey {
    /// The whole string that contains the first label; `None` if the label marks something else.
    pub value: Option<String>,
    /// The address of the policy; `None` if the policy is the whole file, or the finding is about the file.
    pub address: Option<String>,
    /// The ID of the rule that contains the finding.
    pub rule_id: Option<String>,
    /// The index of that rule in its file, from 0.
    pub rule_index: Option<usize>,
    /// A hash of that rule's keys and values.
    pub rule_hash: Option<u32>,
}

/// A rule and the data that identifies it after edits.
pub(crate) struct RuleKey<'d> {
    pub(crate) node: &'d Node,
    pub(crate) id: Option<String>,
    /// The hash of the rule's keys and values, computed on demand.
    pub(crate) hash: Option<u32>,
}

/// Returns the key of a finding at `span`. `rules` must be sorted by span.
pub(crate) fn finding_key(
    document: &Document,
    rules: &mut [RuleKey<'_>],
    span: Span,
) -> FindingKey {
    let roots = &document.roots;
    let after = roots.partition_point(|root| root.span.start() <= span.start());
    let root = roots[..after].last();
    let text = root.and_then(|root| root.text_at(span));
    let value = text.map(|text| text.value().to_owned());
    let after = rules.partition_point(|rule| rule.node.span.start() <= span.start());
    let index = after
        .checked_sub(1)
        .filter(|&index| rules[index].node.span.contains(span));
    FindingKey {
        value,
        address: None,
        rule_index: index,
        rule_id: index.and_then(|index| rules[index].id.clone()),
        rule_hash: index.map(|index| {
            let rule = &mut rules[index];
            *rule.hash.get_or_insert_with(|| rule.node.fingerprint())
        }),
    }
}

//! Choosing and merging the fixes of a text.

use std::collections::{HashMap, HashSet};

use crate::check::{Checked, syntax_of};
use crate::document::NodeId;
use crate::finding::{Change, Finding, Place, Safety};
use crate::schema::SCHEMA_VIOLATION;
use crate::source::Source;
use crate::syntax::{Edit, Read, SYNTAX_ERROR, Syntax};

/// Fixes may make room for others. More passes than this are seldom needed: each fix mends its
/// finding, and few findings come to light behind another.
pub const MOST_PASSES: usize = 10;

/// How many texts are checked at most to find the fixes of one file that do not mend.
pub const MOST_TRIES: usize = 100;

/// The text with the fixes of these findings, and how many were applied: of two that change the same
/// node the first, the other in a later pass. None if there is nothing to do.
pub fn apply(
    source: &Source,
    syntax: &Syntax,
    findings: &[&Finding],
) -> Option<(String, Vec<usize>)> {
    let Read::Document(document, _) = (syntax.read)(source.text()) else {
        return None;
    };
    let mut claimed = HashSet::new();
    let mut applied = Vec::new();
    let mut changes = Vec::new();
    for (place, finding) in findings.iter().enumerate() {
        let Some(fix) = &finding.fix else {
            continue;
        };
        let claims: Vec<_> = fix.changes.iter().map(claim).collect();
        if claims.iter().any(|claim| claimed.contains(claim)) {
            continue;
        }
        claimed.extend(claims);
        applied.push(place);
        changes.extend(&fix.changes);
    }
    let edits = (syntax.lower)(source.text(), &document, &[changes]).concat();
    let text = with_edits(source.text(), &edits);
    (text != source.text()).then_some((text, applied))
}

/// What a change has for itself.
#[derive(PartialEq, Eq, Hash)]
enum Claim {
    Node(NodeId),
    Insertion(NodeId),
    Key(NodeId),
    Byte(usize),
}

fn claim(change: &Change) -> Claim {
    match change {
        Change::RemoveItem { item: node, .. }
        | Change::ReplaceText { node, .. }
        | Change::SetNumber { node, .. }
        | Change::WrapInList(node) => Claim::Node(*node),
        Change::InsertNumber { object, .. } => Claim::Insertion(*object),
        Change::RenameKey { value, .. } => Claim::Key(*value),
        Change::RemoveComma(span) => Claim::Byte(span.start()),
        Change::InsertComma(at) => Claim::Byte(*at),
    }
}

/// The edits of each finding's fix alone, for reports; empty where it has none.
pub fn edits(file: &Checked) -> Vec<Vec<Edit>> {
    let none = || vec![Vec::new(); file.findings.len()];
    if file.findings.iter().all(|finding| finding.fix.is_none()) {
        return none();
    }
    let source = &file.source;
    let Ok(syntax) = syntax_of(source.name(), source.text()) else {
        return none();
    };
    let Read::Document(document, _) = (syntax.read)(source.text()) else {
        return none();
    };
    let changes = file.findings.iter().map(|finding| {
        let changes = finding.fix.iter().flat_map(|fix| &fix.changes);
        changes.collect()
    });
    (syntax.lower)(source.text(), &document, &changes.collect::<Vec<_>>())
}

/// A text with its edits, which are in order and do not overlap.
pub fn with_edits(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for Edit { span, text: with } in edits {
        if span.start() < at {
            continue;
        }
        out.push_str(&text[at..span.start()]);
        out.push_str(with);
        at = span.end();
    }
    out.push_str(&text[at..]);
    out
}

/// Whether a fix may be applied.
pub fn is_wanted(finding: &Finding, with_unsafe: bool) -> bool {
    finding
        .fix
        .as_ref()
        .is_some_and(|fix| with_unsafe || fix.safety == Safety::Safe)
}

/// Whether a pass did what it should: the same policies are read, what was to be mended is gone, and
/// nothing is refused that was not before. Only of a value whose kind was wrong another fault may come
/// to light: of a lone string that became a list, or a number that lost its quotes.
pub fn is_better(before: &Checked, after: &Checked, applied: &[&Finding]) -> bool {
    let shapes = |checked: &Checked| {
        let sites = checked.sites.iter();
        sites
            .map(|site| (site.provider, site.address.clone()))
            .collect::<Vec<_>>()
    };
    let then = identities(before.findings.iter());
    let now = identities(after.findings.iter());
    let mended = identities(applied.iter().copied());
    let is_gone = mended
        .iter()
        .all(|(key, number)| count(&now, key) + number <= count(&then, key));
    let of_a_wrong_kind = applied.iter().flat_map(|finding| {
        let changes = finding.fix.iter().flat_map(|fix| &fix.changes);
        changes.filter_map(|change| match change {
            Change::WrapInList(_) => Some(finding.place.value.as_ref()),
            Change::SetNumber { .. } => Some(None),
            _ => None,
        })
    });
    let of_a_wrong_kind: HashSet<Option<&String>> = of_a_wrong_kind.collect();
    let nothing_new = now.iter().all(|(key, number)| {
        let (lint, _, value, _) = key;
        !matches!(*lint, SYNTAX_ERROR | SCHEMA_VIOLATION)
            || *number <= count(&then, key)
            || of_a_wrong_kind.contains(&value.as_ref())
    });
    shapes(before) == shapes(after) && is_gone && nothing_new
}

/// How many findings of `wanted`, which are of `before`, are not in `after`.
pub fn gone(before: &Checked, after: &Checked, wanted: &[&Finding]) -> usize {
    let then = identities(before.findings.iter());
    let now = identities(after.findings.iter());
    let wanted = identities(wanted.iter().copied());
    let gone = wanted.iter().map(|(key, number)| {
        let gone = count(&then, key).saturating_sub(count(&now, key));
        gone.min(*number)
    });
    gone.sum()
}

/// What tells two findings of one text apart whatever moved, to see that one is gone: lint, message,
/// the string it is in and the number of the rule, for mending one rule can wake another, with faults of
/// its own. Of a fault of the syntax the place does not matter: of all comments the first is told, and
/// it may go with an entry.
pub type Identity = (&'static str, String, Option<String>, Option<usize>);

/// A finding's identity.
pub fn identity(finding: &Finding) -> Identity {
    let place = match finding.lint {
        SYNTAX_ERROR => Place::default(),
        _ => finding.place.clone(),
    };
    let message = finding.message.clone();
    (finding.lint, message, place.value, place.rule_number)
}

fn identities<'f>(findings: impl Iterator<Item = &'f Finding>) -> HashMap<Identity, usize> {
    let mut counts = HashMap::new();
    for finding in findings {
        *counts.entry(identity(finding)).or_default() += 1;
    }
    counts
}

fn count(counts: &HashMap<Identity, usize>, key: &Identity) -> usize {
    counts.get(key).copied().unwrap_or(0)
}

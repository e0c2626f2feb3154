//! Checks whether a change preserves what a policy allows, which makes a fix safe.

use std::collections::BTreeSet;

use super::PatternSet;
use crate::policy::{Entry, Item, Known, List, Policy, Rule};
use crate::provider::{Provider, Wildcard};

/// Returns true if every request certainly gets the same decision and the same response from both
/// policies, and the rules are the same and in the same order. A max age may be added to a rule that
/// has none. Duplicates in a list and the case of header names make no difference.
pub fn is_preserved(before: &Policy, after: &Policy) -> bool {
    let provider = before.provider();
    let rules = || before.rules.iter().zip(&after.rules);
    before.dialect == after.dialect
        && before.rules.len() == after.rules.len()
        && rules().all(|(before, after)| is_rule_preserved(provider, before, after))
}

fn is_rule_preserved(provider: &Provider, before: &Rule, after: &Rule) -> bool {
    let id = |rule: &Rule| rule.id.get().map(|id| id.value().to_owned());
    let max_age = |rule: &Rule| rule.max_age.get().map(|max_age| max_age.seconds);
    id(before) == id(after)
        && (before.max_age == Known::Absent || max_age(before) == max_age(after))
        // The response to an entry next to a bare `*` is undocumented, and so is what another
        // provider's patterns match.
        && is_list_preserved(&before.origins, &after.origins, Case::Exact, {
            provider.wildcard == Wildcard::AnyCharacters && !before.origins.has("*")
        })
        && is_list_preserved(&before.methods, &after.methods, Case::Exact, false)
        && is_list_preserved(&before.allowed_headers, &after.allowed_headers, Case::Ignored, {
            provider.wildcard == Wildcard::AnyCharacters && !provider.shares_header_list
        })
        && is_list_preserved(&before.exposed_headers, &after.exposed_headers, Case::Ignored, false)
}

/// Whether the case of entries matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Exact,
    Ignored,
}

/// Returns true if no entry was added to a list and each removed entry is a duplicate of a remaining
/// entry or, if `patterns_cover` is set, matches a remaining pattern.
fn is_list_preserved(
    before: &Known<List>,
    after: &Known<List>,
    case: Case,
    patterns_cover: bool,
) -> bool {
    let (old, new) = (texts(before, case), texts(after, case));
    let remaining = new.iter().map(String::as_str);
    let remaining = PatternSet::new(Wildcard::AnyCharacters, remaining);
    let is_covered = |removed: &String| patterns_cover && remaining.covers(removed);
    unknown_items(before) == unknown_items(after)
        && new.is_subset(&old)
        && old.difference(&new).all(is_covered)
}

fn texts(list: &Known<List>, case: Case) -> BTreeSet<String> {
    let texts = list.entries().map(Entry::value);
    match case {
        Case::Exact => texts.map(str::to_owned).collect(),
        Case::Ignored => texts.map(str::to_ascii_lowercase).collect(),
    }
}

/// The number of items that can't be determined; `None` if the whole list can't.
fn unknown_items(list: &Known<List>) -> Option<usize> {
    match list {
        Known::Absent => Some(0),
        Known::Unknown(..) => None,
        Known::Set(list) => {
            let items = list.items.iter();
            Some(
                items
                    .filter(|item| matches!(item, Item::Unknown(..)))
                    .count(),
            )
        }
    }
}

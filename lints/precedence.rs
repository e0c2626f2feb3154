//! Limits each entry to one finding: if several lints report an entry, the highest-ranked lint wins.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Lint;
use crate::finding::{Diagnostic, Label};
use crate::level::Level;
use crate::policy::{ComputedItem, Entry, Policy};
use crate::settings::Settings;
use crate::source::Span;

/// The lints that may report the same origin, highest-ranked first. None of them sees values that the
/// schema rejected.
const ORDER: &[&str] = &[
    super::placeholder_origin::LINT.name,
    super::null_origin::LINT.name,
    super::wildcard_write::LINT.name,
    super::wildcard_origin::LINT.name,
    super::unmatchable_origin::LINT.name,
    super::unanchored_origin::LINT.name,
    super::overbroad_origin::LINT.name,
    super::insecure_origin::LINT.name,
    super::local_origin::LINT.name,
    REDUNDANT,
    super::uppercase_origin::LINT.name,
    super::undocumented_wildcard::LINT.name,
    UNLISTED,
];

const REDUNDANT: &str = super::redundant_entry::LINT.name;
/// The lint that is reported even if all other lints are disabled.
const UNLISTED: &str = super::unlisted_origin::LINT.name;

/// Keeps the highest-ranked diagnostic of each entry. Disabled lints count too, except for
/// `unlisted-origin`: disabling a lint does not enable those below it.
pub(super) fn keep_highest_ranked(
    policy: &Policy,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if diagnostics.len() < 2 {
        return;
    }
    let entries = Entries::new(policy);
    keep_only_duplicates(&entries, diagnostics);
    let is_reported = |diagnostic: &Diagnostic| {
        let lint = Lint::by_name(diagnostic.lint);
        lint.is_some_and(|lint| lint.level_in(settings) != Level::Allow)
    };
    // For each entry the best rank, and whether a lint other than unlisted-origin is reported.
    let mut best: HashMap<Span, (usize, bool)> = HashMap::new();
    for diagnostic in diagnostics.iter() {
        if let (Some(rank), Some(entry)) = (rank(diagnostic), entries.around(diagnostic.span())) {
            let (best, is_other_reported) = best.entry(entry).or_insert((usize::MAX, false));
            *best = rank.min(*best);
            *is_other_reported |= diagnostic.lint != UNLISTED && is_reported(diagnostic);
        }
    }
    diagnostics.retain(|diagnostic| {
        let (Some(rank), Some(entry)) = (rank(diagnostic), entries.around(diagnostic.span()))
        else {
            return true;
        };
        match (diagnostic.lint, best.get(&entry)) {
            (UNLISTED, Some((_, is_other_reported))) => !is_other_reported,
            (_, Some((best, _))) => rank == *best,
            (_, None) => true,
        }
    });
    keep_what_a_wrong_pattern_covers(&entries, diagnostics);
}

fn rank(diagnostic: &Diagnostic) -> Option<usize> {
    ORDER.iter().position(|lint| *lint == diagnostic.lint)
}

/// Returns true if a diagnostic takes the place of another one about the same entry.
pub fn outranks(one: &Diagnostic, other: &Diagnostic) -> bool {
    match (rank(one), rank(other)) {
        (Some(one_rank), Some(other_rank)) => one.span() == other.span() && one_rank < other_rank,
        _ => false,
    }
}

fn is_duplicate(diagnostic: &Diagnostic) -> bool {
    let merge = diagnostic.merge.as_ref();
    merge.is_some_and(|merge| merge.message == super::redundant_entry::DUPLICATE)
}

/// Removes all other findings about an exact duplicate, since its first occurrence is reported.
fn keep_only_duplicates(entries: &Entries, diagnostics: &mut Vec<Diagnostic>) {
    let duplicates: HashSet<Span> = diagnostics
        .iter()
        .filter(|diagnostic| is_duplicate(diagnostic))
        .map(Diagnostic::span)
        .collect();
    if duplicates.is_empty() {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let entry = entries.around(diagnostic.span());
        is_duplicate(diagnostic) || entry.is_none_or(|entry| !duplicates.contains(&entry))
    });
}

/// Turns findings about entries that a faulty pattern covers into labels of the finding about that
/// pattern, since removing the entries would be the wrong advice.
fn keep_what_a_wrong_pattern_covers(entries: &Entries, diagnostics: &mut Vec<Diagnostic>) {
    let covered_rank = ORDER.iter().position(|lint| *lint == REDUNDANT);
    let wrong: BTreeMap<Span, usize> = diagnostics
        .iter()
        .enumerate()
        .filter(|(_, diagnostic)| rank(diagnostic).is_some_and(|rank| Some(rank) < covered_rank))
        .filter_map(|(index, diagnostic)| Some((entries.around(diagnostic.span())?, index)))
        .collect();
    if wrong.is_empty() {
        return;
    }
    let mut labels = Vec::new();
    let mut removed = Vec::new();
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        let covering = diagnostic.labels.get(1).map(|label| label.span);
        if diagnostic.lint == REDUNDANT
            && !is_duplicate(diagnostic)
            && let Some(wrong) = covering.and_then(|covering| wrong.get(&covering))
        {
            let label = Label {
                span: diagnostic.span(),
                text: "covered by it".to_owned(),
            };
            labels.push((*wrong, label));
            removed.push(index);
        }
    }
    for (index, label) in labels {
        diagnostics[index].labels.push(label);
    }
    let mut indexes = 0..diagnostics.len();
    let mut removed = removed.into_iter().peekable();
    diagnostics.retain(|_| {
        let index = indexes.next();
        removed.next_if(|removed| Some(*removed) == index).is_none()
    });
}

/// The spans of all entries of all lists.
struct Entries(Vec<Span>);

impl Entries {
    fn new(policy: &Policy) -> Entries {
        let lists = policy.rules.iter().flat_map(|rule| rule.lists());
        let spans = lists.flat_map(|(_, list)| {
            let computed = list.get().map_or(&[][..], |list| &list.computed);
            let computed = computed.iter().map(ComputedItem::span);
            list.entries().map(Entry::span).chain(computed)
        });
        let mut spans: Vec<_> = spans.collect();
        spans.sort_unstable();
        spans.dedup();
        Entries(spans)
    }

    /// Returns the entry that contains a span.
    fn around(&self, span: Span) -> Option<Span> {
        let after = self
            .0
            .partition_point(|entry| entry.start() <= span.start());
        let entry = *self.0[..after].last()?;
        entry.contains(span).then_some(entry)
    }
}

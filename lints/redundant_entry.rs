use std::borrow::Cow;

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::dialect::Duplicates;
use crate::finding::Safety;
use crate::matching::WildcardIndex;
use crate::policy::{Entry, Known, List};
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "redundant-entry",
    group: Group::Suspicious,
    level: Level::Warn,
    page: page!("redundant_entry.md"),
    options: &[],
    check: Check::Policy(check),
};

/// The message about an exact duplicate.
pub(super) const DUPLICATE: &str = "duplicate entry {}";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let matches_any = cx.provider().wildcard == Wildcard::AnyCharacters;
    for rule in cx.rules() {
        // The response to a rule with `*` and named origins is undocumented, and so is what the patterns
        // of other providers match.
        let origins_cover = matches_any && !rule.origins.has("*");
        report(cx, findings, &rule.origins, false, origins_cover);
        report(cx, findings, &rule.methods, false, false);
        report(cx, findings, &rule.exposed_headers, true, false);
        if !cx.provider().shares_header_list && !star_next_to_names(findings, &rule.allowed_headers)
        {
            report(cx, findings, &rule.allowed_headers, true, matches_any);
        }
    }
}

/// Reports a header `*` next to named headers, and returns true if there is one. The list should contain
/// only the named headers, so removing them would be the wrong advice.
fn star_next_to_names(findings: &mut Findings, list: &Known<List>) -> bool {
    let Some(star) = list.entries().find(|header| header.value() == "*") else {
        return false;
    };
    let mut named = list
        .entries()
        .filter(|header| header.value() != "*")
        .peekable();
    if named.peek().is_none() {
        return false;
    }
    let mut finding = findings
        .at(
            star.span(),
            "\"*\" allows every header, so the headers listed next to it have no effect",
        )
        .label("matches every header");
    for header in named {
        finding = finding.secondary(header.span(), "no effect");
    }
    findings.push(
        finding
            .help("remove \"*\" to allow only the listed headers, or remove the others")
            .fix("remove \"*\"", Safety::Unsafe, star.remove()),
    );
    true
}

/// Reports the duplicates of a list and, if `patterns_cover`, the entries that a pattern matches.
fn report(
    cx: &LintContext<'_>,
    findings: &mut Findings,
    list: &Known<List>,
    ignores_case: bool,
    patterns_cover: bool,
) {
    let Some(scope) = list.get().map(|list| list.node) else {
        return;
    };
    if list.entries().nth(1).is_none() {
        return;
    }
    let entries: Vec<(&Entry, Cow<'_, str>)> = list
        .entries()
        .map(|entry| match ignores_case {
            true => (entry, entry.value().to_ascii_lowercase().into()),
            false => (entry, entry.value().into()),
        })
        .collect();
    // Duplicates are adjacent, the first occurrence first.
    let mut by_value: Vec<usize> = (0..entries.len()).collect();
    by_value.sort_by(|one, other| entries[*one].1.cmp(&entries[*other].1));
    let mut first_occurrence: Vec<usize> = (0..entries.len()).collect();
    for same in by_value.chunk_by(|one, other| entries[*one].1 == entries[*other].1) {
        for other in same {
            first_occurrence[*other] = same[0];
        }
    }
    let is_first = |index: usize| first_occurrence[index] == index;
    let patterns = entries.iter().enumerate();
    let patterns = patterns.filter(|(index, _)| is_first(*index));
    let patterns = patterns.map(|(index, (_, value))| (index, value.as_ref()));
    let patterns =
        WildcardIndex::new(patterns.filter(|(_, value)| patterns_cover && value.contains('*')));
    for (index, (entry, value)) in entries.iter().enumerate() {
        let first = first_occurrence[index];
        // A duplicate of a covered entry is covered too. Otherwise, it would be reported only after the
        // first occurrence is removed.
        let Some(covering) = patterns.containing(value, Some(first)) else {
            // Where the tool rejects duplicates, the schema reports them; a set drops them.
            if index != first && cx.policy.dialect.duplicates == Duplicates::Kept {
                let finding = findings
                    .entry(
                        entry.span(),
                        scope,
                        (DUPLICATE, entry.value()),
                        ("remove it", ""),
                    )
                    .label("duplicate")
                    .secondary(entries[first].0.span(), "first occurrence")
                    .fix("remove the duplicate", Safety::Safe, entry.remove());
                findings.push(finding);
            }
            continue;
        };
        let covering = entries[covering].0;
        let message = format!("{{}} is already covered by {}", cx.quote(covering.value()));
        // Removing the entry doesn't change the response: for a pattern, S3 also returns the requested
        // origin, with credentials, and the requested headers.
        let finding = findings
            .entry(
                entry.span(),
                scope,
                (&message, &cx.quote(entry.value())),
                ("remove it", ""),
            )
            .label("already covered")
            .secondary(covering.span(), "covers it")
            .fix("remove what is covered", Safety::Safe, entry.remove())
            .relies_on_others();
        findings.push(finding);
    }
}

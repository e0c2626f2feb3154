//! One text, one finding: where several lints speak of one origin, the weightiest is kept.

use std::collections::{HashMap, HashSet};

use super::{Level, Lint};
use crate::finding::Diagnostic;
use crate::policy::Policy;
use crate::settings::Settings;
use crate::source::Span;

/// The lints that may speak of one origin, the weightiest first. What the schema refused is unknown
/// to all of them.
const ORDER: &[&str] = &[
    super::placeholder_origin::LINT.name,
    super::null_origin::LINT.name,
    super::wildcard_origin::LINT.name,
    super::unmatchable_origin::LINT.name,
    super::unanchored_origin::LINT.name,
    super::overbroad_origin::LINT.name,
    super::insecure_origin::LINT.name,
    super::local_origin::LINT.name,
    REDUNDANT,
    super::uppercase_origin::LINT.name,
    UNLISTED,
];

const REDUNDANT: &str = super::redundant_entry::LINT.name;
/// It is reported even where all others are disabled.
const UNLISTED: &str = super::unlisted_origin::LINT.name;

/// Drops the findings that yield to another of the same text. Levels do not matter: allowing a lint
/// wakes none below it, but for `unlisted-origin`.
pub(super) fn keep_highest_ranked(
    policy: &Policy,
    settings: &Settings,
    findings: &mut Vec<Diagnostic>,
) {
    // Without one that yields to another there is nothing to settle.
    let speaks = |finding: &&Diagnostic| ORDER.contains(&finding.lint);
    if findings.iter().filter(speaks).nth(1).is_none() {
        return;
    }
    let has_doubles = findings.iter().any(|finding| finding.lint == REDUNDANT);
    let mut origins: Vec<(Span, bool)> = Vec::new();
    for rule in &policy.rules {
        let mut seen: HashSet<&str> = HashSet::new();
        for origin in rule.origins.entries() {
            let is_double = has_doubles && !seen.insert(origin.value());
            origins.push((origin.span(), is_double));
        }
    }
    origins.sort_unstable();
    let origin_of = |finding: &Diagnostic| {
        let after = origins.partition_point(|(span, _)| span.start() <= finding.span().start());
        let (span, is_double) = *origins[..after].last()?;
        span.contains(finding.span()).then_some((span, is_double))
    };
    let rank = |finding: &Diagnostic, is_double: bool| {
        let place = ORDER.iter().position(|lint| *lint == finding.lint)?;
        // Of the second copy only that is said.
        Some(if is_double && finding.lint == REDUNDANT {
            0
        } else {
            place + 1
        })
    };
    let is_reported = |finding: &Diagnostic| {
        let lint = Lint::by_name(finding.lint);
        lint.is_some_and(|lint| lint.level_in(settings) != Level::Allow)
    };
    // For each origin the weightiest rank, and whether a lint other than unlisted-origin is reported.
    let mut winners: HashMap<Span, (usize, bool)> = HashMap::new();
    for finding in findings.iter() {
        let Some((span, is_double)) = origin_of(finding) else {
            continue;
        };
        let Some(rank) = rank(finding, is_double) else {
            continue;
        };
        let (best, spoken) = winners.entry(span).or_insert((usize::MAX, false));
        *best = rank.min(*best);
        *spoken |= finding.lint != UNLISTED && is_reported(finding);
    }
    findings.retain(|finding| {
        let Some((span, is_double)) = origin_of(finding) else {
            return true;
        };
        let (Some(rank), Some((best, spoken))) = (rank(finding, is_double), winners.get(&span))
        else {
            return true;
        };
        match finding.lint {
            UNLISTED => !spoken,
            _ => rank == *best,
        }
    });
}

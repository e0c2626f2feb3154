//! One text, one finding: where several lints speak of one origin, the weightiest is kept.

use std::collections::{HashMap, HashSet};

use super::{Level, Lint};
use crate::config::Config;
use crate::finding::Finding;
use crate::policy::Policy;
use crate::source::Span;

/// The lints that may speak of one origin, the weightiest first. What the schema refused is unknown
/// to all of them.
const ORDER: &[&str] = &[
    "placeholder-origin",
    "null-origin",
    "wildcard-origin",
    "unmatchable-origin",
    "unanchored-origin",
    "overbroad-origin",
    "insecure-origin",
    "local-origin",
    REDUNDANT,
    "uppercase-origin",
    UNLISTED,
];

const REDUNDANT: &str = "redundant-entry";
/// It speaks also where all others are allowed away.
const UNLISTED: &str = "unlisted-origin";

/// Drops the findings that yield to another of the same text. Levels do not matter: allowing a lint
/// wakes none below it, but for `unlisted-origin`.
pub(super) fn settle(policy: &Policy<'_>, config: &Config, findings: &mut Vec<Finding>) {
    // Without one that yields to another there is nothing to settle.
    let speaks = |finding: &&Finding| ORDER.contains(&finding.lint);
    if findings.iter().filter(speaks).nth(1).is_none() {
        return;
    }
    let has_doubles = findings.iter().any(|finding| finding.lint == REDUNDANT);
    let mut origins: Vec<(Span, bool)> = Vec::new();
    for rule in &policy.rules {
        let mut seen: HashSet<&str> = HashSet::new();
        for origin in rule.origins.known() {
            let is_double = has_doubles && !seen.insert(origin.value());
            origins.push((origin.span(), is_double));
        }
    }
    origins.sort_unstable();
    let origin_of = |finding: &Finding| {
        let after = origins.partition_point(|(span, _)| span.start() <= finding.span().start());
        let (span, is_double) = *origins[..after].last()?;
        span.contains(finding.span()).then_some((span, is_double))
    };
    let rank = |finding: &Finding, is_double: bool| {
        let place = ORDER.iter().position(|lint| *lint == finding.lint)?;
        // Of the second copy only that is said.
        Some(if is_double && finding.lint == REDUNDANT {
            0
        } else {
            place + 1
        })
    };
    let is_reported = |finding: &Finding| {
        let lint = Lint::by_name(finding.lint);
        lint.is_some_and(|lint| config.level(lint) != Level::Allow)
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

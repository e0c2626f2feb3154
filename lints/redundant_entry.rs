use std::borrow::Cow;
use std::collections::HashMap;

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::{Fix, Safety};
use crate::matching::WildcardIndex;
use crate::policy::{Entry, Known, List};
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "redundant-entry",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("redundant_entry.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let matches_any = cx.provider().wildcard == Wildcard::AnyCharacters;
        let has_star = rule.origins.has("*");
        report(findings, &rule.origins, false, |origin| {
            // How a rule is answered that has `*` beside named origins is not documented, and where
            // other providers' wildcards end is not either.
            matches_any && !has_star && origin.contains('*')
        });
        report(findings, &rule.methods, false, |_| false);
        report(findings, &rule.exposed_headers, true, |_| false);
        if !cx.provider().shares_header_list {
            report(findings, &rule.allowed_headers, true, |header| {
                matches_any && header.contains('*')
            });
        }
    }
}

/// Reports the doubles of a list, and what its patterns cover. `covers` tells the patterns of which
/// the answer is the same as that of an entry that they contain.
fn report(
    findings: &mut Findings,
    list: &Known<List>,
    ignores_case: bool,
    covers: impl Fn(&str) -> bool,
) {
    let texts = list.entries().map(|text| {
        let form: Cow<'_, str> = match ignores_case {
            true => text.value().to_ascii_lowercase().into(),
            false => text.value().into(),
        };
        (text, form)
    });
    let texts: Vec<_> = texts.collect();
    // Doubles stand side by side, the first of them first.
    let mut by_value: Vec<usize> = (0..texts.len()).collect();
    by_value.sort_by(|one, other| texts[*one].1.cmp(&texts[*other].1));
    let mut is_double = vec![false; texts.len()];
    for doubles in by_value.chunk_by(|one, other| texts[*one].1 == texts[*other].1) {
        let (first, others) = (doubles[0], &doubles[1..]);
        for other in others {
            is_double[*other] = true;
            let text = texts[*other].0;
            let finding = findings
                .at(
                    text.span(),
                    format!("\"{}\" stands here twice", text.value()),
                )
                .label("the second")
                .secondary(texts[first].0.span(), "the first")
                .help("remove one of the two")
                .fix("remove the second", Safety::Safe, text.remove());
            findings.push(finding);
        }
    }
    let singles = || {
        let singles = texts.iter().enumerate();
        singles.filter(|(index, _)| !is_double[*index])
    };
    let patterns = WildcardIndex::new(
        singles()
            .map(|(index, (_, value))| (index, value.as_ref()))
            .filter(|(_, value)| covers(value)),
    );
    let mut covered: Vec<(usize, Vec<&Entry>)> = Vec::new();
    let mut place_of: HashMap<usize, usize> = HashMap::new();
    for (index, (text, value)) in singles() {
        let Some(by) = patterns.containing(value, Some(index)) else {
            continue;
        };
        let place = *place_of.entry(by).or_insert_with(|| {
            covered.push((by, Vec::new()));
            covered.len() - 1
        });
        covered[place].1.push(text);
    }
    for (by, entries) in covered {
        let by = texts[by].0;
        let [first, others @ ..] = &entries[..] else {
            continue;
        };
        let mut finding = findings
            .at(
                first.span(),
                format!("\"{}\" covers this already", by.value()),
            )
            .label("adds nothing");
        for other in others {
            finding = finding.secondary(other.span(), "nor does this");
        }
        let help = match others.len() {
            0 => "remove it",
            _ => "remove them",
        };
        let mut finding = finding.secondary(by.span(), "covers it").help(help);
        // S3's answer to each of them is that to the pattern: the asked origin, with credentials; the
        // asked headers.
        finding.fix = Some(Fix {
            title: format!("remove what \"{}\" covers", by.value()),
            safety: Safety::Safe,
            changes: entries.iter().flat_map(|text| text.remove()).collect(),
        });
        findings.push(finding);
    }
}

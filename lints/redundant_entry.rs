use std::collections::HashMap;

use super::{Check, Context, Findings, Group, Level, Lint};
use crate::finding::{Fix, Safety};
use crate::policy::{Field, Known, List, Provider};

pub(super) const LINT: Lint = Lint {
    name: "redundant-entry",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("redundant_entry.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let is_s3 = cx.provider() == Provider::S3;
        report(findings, &rule.origins, false, |origin| {
            // How a rule is answered that has `*` beside named origins is not documented, and where
            // other providers' wildcards end is not either.
            is_s3 && origin != "*" && origin.contains('*')
        });
        report(findings, &rule.methods, false, |_| false);
        report(findings, &rule.exposed_headers, true, |_| false);
        if cx.provider() != Provider::Gcs {
            report(findings, &rule.allowed_headers, true, |header| {
                is_s3 && header.contains('*')
            });
        }
    }
}

/// Reports the doubles of a list, and what its patterns cover. `covers` tells the patterns of which
/// the answer is the same as that of an entry that they contain.
fn report(
    findings: &mut Findings,
    list: &Field<List<'_>>,
    ignores_case: bool,
    covers: impl Fn(&str) -> bool,
) {
    let form = |text: &str| match ignores_case {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    };
    let mut first_of: HashMap<String, Known<'_>> = HashMap::new();
    let mut singles: Vec<(Known<'_>, String)> = Vec::new();
    for text in list.known() {
        let value = form(text.value());
        let Some(first) = first_of.get(&value) else {
            first_of.insert(value.clone(), text);
            singles.push((text, value));
            continue;
        };
        let finding = findings
            .new_at(
                text.span(),
                format!("\"{}\" stands here twice", text.value()),
            )
            .label("the second")
            .also(first.span(), "the first")
            .help("remove one of the two")
            .fix("remove the second", Safety::Safe, text.remove());
        findings.push(finding);
    }
    let patterns = Patterns::new(
        singles
            .iter()
            .map(|(_, value)| value.as_str())
            .enumerate()
            .filter(|(_, value)| covers(value)),
    );
    let mut covered: Vec<(usize, Vec<Known<'_>>)> = Vec::new();
    let mut place_of: HashMap<usize, usize> = HashMap::new();
    for (index, (text, value)) in singles.iter().enumerate() {
        let Some(by) = patterns.covering(index, value) else {
            continue;
        };
        let place = *place_of.entry(by).or_insert_with(|| {
            covered.push((by, Vec::new()));
            covered.len() - 1
        });
        covered[place].1.push(*text);
    }
    for (by, texts) in covered {
        let by = singles[by].0;
        let [first, others @ ..] = &texts[..] else {
            continue;
        };
        let mut finding = findings
            .new_at(
                first.span(),
                format!("\"{}\" covers this already", by.value()),
            )
            .label("adds nothing");
        for other in others {
            finding = finding.also(other.span(), "nor does this");
        }
        let help = match others.len() {
            0 => "remove it",
            _ => "remove them",
        };
        let mut finding = finding.also(by.span(), "covers it").help(help);
        // S3's answer to each of them is that to the pattern: the asked origin, with credentials; the
        // asked headers.
        finding.fix = Some(Fix {
            title: format!("remove what \"{}\" covers", by.value()),
            safety: Safety::Safe,
            changes: texts.iter().map(|text| text.remove()).collect(),
        });
        findings.push(finding);
    }
}

/// Patterns by what follows their `*`, so that a list of many is not compared with itself.
struct Patterns<'p> {
    by_end: HashMap<&'p str, Vec<(&'p str, usize)>>,
}

impl<'p> Patterns<'p> {
    fn new(patterns: impl Iterator<Item = (usize, &'p str)>) -> Patterns<'p> {
        let mut by_end: HashMap<_, Vec<_>> = HashMap::new();
        for (index, pattern) in patterns {
            if let Some((start, end)) = pattern.split_once('*') {
                by_end.entry(end).or_default().push((start, index));
            }
        }
        Patterns { by_end }
    }

    /// The widest pattern, other than the entry itself, that contains all that the entry matches.
    fn covering(&self, index: usize, value: &str) -> Option<usize> {
        if self.by_end.is_empty() {
            return None;
        }
        let (before, after) = value.split_once('*').unwrap_or((value, value));
        let is_pattern = value.contains('*');
        let ends = (0..=after.len())
            .rev()
            .filter(|at| after.is_char_boundary(*at));
        for at in ends {
            let Some(patterns) = self.by_end.get(&after[at..]) else {
                continue;
            };
            let covering = patterns.iter().find(|(start, other)| {
                // In a name without a `*` start and end must not overlap.
                let fits = is_pattern || start.len() + (after.len() - at) <= value.len();
                *other != index && fits && before.starts_with(start)
            });
            if let Some((_, other)) = covering {
                return Some(*other);
            }
        }
        None
    }
}

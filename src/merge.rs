//! Merging of findings: combines findings about entries of one list that have the same problem and remedy.
//!
//! Exceptions and baselines are applied before merging, so that accepting one entry never hides another.

use std::collections::{HashMap, HashSet};

use crate::document::NodeId;
use crate::finding::{Finding, MergeKey, Safety};
use crate::level::Severity;

/// Maximum number of suggestions to list in the help of a merged finding.
const MAX_SUGGESTIONS: usize = 3;

/// The properties that findings must share to be merged.
#[derive(PartialEq, Eq, Hash)]
struct Group {
    lint: &'static str,
    severity: Severity,
    scope: NodeId,
    message: String,
    help: String,
    /// The safety of the fixes; `None` if the findings have no fix.
    safety: Option<Safety>,
}

/// Merges findings, which must be sorted by position. The first finding of a group is kept; the labels and
/// fixes of the others are added to it.
pub fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut groups: HashMap<Group, (usize, Vec<Box<MergeKey>>)> = HashMap::new();
    for mut finding in findings {
        let Some(key) = finding.merge.take() else {
            merged.push(finding);
            continue;
        };
        let group = Group {
            lint: finding.lint,
            severity: finding.severity,
            scope: key.scope,
            message: key.message.clone(),
            help: key.help.clone(),
            safety: finding.fix.as_ref().map(|fix| fix.safety),
        };
        match groups.get_mut(&group) {
            Some((index, keys)) => {
                absorb(&mut merged[*index], finding);
                keys.push(key);
            }
            None => {
                groups.insert(group, (merged.len(), vec![key]));
                merged.push(finding);
            }
        }
    }
    for (index, keys) in groups.into_values() {
        let [first, others @ ..] = &keys[..] else {
            continue;
        };
        if others.is_empty() {
            continue;
        }
        let value = format!("{} (and {} more)", first.value, others.len());
        merged[index].message = first.message.replace("{}", &value);
        merged[index].help = Some(plural(&first.help).replace("{}", &suggestions(&keys)));
        if let Some(fix) = &mut merged[index].fix {
            fix.title = plural(&fix.title);
        }
        sort_labels(&mut merged[index]);
    }
    merged.shrink_to_fit();
    merged
}

/// Changes an instruction from singular to plural.
fn plural(help: &str) -> String {
    help.replace("remove it", "remove them")
        .replace("move it", "move them")
}

/// Moves the labels and the fix of `other` into `finding`.
fn absorb(finding: &mut Finding, other: Finding) {
    finding.labels.extend(other.labels);
    if let (Some(fix), Some(other)) = (&mut finding.fix, other.fix) {
        fix.changes.extend(other.changes);
    }
}

/// Sorts the secondary labels by position, and removes duplicates.
fn sort_labels(finding: &mut Finding) {
    let first = finding.labels.remove(0);
    let secondary = &mut finding.labels;
    secondary.sort_by(|one, other| (one.span, &one.text).cmp(&(other.span, &other.text)));
    secondary.dedup();
    secondary.retain(|label| *label != first);
    secondary.insert(0, first);
}

fn suggestions(keys: &[Box<MergeKey>]) -> String {
    let mut seen = HashSet::new();
    let suggestions = keys.iter().map(|key| key.suggestion.as_str());
    let all: Vec<&str> = suggestions.filter(|text| seen.insert(*text)).collect();
    let shown = all
        .iter()
        .take(MAX_SUGGESTIONS)
        .copied()
        .collect::<Vec<_>>();
    match all.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::NodeId;
    use crate::finding::Diagnostic;
    use crate::source::Span;

    fn finding(at: usize, scope: u32, value: &str) -> Finding {
        let diagnostic = Diagnostic::of_entry(
            "x",
            Span::new(at, at + 1),
            NodeId(scope),
            ("entry {} is wrong", value),
            ("write {}", &value.to_uppercase()),
        );
        Finding::new(diagnostic, Severity::Note)
    }

    #[test]
    fn entries_of_one_list_are_one_finding() {
        let all = vec![finding(1, 0, "a"), finding(3, 0, "b"), finding(5, 9, "c")];
        let merged = merge(all);
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].message, "entry a (and 1 more) is wrong");
        assert_eq!(merged[0].help.as_deref(), Some("write A, B"));
        assert_eq!(merged[0].labels.len(), 2);
        assert_eq!(merged[1].message, "entry c is wrong");
    }
}

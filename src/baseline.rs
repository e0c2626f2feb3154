//! Baselines: known findings that are not reported anymore.
//!
//! A baseline has one line per finding, and its lines are sorted so that diffs are easy to review and merge.
//! A line doesn't contain the position of its finding, so moving or reformatting a policy doesn't change it.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// The first line of a baseline.
const HEADER: &str = r#"{"corslint-baseline":1}"#;

/// Why a text is not a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineError {
    /// The first line is not the baseline header.
    NoBaseline,
    /// The line with this number, counted from 1, is not a valid finding.
    InvalidLine(usize),
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaselineError::NoBaseline => write!(
                f,
                "line 1: not a corslint baseline; the first line must be {HEADER}"
            ),
            BaselineError::InvalidLine(line) => {
                write!(f, "line {line}: not a baseline entry")
            }
        }
    }
}

impl std::error::Error for BaselineError {}

/// The findings in a baseline, by file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    files: BTreeMap<String, Vec<Entry>>,
}

/// A finding in a baseline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    lint: String,
    /// The address of the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// The string that the finding is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// A hash of the rule. Distinguishes rules that have the same problem, as long as they don't change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    file: String,
    #[serde(flatten)]
    entry: Entry,
}

impl Entry {
    fn of(finding: &Finding) -> Entry {
        Entry {
            lint: finding.lint.to_owned(),
            policy: finding.key.address.clone(),
            value: finding.key.value.clone(),
            rule: finding.key.rule_hash.map(|rule| format!("{rule:08x}")),
        }
    }

    fn in_any_rule(self) -> Entry {
        Entry { rule: None, ..self }
    }
}

impl Baseline {
    /// Parses a baseline.
    pub fn parse(text: &str) -> Result<Baseline, BaselineError> {
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line.trim() != HEADER) {
            return Err(BaselineError::NoBaseline);
        }
        let mut baseline = Baseline::default();
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let line: Line =
                serde_json::from_str(line).map_err(|_| BaselineError::InvalidLine(number + 1))?;
            baseline
                .files
                .entry(line.file)
                .or_default()
                .push(line.entry);
        }
        Ok(baseline)
    }

    /// Returns the text of the file.
    pub fn write(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (file, entries) in &self.files {
            let mut entries = entries.clone();
            entries.sort();
            for entry in entries {
                let line = Line {
                    file: file.clone(),
                    entry,
                };
                let line = serde_json::to_string(&line).expect("strings can be written");
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }

    /// Replaces the findings of a file.
    pub fn record(&mut self, file: &str, findings: &[Finding]) {
        if findings.is_empty() {
            self.files.remove(file);
            return;
        }
        let entries = findings.iter().map(Entry::of).collect();
        self.files.insert(file.to_owned(), entries);
    }

    /// Removes the findings of a file that are in the baseline, and returns the number of entries that
    /// match no finding. Entries for unchanged rules are matched first; the others are then matched by lint
    /// and value only.
    pub fn apply(&self, file: &str, findings: &mut Vec<Finding>) -> usize {
        let Some(entries) = self.files.get(file) else {
            return 0;
        };
        let mut by_rule: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in entries {
            *by_rule.entry(entry).or_default() += 1;
        }
        findings.retain(|finding| !take(&mut by_rule, &Entry::of(finding)));
        let mut by_value: BTreeMap<Entry, usize> = BTreeMap::new();
        for (entry, left) in by_rule {
            *by_value.entry(entry.clone().in_any_rule()).or_default() += left;
        }
        findings.retain(|finding| !take(&mut by_value, &Entry::of(finding).in_any_rule()));
        by_value.values().sum()
    }

    /// The number of findings.
    pub fn len(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }

    /// Returns true if the baseline has no findings.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files with findings.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Removes the findings of a file.
    pub fn forget(&mut self, file: &str) {
        self.files.remove(file);
    }
}

/// Consumes one matching entry, and returns false if none is left.
fn take<E: Borrow<Entry> + Ord>(entries: &mut BTreeMap<E, usize>, wanted: &Entry) -> bool {
    match entries.get_mut(wanted) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Diagnostic;
    use crate::level::Severity;
    use crate::source::Span;

    fn finding(value: &str, rule: u32) -> Finding {
        let diagnostic = Diagnostic::new("wildcard-origin", Span::new(0, 1), "x");
        let mut finding = Finding::new(diagnostic, Severity::Warning);
        finding.key.value = Some(value.to_owned());
        finding.key.rule_hash = Some(rule);
        finding
    }

    #[test]
    fn new_finding_next_to_a_known_one_is_reported() {
        let mut baseline = Baseline::default();
        baseline.record("a.json", &[finding("*", 2)]);
        let baseline = Baseline::parse(&baseline.write()).expect("what was written is read");
        let mut findings = vec![finding("*", 1), finding("*", 2)];
        assert_eq!(baseline.apply("a.json", &mut findings), 0);
        assert_eq!(findings, [finding("*", 1)]);
    }

    #[test]
    fn changed_rule_keeps_its_entries_and_fixed_ones_are_counted() {
        let mut baseline = Baseline::default();
        baseline.record("a.json", &[finding("*", 1), finding("b", 1)]);
        let mut findings = vec![finding("*", 7)];
        assert_eq!(baseline.apply("a.json", &mut findings), 1);
        assert!(findings.is_empty());
    }

    #[test]
    fn invalid_line_is_reported() {
        assert!(Baseline::parse("").is_err());
        let error = Baseline::parse(&format!("{HEADER}\n\n{{}}\n"));
        assert_eq!(error, Err(BaselineError::InvalidLine(3)));
    }
}

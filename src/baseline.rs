//! Findings that were there before: recorded once, left out from then on.
//!
//! The file has one line for each finding, sorted, so that it is easy to review and to merge. A line
//! says what a finding is about but not where it is: moving or reformatting a policy keeps it.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// The first line of a file.
const HEADER: &str = r#"{"corslint-baseline":1}"#;

/// The recorded findings, by file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    files: BTreeMap<String, Vec<Entry>>,
}

/// One recorded finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    lint: String,
    /// The whole string that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// A hash of its rule: tells rules with the same fault apart as long as they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

/// A line: an entry and its file.
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
            value: finding.place.value.clone(),
            rule: finding.place.rule.map(|rule| format!("{rule:08x}")),
        }
    }
}

impl Entry {
    fn in_any_rule(self) -> Entry {
        Entry { rule: None, ..self }
    }
}

impl Baseline {
    /// Reads a file; the error is one line with its number.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line.trim() != HEADER) {
            return Err(format!(
                "line 1: this is no baseline of corslint; the first line is {HEADER}"
            ));
        }
        let mut baseline = Baseline::default();
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line)
                .map_err(|_| format!("line {}: this is no recorded finding", number + 1))?;
            baseline
                .files
                .entry(line.file)
                .or_default()
                .push(line.entry);
        }
        Ok(baseline)
    }

    /// The file.
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

    /// Records the findings of a file in place of those that were recorded.
    pub fn record(&mut self, file: &str, findings: &[Finding]) {
        if findings.is_empty() {
            self.files.remove(file);
            return;
        }
        let entries = findings.iter().map(Entry::of).collect();
        self.files.insert(file.to_owned(), entries);
    }

    /// Takes the recorded findings of a file out, and returns how many entries match none. Entries
    /// of the same rule go first; a rule that was changed is matched by lint and value alone.
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

    /// How many findings are recorded.
    pub fn len(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files with recorded findings.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Forgets a file.
    pub fn forget(&mut self, file: &str) {
        self.files.remove(file);
    }
}

/// Uses an entry up, if there is one.
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
    use crate::source::Span;

    fn finding(value: &str, rule: u32) -> Finding {
        let mut finding = Finding::new("wildcard-origin", Span::new(0, 1), "x");
        finding.place.value = Some(value.to_owned());
        finding.place.rule = Some(rule);
        finding
    }

    #[test]
    fn a_new_finding_beside_a_recorded_one_is_the_one_that_is_left() {
        let mut baseline = Baseline::default();
        baseline.record("a.json", &[finding("*", 2)]);
        let baseline = Baseline::parse(&baseline.write()).expect("what was written is read");
        let mut findings = vec![finding("*", 1), finding("*", 2)];
        assert_eq!(baseline.apply("a.json", &mut findings), 0);
        assert_eq!(findings, [finding("*", 1)]);
    }

    #[test]
    fn a_changed_rule_keeps_its_entries_and_a_mended_one_is_counted() {
        let mut baseline = Baseline::default();
        baseline.record("a.json", &[finding("*", 1), finding("b", 1)]);
        let mut findings = vec![finding("*", 7)];
        assert_eq!(baseline.apply("a.json", &mut findings), 1);
        assert!(findings.is_empty());
    }

    #[test]
    fn a_broken_line_is_named() {
        assert!(Baseline::parse("").is_err());
        let error = Baseline::parse(&format!("{HEADER}\n\n{{}}\n"));
        assert_eq!(error, Err("line 3: this is no recorded finding".to_owned()));
    }
}

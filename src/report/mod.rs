//! From findings to text, one file for each format.

mod concise;
mod fingerprint;
mod full;
mod github;
mod gitlab;
mod inventory;
mod json;
mod junit;
mod line_hash;
mod rdjson;
mod sarif;
mod visible;

pub use full::finding_in_full;
pub use inventory::inventory;
pub use json::json_schema;
pub use line_hash::line_hashes;
pub use visible::{visible, visible_lines};

use std::num::NonZero;
use std::thread;

use crate::check::Checked;
use crate::finding::{Finding, Safety, Severity};

/// A way to write findings.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, for `--help`.
    pub about: &'static str,
    /// Writes a run.
    pub render: fn(&Run, Style) -> String,
}

/// The formats, the default first.
pub const FORMATS: &[Format] = &[
    full::FORMAT,
    concise::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    github::FORMAT,
    gitlab::FORMAT,
    junit::FORMAT,
    rdjson::FORMAT,
];

/// What was found, for a report.
pub struct Run {
    /// The files that hold a policy, and the configurations with findings, sorted by name.
    pub files: Vec<Checked>,
    /// The way from the top of the git repository to the working directory, with `/`: `infra`, or
    /// empty. What reads a report in a repository counts paths from its top.
    pub below_top: String,
    /// The top of the git repository around the working directory, with `/`; empty outside of one.
    pub top: String,
    /// How many threads may write a report; 0 for as many as there are processors.
    pub jobs: usize,
}

/// How a report looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether to colour it for a terminal.
    pub color: bool,
}

/// How many findings of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Run {
    /// The path of a file from the top of the repository.
    pub fn path_from_top(&self, file: &Checked) -> String {
        let name = file.source.name();
        let below = name.strip_prefix(self.top.as_str());
        if let Some(below) = below.and_then(|below| below.strip_prefix('/'))
            && !self.top.is_empty()
        {
            return below.to_owned();
        }
        let is_path = !name.starts_with('/') && !name.starts_with('<');
        if self.below_top.is_empty() && !name.starts_with("..") || !is_path {
            return name.to_owned();
        }
        let mut parts: Vec<_> = self.below_top.split('/').collect();
        parts.retain(|part| !part.is_empty());
        for part in name.split('/') {
            match part {
                ".." if parts.pop().is_some() => {}
                other => parts.push(other),
            }
        }
        parts.join("/")
    }

    /// All findings with their files, in the order of reports.
    pub fn findings(&self) -> impl Iterator<Item = (&Checked, &Finding)> {
        let files = self.files.iter();
        files.flat_map(|file| file.findings.iter().map(move |finding| (file, finding)))
    }

    /// Adds the text of many items, in their order, written on as many threads as the run may have.
    fn write_each<T: Sync>(
        &self,
        items: &[T],
        text: &mut String,
        write: impl Fn(&T, &mut String) + Sync,
    ) {
        let processors = || thread::available_parallelism().map_or(1, NonZero::get);
        let jobs = match self.jobs {
            0 => processors(),
            jobs => jobs,
        };
        // To start a thread takes as long as to write some findings.
        let share = items.len().div_ceil(jobs).max(64);
        let (first, rest) = items.split_at(share.min(items.len()));
        thread::scope(|scope| {
            let others = rest.chunks(share).map(|items| {
                scope.spawn(|| {
                    let mut text = String::new();
                    items.iter().for_each(|item| write(item, &mut text));
                    text
                })
            });
            let others: Vec<_> = others.collect();
            first.iter().for_each(|item| write(item, text));
            for other in others {
                text.push_str(&other.join().expect("writing text does not panic"));
            }
        });
    }

    /// How many policies were found.
    pub fn policies(&self) -> usize {
        self.files.iter().map(Checked::policies).sum()
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (_, finding) in self.findings() {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }

    /// The severest finding.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|(_, finding)| finding.severity).max()
    }

    /// The line at the end: `2 errors, 3 warnings in 4 policies`.
    pub fn summary(&self) -> String {
        let Counts {
            errors,
            warnings,
            notes,
        } = self.counts();
        let parts: Vec<_> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| plural(number, what))
            .collect();
        let found = if parts.is_empty() {
            "no findings".to_owned()
        } else {
            parts.join(", ")
        };
        let policies = match self.policies() {
            1 => "1 policy".to_owned(),
            number => format!("{number} policies"),
        };
        format!("{found} in {policies}{}", self.fixable())
    }

    /// How many findings can be mended, and how.
    fn fixable(&self) -> String {
        let count = |safety| {
            let fixes = self
                .findings()
                .filter_map(|(_, finding)| finding.fix.as_ref());
            fixes.filter(|fix| fix.safety == safety).count()
        };
        match (count(Safety::Safe), count(Safety::Unsafe)) {
            (0, 0) => String::new(),
            (safe, 0) => format!(" ({safe} fixable with --fix)"),
            (0, more) => format!(" ({more} fixable with --fix --unsafe-fixes)"),
            (safe, more) => {
                format!(" ({safe} fixable with --fix, {more} more with --unsafe-fixes)")
            }
        }
    }
}

/// "1 error", "2 errors".
pub fn plural(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

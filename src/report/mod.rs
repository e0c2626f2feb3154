//! Report formats, with one module per format.

mod ansi;
mod concise;
pub mod decision;
pub mod difference;
mod escape;
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
mod snippet;
mod words;
mod wrap;

pub use escape::{escape_control, escape_lines};
pub use full::finding_in_full;
pub use inventory::inventory;
pub use json::{json_schema, render as json, to_text as to_json_text};
pub use line_hash::line_hashes;
pub use wrap::wrap;

use crate::analyze::Analysis;
use crate::finding::{Finding, Safety};
use crate::level::Severity;
use crate::source::{BYTE_ORDER_MARK, Edit, Source};

/// An output format.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// The description in `--help`.
    pub about: &'static str,
    /// Renders a run.
    pub render: Render,
    /// True if the report includes the edits of fixes, which are computed from the tree of a file.
    pub includes_edits: bool,
}

/// The way a format renders a run.
#[derive(Clone, Copy)]
pub enum Render {
    /// Renders each file separately, in any order. The results are joined in the order of the run.
    EachFile(fn(&Run, &Analysis, Style) -> String),
    /// Renders the run as a whole.
    WholeRun(fn(&Run, Style) -> String),
}

impl Format {
    /// Renders a run.
    pub fn render(&self, run: &Run, style: Style) -> String {
        match self.render {
            Render::EachFile(render) => {
                let files = run.files.iter();
                files.map(|file| render(run, file, style)).collect()
            }
            Render::WholeRun(render) => render(run, style),
        }
    }
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

/// The results of a run.
pub struct Run {
    /// The files with policies, and the configurations with findings, sorted by name.
    pub files: Vec<Analysis>,
    /// The path from the root of the git repository to the working directory, such as `infra`; empty at the
    /// root. Tools that consume a report expect paths relative to the repository root.
    pub prefix: String,
    /// The root of the git repository around the working directory; empty outside of one.
    pub repository_root: String,
    /// The number of findings that exceptions accept. They are not in `files`.
    pub accepted: usize,
}

/// The style of a report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// True to use ANSI colors.
    pub color: bool,
    /// True to link the names of lints to their pages (OSC 8).
    pub hyperlinks: bool,
    /// The width of the terminal in columns; `None` if there is none.
    pub width: Option<usize>,
}

/// The width to assume without a terminal.
const DEFAULT_WIDTH: usize = 80;

impl Style {
    /// Returns the width to fit text into, in columns.
    pub fn columns(&self) -> usize {
        // Something must be visible even in a very narrow terminal.
        self.width.unwrap_or(DEFAULT_WIDTH).max(20)
    }
}

/// The number of findings of each severity.
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
    /// Returns the path of a file relative to the root of the repository.
    pub fn path_from_root(&self, file: &Analysis) -> String {
        let name = file.source.name();
        let below = name.strip_prefix(self.repository_root.as_str());
        if let Some(below) = below.and_then(|below| below.strip_prefix('/'))
            && !self.repository_root.is_empty()
        {
            return below.to_owned();
        }
        let is_path = !name.starts_with('/') && !name.starts_with('<');
        if self.prefix.is_empty() && !name.starts_with("..") || !is_path {
            return name.to_owned();
        }
        let mut parts: Vec<_> = self.prefix.split('/').collect();
        parts.retain(|part| !part.is_empty());
        for part in name.split('/') {
            match part {
                ".." if parts.pop().is_some() => {}
                other => parts.push(other),
            }
        }
        parts.join("/")
    }

    /// Returns all findings in order, each with its file.
    pub fn findings(&self) -> impl Iterator<Item = (&Analysis, &Finding)> {
        let files = self.files.iter();
        files.flat_map(|file| file.findings.iter().map(move |finding| (file, finding)))
    }

    /// The number of policies.
    pub fn policy_count(&self) -> usize {
        self.files.iter().map(Analysis::policy_count).sum()
    }

    /// The number of findings of each severity.
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

    /// Returns the highest severity; `None` without findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|(_, finding)| finding.severity).max()
    }

    /// Returns the last line of a report, such as `2 errors, 3 warnings in 4 policies`.
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
        let policies = match self.policy_count() {
            1 => "1 policy".to_owned(),
            number => format!("{number} policies"),
        };
        format!("{found} in {policies}{}", self.details())
    }

    /// Describes how many findings can be fixed and with which options, and how many are accepted.
    fn details(&self) -> String {
        let count = |safety| {
            let fixes = self
                .findings()
                .filter_map(|(_, finding)| finding.fix.as_ref());
            fixes.filter(|fix| fix.safety == safety).count()
        };
        let fixable = match (count(Safety::Safe), count(Safety::Unsafe)) {
            (0, 0) => None,
            (safe, 0) => Some(format!("{safe} fixable with --fix")),
            (0, more) => Some(format!("{more} fixable with --fix --unsafe-fixes")),
            (safe, more) => Some(format!(
                "{safe} fixable with --fix, {more} more with --fix --unsafe-fixes"
            )),
        };
        let policies = self.files.iter().flat_map(|file| &file.policies);
        let computed = policies
            .filter(|located| !located.policy.is_complete)
            .count();
        let computed = match computed {
            0 => None,
            1 => Some("1 policy has computed rules".to_owned()),
            more => Some(format!("{more} policies have computed rules")),
        };
        let accepted = (self.accepted > 0).then(|| format!("{} accepted", self.accepted));
        let details: Vec<_> = fixable
            .into_iter()
            .chain(accepted)
            .chain(computed)
            .collect();
        match details[..] {
            [] => String::new(),
            _ => format!(" ({})", details.join("; ")),
        }
    }
}

/// Returns true if edits can be given as lines and columns: a byte order mark takes up no column.
fn has_columns(source: &Source, edits: &[Edit]) -> bool {
    let is_mark = |edit: &Edit| {
        edit.span.start() == 0 && edit.span.end() > 0 && source.text().starts_with(BYTE_ORDER_MARK)
    };
    !edits.iter().any(is_mark)
}

/// Returns a number with a noun in singular or plural: "1 error", "2 errors".
pub fn plural(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

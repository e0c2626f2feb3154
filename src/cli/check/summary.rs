//! What `corslint check` prints to standard error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use corslint::report::{Run, escape_control, plural};
use corslint::skip::SkipReason;

/// A file without a policy.
pub(super) struct SkippedFile {
    pub(super) name: String,
    pub(super) named: bool,
    pub(super) why: SkipReason,
}

/// A policy, and the configuration that applies to it.
pub(super) struct CheckedConfiguration {
    pub(super) name: String,
    pub(super) configuration: Option<String>,
}

/// What the summary says in addition to the findings.
#[derive(Default)]
pub(super) struct Notes {
    /// Notes about the baseline and about fixes.
    pub(super) lines: Vec<String>,
    /// The number of staged or changed files; `None` if all files are selected.
    pub(super) changed: Option<usize>,
    /// The number of skipped files and directories by reason.
    pub(super) skipped_counts: BTreeMap<&'static str, usize>,
}

/// The data that the summary is built from.
pub(super) struct Summary<'a> {
    pub(super) run: &'a Run,
    pub(super) skipped: &'a [SkippedFile],
    /// With `-v`, the policies.
    pub(super) configurations: &'a [CheckedConfiguration],
    pub(super) notes: &'a Notes,
    pub(super) requires_policy: bool,
    /// The number of files that the user named.
    pub(super) named: usize,
    pub(super) paths: &'a [PathBuf],
    pub(super) verbose: bool,
    pub(super) quiet: bool,
    pub(super) lists_files: bool,
    pub(super) forces_provider: bool,
    pub(super) for_a_person: bool,
}

impl Summary<'_> {
    /// Returns the reasons for skipped files and the configurations of checked files, which `-v` prints. With
    /// `--require-policy`, named files must be policies, so their reasons are always printed.
    pub(super) fn reasons(&self) -> String {
        let is_wanted = |other: &&SkippedFile| {
            let is_told_below = self.run.policy_count() == 0 && !self.quiet;
            self.verbose || other.named && self.requires_policy && !is_told_below
        };
        let mut lines: Vec<_> = self
            .skipped
            .iter()
            .filter(is_wanted)
            .map(SkippedFile::line)
            .collect();
        lines.extend(self.configurations.iter().map(|checked| {
            let name = escape_control(&checked.name);
            match &checked.configuration {
                Some(configuration) => {
                    format!("{name}: checked with {}\n", escape_control(configuration))
                }
                None => format!("{name}: checked without a configuration\n"),
            }
        }));
        lines.sort();
        lines.concat()
    }

    pub(super) fn write(&self) -> String {
        if self.run.policy_count() == 0 {
            return self.nothing_found();
        }
        let mut text = String::new();
        if self.lists_files {
            return text;
        }
        let without = self.skipped.iter().filter(|other| other.named).count();
        if without > 0 {
            let with = self.named - without;
            let contain = if with == 1 { "contains" } else { "contain" };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{with} of {} {contain} a CORS policy",
                plural(self.named, "named file")
            );
        }
        let _ = writeln!(text, "{}", self.run.summary());
        for line in &self.notes.lines {
            let _ = writeln!(text, "{line}");
        }
        if self.for_a_person && self.run.worst().is_some() {
            text.push_str("run `corslint explain LINT` for details\n");
        }
        text
    }

    /// Explains why each named file contains no policy, and names the directories in which none was found.
    fn nothing_found(&self) -> String {
        let mut text = String::new();
        let named = || self.skipped.iter().filter(|other| other.named);
        if !self.verbose {
            text.extend(named().map(SkippedFile::line));
        }
        let could_be_forced =
            |other: &SkippedFile| matches!(other.why, SkipReason::NoKeys | SkipReason::NoPolicy(_));
        if !self.forces_provider && named().any(could_be_forced) {
            text.push_str("use --provider NAME to check a file anyway\n");
        }
        let folders: Vec<_> = self
            .paths
            .iter()
            .filter(|path| path.is_dir())
            .map(|path| escape_control(&path.to_string_lossy()).into_owned())
            .collect();
        if folders.is_empty() && self.notes.changed == Some(0) {
            text.push_str("no changed files to check among the named ones\n");
        }
        if !folders.is_empty() {
            let folders = folders.join(", ");
            // Writing to a string cannot fail.
            let _ = match self.notes.changed {
                Some(0) => writeln!(text, "no changed files to check under {folders}"),
                Some(number) => {
                    let files = plural(number, "changed file");
                    writeln!(text, "no CORS policy found in {files} under {folders}")
                }
                None => writeln!(text, "no CORS policy found under {folders}"),
            };
            text.push_str(&self.skipped_counts());
        }
        for line in &self.notes.lines {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

impl Summary<'_> {
    /// Counts the skipped files and directories by reason.
    fn skipped_counts(&self) -> String {
        let counts = &self.notes.skipped_counts;
        if counts.is_empty() {
            return String::new();
        }
        let mut counts: Vec<_> = counts.iter().collect();
        counts.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
        let reasons: Vec<_> = counts
            .iter()
            .map(|(why, number)| format!("{number} {why}"))
            .collect();
        let hint = if self.verbose {
            ""
        } else {
            "; use -v to list them"
        };
        format!("skipped: {}{hint}\n", reasons.join(", "))
    }
}

impl SkippedFile {
    fn line(&self) -> String {
        format!(
            "{}: skipped: {}\n",
            escape_control(&self.name),
            self.why.message()
        )
    }
}

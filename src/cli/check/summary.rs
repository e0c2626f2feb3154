//! What `corslint check` prints to standard error.

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

/// Everything that the summary is about.
pub(super) struct Summary<'a> {
    pub(super) run: &'a Run,
    pub(super) skipped: &'a [SkippedFile],
    /// How many files the user named.
    pub(super) named: usize,
    pub(super) paths: &'a [PathBuf],
    pub(super) verbose: bool,
    pub(super) lists_files: bool,
    pub(super) forces_provider: bool,
    /// Lines about the baseline and about fixes.
    pub(super) notes: Vec<String>,
    pub(super) for_a_person: bool,
}

impl Summary<'_> {
    /// The reasons that `-v` prints.
    pub(super) fn reasons(&self) -> String {
        let wanted = self.skipped.iter().filter(|_| self.verbose);
        wanted.map(SkippedFile::line).collect()
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
            let hold = if with == 1 { "holds" } else { "hold" };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{with} of {} {hold} a CORS policy",
                plural(self.named, "named file")
            );
        }
        let _ = writeln!(text, "{}", self.run.summary());
        for line in &self.notes {
            let _ = writeln!(text, "{line}");
        }
        if self.for_a_person && self.run.worst().is_some() {
            text.push_str("corslint explain LINT tells why\n");
        }
        text
    }

    /// Says why named files contain no policy, and that directories contain none.
    fn nothing_found(&self) -> String {
        let mut text = String::new();
        let named = || self.skipped.iter().filter(|other| other.named);
        if !self.verbose {
            text.extend(named().map(SkippedFile::line));
        }
        let could_be_read =
            |other: &SkippedFile| matches!(other.why, SkipReason::NoKeys | SkipReason::NoPolicy(_));
        if !self.forces_provider && named().any(could_be_read) {
            text.push_str("--provider NAME reads a file as that provider's policy all the same\n");
        }
        let folders: Vec<_> = self
            .paths
            .iter()
            .filter(|path| path.is_dir())
            .map(|path| escape_control(&path.to_string_lossy()).into_owned())
            .collect();
        if !folders.is_empty() {
            let hint = if self.lists_files {
                ""
            } else {
                "; --list-files lists what is found, -v says what was passed over"
            };
            let _ = writeln!(
                text,
                "no CORS policy found under {}{hint}",
                folders.join(", ")
            );
        }
        for line in &self.notes {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

impl SkippedFile {
    fn line(&self) -> String {
        format!(
            "{}: no policy: {}\n",
            escape_control(&self.name),
            self.why.message()
        )
    }
}

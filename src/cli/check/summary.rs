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

/// The data that the summary is built from.
pub(super) struct Summary<'a> {
    pub(super) run: &'a Run,
    pub(super) skipped: &'a [SkippedFile],
    /// The number of files that the user named.
    pub(super) named: usize,
    pub(super) paths: &'a [PathBuf],
    pub(super) verbose: bool,
    pub(super) lists_files: bool,
    pub(super) forces_provider: bool,
    /// Notes about the baseline and about fixes.
    pub(super) notes: Vec<String>,
    pub(super) for_a_person: bool,
}

impl Summary<'_> {
    /// Returns the reasons for skipped files, which `-v` prints.
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
            let contain = if with == 1 { "contains" } else { "contain" };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{with} of {} {contain} a CORS policy",
                plural(self.named, "named file")
            );
        }
        let _ = writeln!(text, "{}", self.run.summary());
        for line in &self.notes {
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
        if !folders.is_empty() {
            let hint = if self.lists_files {
                ""
            } else {
                "; use -v to see skipped files"
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
            "{}: skipped: {}\n",
            escape_control(&self.name),
            self.why.message()
        )
    }
}

//! `--fix` and `--diff`.

use std::fmt::Write as _;
use std::path::Path;

use similar::TextDiff;

use corslint::discover::Unreadable;
use corslint::finding::Finding;
use corslint::fix::{Unfinished, fix_all};
use corslint::read::io_message;
use corslint::report::{escape_control, plural};
use corslint::source::Source;
use corslint::write::replace_if_unchanged;

use super::checked::CheckedFile;

/// The result of fixing all files.
#[derive(Default)]
pub(super) struct FixedFiles {
    /// The fixed standard input, if it was read.
    pub(super) stdin: Option<Vec<u8>>,
    /// The changes to all files as a unified diff; empty without `--diff`.
    pub(super) diff: String,
    /// The files that could not be written.
    pub(super) failed: Vec<Unreadable>,
    /// One line for each finding that was fixed: its place, message and lint.
    findings: Vec<String>,
    files: usize,
    /// The file, line, and lint of each fix that was skipped.
    skipped: Vec<(String, usize, &'static str)>,
    /// The files that still have fixes to apply, each with the reason.
    unfinished: Vec<(String, Unfinished)>,
    is_diff: bool,
}

impl FixedFiles {
    /// Returns notes for the summary.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.findings.is_empty() {
            let what = plural(self.findings.len(), "finding");
            let (what, files) = (what, plural(self.files, "file"));
            notes.push(match self.is_diff {
                true => format!("{what} would be fixed in {files}"),
                false => format!("fixed {what} in {files}"),
            });
        }
        for (name, line, lint) in &self.skipped {
            let name = escape_control(name);
            notes.push(format!(
                "{name}:{line}: skipped the fix for {lint}: it does not work here; change it by hand"
            ));
        }
        for (name, unfinished) in &self.unfinished {
            let name = escape_control(name);
            notes.push(match unfinished {
                Unfinished::Passes => format!("{name}: more fixes are available; run corslint again"),
                Unfinished::Attempts => format!(
                    "{name}: stopped after too many failed fixes; fix the findings above by hand first"
                ),
            });
        }
        notes
    }

    /// Returns a line for each finding that was fixed.
    pub(super) fn resolved(&self) -> String {
        match self.is_diff {
            true => String::new(),
            false => self.findings.concat(),
        }
    }

    /// Returns true if a fix was skipped.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.skipped.is_empty()
    }
}

/// Fixes all files and replaces their analyses with those of the fixed texts. With `is_diff`, writes
/// nothing and keeps the original analyses.
pub(super) fn fix_files(
    files: &mut [CheckedFile],
    with_unsafe: bool,
    is_diff: bool,
    working_directory: Option<&Path>,
    recheck: &dyn Fn(&CheckedFile, String) -> CheckedFile,
) -> FixedFiles {
    let mut fixed = FixedFiles {
        is_diff,
        ..FixedFiles::default()
    };
    for file in files {
        let outcome = fix_all(&file.analysis, with_unsafe, &|text| {
            recheck(file, text).analysis
        });
        let skipped = outcome.skipped.iter();
        fixed
            .skipped
            .extend(skipped.map(|(line, lint)| (file.name().to_owned(), *line, *lint)));
        if let Some(unfinished) = outcome.unfinished {
            fixed.unfinished.push((file.name().to_owned(), unfinished));
        }
        let Some(last) = outcome.fixed else {
            if !is_diff && file.stdin.is_some() {
                fixed.stdin.clone_from(&file.stdin);
            }
            continue;
        };
        let (old, new) = (file.analysis.source.text(), last.source.text());
        if is_diff {
            fixed
                .diff
                .push_str(&diff(&name_in_diff(file, working_directory), old, new));
        } else if file.stdin.is_some() {
            fixed.stdin = Some(new.as_bytes().to_vec());
        } else if let Err(error) = replace_if_unchanged(&file.path, old.as_bytes(), new.as_bytes())
        {
            fixed.failed.push(Unreadable {
                name: file.name().to_owned(),
                reason: format!("not fixed: {}", io_message(&error)),
            });
            continue;
        }
        let fixed_findings = outcome.resolved.iter();
        let fixed_findings = fixed_findings.map(|index| &file.analysis.findings[*index]);
        let lines = fixed_findings.map(|finding| fixed_line(&file.analysis.source, finding));
        fixed.findings.extend(lines);
        fixed.files += 1;
        if !is_diff {
            file.analysis = last;
        }
    }
    fixed
}

/// Returns the line that says what was fixed, with the place in the original file.
fn fixed_line(source: &Source, finding: &Finding) -> String {
    let at = source.position(finding.span().start());
    format!(
        "{}:{}:{}: fixed: {} [{}]\n",
        escape_control(source.name()),
        at.line,
        at.column,
        escape_control(&finding.message_with_address()),
        finding.lint
    )
}

/// Returns the name of a file in a diff: the name in reports, or if that is not exact, the bytes of the path.
fn name_in_diff(file: &CheckedFile, working_directory: Option<&Path>) -> Vec<u8> {
    let below = working_directory.and_then(|directory| file.path.strip_prefix(directory).ok());
    match below {
        Some(path) if path.to_str().is_none() => path.as_os_str().as_encoded_bytes().to_vec(),
        _ => file.name().as_bytes().to_vec(),
    }
}

/// Returns the changes to one file in the format of `git apply` and `patch -p1`.
fn diff(name: &[u8], old: &str, new: &str) -> String {
    // Git and `patch` only split lines at LF, but `TextDiff` would also split them at a lone CR.
    let (old, new): (Vec<_>, Vec<_>) = (
        old.split_inclusive('\n').collect(),
        new.split_inclusive('\n').collect(),
    );
    let diff = TextDiff::configure()
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let (from, to) = (
        quoted(&[b"a/", name].concat()),
        quoted(&[b"b/", name].concat()),
    );
    let mut text = format!("--- {from}\n+++ {to}\n");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let line = change.value();
            let _ = write!(text, "{}{line}", change.tag());
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// Quotes a file name the way git does, if it contains special characters or is not UTF-8.
fn quoted(name: &[u8]) -> String {
    let plain = str::from_utf8(name).ok();
    let is_special = |c: char| c.is_control() || c == '"' || c == '\\';
    if let Some(plain) = plain.filter(|plain| !plain.contains(is_special)) {
        // The trailing tab tells `patch` that the spaces are part of the name.
        return match plain.contains(' ') {
            true => format!("{plain}\t"),
            false => plain.to_owned(),
        };
    }
    let mut quoted = "\"".to_owned();
    for &byte in name {
        match byte {
            b'"' | b'\\' => quoted.push_str(&format!("\\{}", char::from(byte))),
            b'\n' => quoted.push_str("\\n"),
            b'\t' => quoted.push_str("\\t"),
            0x20..=0x7e => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\{byte:03o}")),
        }
    }
    quoted.push('"');
    quoted
}

//! `--fix` and `--diff`: passes over each file until nothing is left to do.

use std::collections::HashSet;
use std::fmt::Write as _;

use similar::TextDiff;

use corslint::check::{Checked, syntax_of};
use corslint::discover::{self, Unreadable};
use corslint::finding::Finding;
use corslint::fix;
use corslint::report::{plural, visible};
use corslint::write;

use super::look::Entry;

/// What became of the fixes.
#[derive(Default)]
pub(super) struct Mended {
    /// What standard input held, mended; where it was read.
    pub(super) stdin: Option<Vec<u8>>,
    /// The changes of all files, as a unified diff; only where that was asked for.
    pub(super) diff: String,
    /// Files that could not be written.
    pub(super) failed: Vec<Unreadable>,
    findings: usize,
    files: usize,
    /// Fixes that were left out: the file, the line and the lint.
    dropped: Vec<(String, usize, &'static str)>,
    /// Files of which more can be mended.
    unfinished: Vec<(String, Left)>,
    is_diff: bool,
}

impl Mended {
    /// Lines for the summary.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.findings > 0 {
            let what = plural(self.findings, "finding");
            let (what, files) = (what, plural(self.files, "file"));
            notes.push(match self.is_diff {
                true => format!("{what} would be fixed in {files}"),
                false => format!("fixed {what} in {files}"),
            });
        }
        for (name, line, lint) in &self.dropped {
            let name = visible(name);
            notes.push(format!(
                "{name}:{line}: the fix of {lint} was left out, for it would not have mended it"
            ));
        }
        for (name, left) in &self.unfinished {
            let name = visible(name);
            notes.push(match left {
                Left::NotReached => format!("{name}: there is more to mend; run corslint again"),
                Left::NotTried => format!(
                    "{name}: not every fix was tried, for too many do not mend; mend those above by hand first"
                ),
            });
        }
        notes
    }

    /// Whether a fix was left out.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.dropped.is_empty()
    }
}

/// Mends the files of all entries, and puts in their place what is found in the new texts. With
/// `is_diff` nothing is written, and what was found stays.
pub(super) fn mend(
    entries: &mut [Entry],
    with_unsafe: bool,
    is_diff: bool,
    recheck: &dyn Fn(&Entry, String) -> Entry,
) -> Mended {
    let mut mended = Mended {
        is_diff,
        ..Mended::default()
    };
    for entry in entries {
        let passes = passes(entry, with_unsafe, recheck);
        let dropped = passes.dropped.iter();
        mended
            .dropped
            .extend(dropped.map(|(line, lint)| (entry.name().to_owned(), *line, *lint)));
        if let Some(left) = passes.left {
            mended.unfinished.push((entry.name().to_owned(), left));
        }
        let Some(last) = passes.last else {
            if !is_diff && entry.stdin.is_some() {
                mended.stdin.clone_from(&entry.stdin);
            }
            continue;
        };
        let (old, new) = (entry.checked.source.text(), last.checked.source.text());
        if is_diff {
            mended.diff.push_str(&diff(entry.name(), old, new));
        } else if entry.stdin.is_some() {
            mended.stdin = Some(new.as_bytes().to_vec());
        } else if let Err(error) = write::over(&entry.path, old.as_bytes(), new.as_bytes()) {
            mended.failed.push(Unreadable {
                name: entry.name().to_owned(),
                reason: format!("not fixed: {}", discover::reason(&error)),
            });
            continue;
        }
        mended.findings += passes.fixed;
        mended.files += 1;
        if !is_diff {
            *entry = last;
        }
    }
    mended
}

/// What came of the passes over one file.
struct Passes {
    last: Option<Entry>,
    /// How many of its findings are gone.
    fixed: usize,
    /// The line and the lint of each fix that does not mend its finding.
    dropped: Vec<(usize, &'static str)>,
    /// Whether there was more to do than one run does.
    left: Option<Left>,
}

/// Why a run leaves some of its work.
#[derive(Clone, Copy)]
enum Left {
    /// The passes of one run are over.
    NotReached,
    /// To find the fixes that do not mend took all tries.
    NotTried,
}

/// Fixes what can be fixed, and what comes to light by that. Where the fixes of a pass together do
/// not mend, the first half of them is tried alone, down to the one that does not.
fn passes(entry: &Entry, with_unsafe: bool, recheck: &dyn Fn(&Entry, String) -> Entry) -> Passes {
    let mut last: Option<Entry> = None;
    let mut left_out = HashSet::new();
    let mut most = usize::MAX;
    let mut dropped = Vec::new();
    let mut passes = 0;
    let mut left = Some(Left::NotTried);
    for _ in 0..fix::MOST_TRIES {
        let now = last.as_ref().unwrap_or(entry);
        let source = &now.checked.source;
        let Ok(syntax) = syntax_of(source.name(), source.text()) else {
            left = None;
            break;
        };
        let wanted: Vec<_> = wanted(&now.checked, with_unsafe)
            .into_iter()
            .filter(|finding| left_out.is_empty() || !left_out.contains(&fix::identity(finding)))
            .take(most)
            .collect();
        let Some((text, applied)) = fix::apply(source, syntax, &wanted) else {
            left = None;
            break;
        };
        if passes == fix::MOST_PASSES {
            left = Some(Left::NotReached);
            break;
        }
        let next = recheck(now, text);
        let applied: Vec<_> = applied.into_iter().map(|place| wanted[place]).collect();
        if fix::is_better(&now.checked, &next.checked, &applied) {
            last = Some(next);
            most = usize::MAX;
            passes += 1;
        } else if let [only] = applied[..] {
            let line = source.position(only.span().start()).line;
            dropped.push((line, only.lint));
            left_out.insert(fix::identity(only));
            most = usize::MAX;
        } else {
            most = wanted.len().div_ceil(2).min(most - 1);
        }
    }
    Passes {
        fixed: last.as_ref().map_or(0, |last| {
            let wanted = wanted(&entry.checked, with_unsafe);
            fix::gone(&entry.checked, &last.checked, &wanted)
        }),
        last,
        dropped,
        left,
    }
}

/// The findings whose fixes may be applied.
fn wanted(checked: &Checked, with_unsafe: bool) -> Vec<&Finding> {
    let findings = checked.findings.iter();
    findings
        .filter(|finding| fix::is_wanted(finding, with_unsafe))
        .collect()
}

/// The changes of one file as `git apply` and `patch -p1` take them.
fn diff(name: &str, old: &str, new: &str) -> String {
    // Neither git nor patch ends a line at a lone CR, as `TextDiff` does.
    let (old, new): (Vec<_>, Vec<_>) = (
        old.split_inclusive('\n').collect(),
        new.split_inclusive('\n').collect(),
    );
    let diff = TextDiff::configure()
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let (from, to) = (quoted(&format!("a/{name}")), quoted(&format!("b/{name}")));
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

/// A name as git writes it: in quotes where a character of it could end it.
fn quoted(name: &str) -> String {
    if !name.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
        // A tab tells `patch` that spaces before it belong to the name.
        return match name.contains(' ') {
            true => format!("{name}\t"),
            false => name.to_owned(),
        };
    }
    let mut quoted = "\"".to_owned();
    for byte in name.bytes() {
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

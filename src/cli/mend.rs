//! `--fix` and `--diff`: passes over each file until nothing is left to do.

use std::fmt::Write as _;

use similar::TextDiff;

use corslint::check::syntax_of;
use corslint::discover::{self, Unreadable};
use corslint::fix;
use corslint::report::{plural, visible};

use super::look::Entry;

/// What became of the fixes.
#[derive(Default)]
pub(super) struct Mended {
    /// The text of standard input, mended; where it was read.
    pub(super) stdin: Option<String>,
    /// The changes of all files, as a unified diff; only where that was asked for.
    pub(super) diff: String,
    /// Files that could not be written.
    pub(super) failed: Vec<Unreadable>,
    findings: usize,
    files: usize,
    /// Files of which a pass was dropped.
    dropped: Vec<String>,
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
        for name in &self.dropped {
            notes.push(format!(
                "{}: some fixes were left out, for they would not have mended it",
                visible(name)
            ));
        }
        notes
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
        if passes.was_dropped {
            mended.dropped.push(entry.name().to_owned());
        }
        let is_stdin = entry.is_stdin;
        let Some(last) = passes.last else {
            if is_stdin && !is_diff {
                mended.stdin = Some(entry.checked.source.text().to_owned());
            }
            continue;
        };
        let (old, new) = (entry.checked.source.text(), last.checked.source.text());
        if is_diff {
            mended.diff.push_str(&diff(entry.name(), old, new));
        } else if is_stdin {
            mended.stdin = Some(new.to_owned());
        } else if let Err(error) = fix::write(&entry.path, old.as_bytes(), new.as_bytes()) {
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
    fixed: usize,
    was_dropped: bool,
}

fn passes(entry: &Entry, with_unsafe: bool, recheck: &dyn Fn(&Entry, String) -> Entry) -> Passes {
    let mut passes = Passes {
        last: None,
        fixed: 0,
        was_dropped: false,
    };
    for _ in 0..fix::MOST_PASSES {
        let now = passes.last.as_ref().unwrap_or(entry);
        let source = &now.checked.source;
        let Ok(syntax) = syntax_of(source.name(), source.text()) else {
            break;
        };
        let findings = now.checked.findings.iter();
        let wanted: Vec<_> = findings
            .filter(|f| fix::is_wanted(f, with_unsafe))
            .collect();
        let Some((text, applied)) = fix::apply(source, syntax, &wanted) else {
            break;
        };
        let next = recheck(now, text);
        let applied: Vec<_> = applied.into_iter().map(|place| wanted[place]).collect();
        if !fix::is_better(&now.checked, &next.checked, &applied) {
            passes.was_dropped = true;
            break;
        }
        passes.fixed += applied.len();
        passes.last = Some(next);
    }
    passes
}

/// The changes of one file as `git apply` and `patch -p1` take them.
fn diff(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let (from, to) = (quoted(&format!("a/{name}")), quoted(&format!("b/{name}")));
    let mut text = format!("--- {from}\n+++ {to}\n");
    // Writing to a string cannot fail.
    let _ = write!(text, "{}", diff.unified_diff().context_radius(3));
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

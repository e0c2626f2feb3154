//! The colors of source excerpts, as ANSI escape sequences.

use std::fmt;

use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::WriteStyle;

/// Appends colored text to a string.
pub(super) struct Ansi<'s>(pub(super) &'s mut String);

/// The codes for line numbers, borders, notes, and labels other than the first.
const CYAN: &str = "36";

impl Ansi<'_> {
    fn set(&mut self, codes: &str) -> fmt::Result {
        self.0.extend(["\u{1b}[", codes, "m"]);
        Ok(())
    }
}

impl fmt::Write for Ansi<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        Ok(())
    }
}

impl WriteStyle for Ansi<'_> {
    fn set_header(&mut self, severity: Severity) -> fmt::Result {
        self.set(match severity {
            Severity::Bug | Severity::Error => "1;91",
            Severity::Warning => "1;93",
            Severity::Note => "1;92",
            Severity::Help => "1;96",
        })
    }

    fn set_header_message(&mut self) -> fmt::Result {
        self.set("1")
    }

    fn set_line_number(&mut self) -> fmt::Result {
        self.set(CYAN)
    }

    fn set_note_bullet(&mut self) -> fmt::Result {
        self.set(CYAN)
    }

    fn set_source_border(&mut self) -> fmt::Result {
        self.set(CYAN)
    }

    fn set_label(&mut self, severity: Severity, style: LabelStyle) -> fmt::Result {
        self.set(match (style, severity) {
            (LabelStyle::Secondary, _) | (_, Severity::Help) => CYAN,
            (_, Severity::Bug | Severity::Error) => "31",
            (_, Severity::Warning) => "33",
            (_, Severity::Note) => "32",
        })
    }

    fn reset(&mut self) -> fmt::Result {
        self.set("0")
    }
}

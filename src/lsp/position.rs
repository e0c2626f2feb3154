//! Positions of the protocol: lines from 0, and columns in bytes or in UTF-16 code units.

use lsp_types::{Position, Range};

use crate::source::{BYTE_ORDER_MARK, Edit, Source, Span};

/// How columns are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// Returns the position of a byte.
    pub(super) fn position(self, source: &Source, offset: usize) -> Position {
        let position = source.position(offset);
        let mut column = match self {
            Encoding::Utf8 => position.byte_column,
            Encoding::Utf16 => position.utf16_column,
        };
        // For reports, a byte order mark takes up no column.
        if position.line == 1 && offset > 0 && source.text().starts_with(BYTE_ORDER_MARK) {
            column += match self {
                Encoding::Utf8 => BYTE_ORDER_MARK.len(),
                Encoding::Utf16 => 1,
            };
        }
        let narrow = |number: usize| u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
        Position::new(narrow(position.line), narrow(column))
    }

    pub(super) fn range(self, source: &Source, span: Span) -> Range {
        Range::new(
            self.position(source, span.start()),
            self.position(source, span.end()),
        )
    }

    /// Returns the byte at a position. A position after the end of its line is that end.
    pub(super) fn offset(self, source: &Source, position: Position) -> usize {
        let line = source.line_range(position.line as usize);
        let text = source.text()[line.clone()].trim_end_matches(['\n', '\r']);
        let column = position.character as usize;
        let mut before = 0;
        for (at, character) in text.char_indices() {
            if before >= column {
                return line.start + at;
            }
            before += match self {
                Encoding::Utf8 => character.len_utf8(),
                Encoding::Utf16 => character.len_utf16(),
            };
        }
        line.start + text.len()
    }

    pub(super) fn edit(self, source: &Source, edit: &Edit) -> lsp_types::TextEdit {
        lsp_types::TextEdit::new(self.range(source, edit.span), edit.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_bytes_or_code_units() {
        let source = Source::new("x", "aé😀b\r\nc");
        // a 0, é 1-2, 😀 3-6, b 7, then the line break.
        for (offset, utf8, utf16) in [(0, 0, 0), (1, 1, 1), (3, 3, 2), (7, 7, 4), (8, 8, 5)] {
            for (encoding, column) in [(Encoding::Utf8, utf8), (Encoding::Utf16, utf16)] {
                let position = Position::new(0, column);
                assert_eq!(encoding.position(&source, offset), position);
                assert_eq!(encoding.offset(&source, position), offset);
            }
        }
        assert_eq!(Encoding::Utf16.position(&source, 10), Position::new(1, 0));
        assert_eq!(Encoding::Utf16.offset(&source, Position::new(0, 99)), 8);
        assert_eq!(Encoding::Utf16.offset(&source, Position::new(9, 9)), 11);
    }
}

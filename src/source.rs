//! The text of one file, its name, and its line index.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The byte range `start..end` of a source, counted from the first byte of the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Creates the span `start..end`. Sources are smaller than [`Source::MAX_BYTES`], so four bytes
    /// are enough for each end, which keeps the trees of large files small.
    pub fn new(start: usize, end: usize) -> Span {
        let narrow = |n: usize| u32::try_from(n).expect("sources are shorter than 4 GiB");
        Span {
            start: narrow(start),
            end: narrow(end.max(start)),
        }
    }

    /// The first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// The byte after the last one.
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// The span as a range of indices.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// The first `bytes` of this span.
    pub fn first(self, bytes: usize) -> Span {
        Span::new(self.start(), (self.start() + bytes).min(self.end()))
    }

    /// Returns true if `inner` is inside this span.
    pub fn contains(self, inner: Span) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A position as shown to users and in editors. Lines and columns start at 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column in characters (Unicode scalar values).
    pub column: usize,
    /// The column in UTF-16 code units, which is how SARIF and LSP count.
    pub utf16_column: usize,
    /// The column in bytes of UTF-8, which is how reviewdog counts.
    pub byte_column: usize,
    /// The byte offset in the file, from 0, including any byte order mark.
    pub offset: usize,
}

/// The text of one file.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: Arc<str>,
    /// The byte offset of each line start. As in editors, lines end with LF, CRLF, or CR.
    line_starts: Vec<u32>,
    /// True if the text is ASCII, so that columns can be computed without counting characters.
    is_ascii: bool,
    /// The characters before each multiple of [`STEP`], so that columns in very long lines can be computed
    /// without counting from the start of the line. Built on first use.
    counts: OnceLock<Vec<CharacterCount>>,
}

/// The distance in bytes between the entries of `Source::counts`, and the length up to which characters are
/// counted directly.
const STEP: usize = 1024;

/// A number of characters.
#[derive(Debug, Clone, Copy, Default)]
struct CharacterCount {
    /// Unicode scalar values.
    characters: usize,
    /// UTF-16 code units.
    utf16: usize,
}

impl CharacterCount {
    /// Adds the characters that start in `bytes`.
    fn add(self, bytes: &[u8]) -> CharacterCount {
        let starts = bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        // Characters of four bytes take two code units.
        let pairs = bytes.iter().filter(|byte| **byte >= 0xf0).count();
        CharacterCount {
            characters: self.characters + starts,
            utf16: self.utf16 + starts + pairs,
        }
    }
}

/// Why bytes can't be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// UTF-16, recognized by its byte order mark or by a zero byte next to an ASCII one.
    Utf16,
    /// Not UTF-8; the offset of the first invalid byte.
    InvalidUtf8(usize),
}

/// A replacement of a byte range of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes to replace; empty for an insertion.
    pub span: Span,
    /// The new text; empty for a deletion.
    pub text: String,
}

/// Applies edits, which must be in order and not overlap.
pub fn apply_edits(text: &str, edits: &[Edit]) -> String {
    let mut edited = String::with_capacity(text.len() + 64);
    let mut copied = 0;
    for edit in edits {
        if edit.span.start() < copied {
            continue;
        }
        edited.push_str(&text[copied..edit.span.start()]);
        edited.push_str(&edit.text);
        copied = edit.span.end();
    }
    edited.push_str(&text[copied..]);
    edited
}

/// The byte order mark. Windows tools write it, and every parser here skips it.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

impl Source {
    /// Maximum size of a file to read, in bytes. An S3 policy has at most 64 KB, so a larger file is not a
    /// policy.
    pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

    /// Creates a source. Reports print `name` as the path.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        let text = text.into();
        Source {
            name: name.into(),
            line_starts: line_starts(text.as_bytes()),
            is_ascii: text.is_ascii(),
            counts: OnceLock::new(),
            text,
        }
    }

    /// Returns true if bytes look like UTF-16.
    pub fn is_utf16(bytes: &[u8]) -> bool {
        is_big_endian(bytes).is_some()
    }

    /// Decodes bytes as UTF-8. On failure, returns the reason and a lossy text to report positions in.
    pub fn decode(bytes: Vec<u8>) -> Result<String, (DecodeError, String)> {
        if let Some(text) = decode_utf16(&bytes) {
            return Err((DecodeError::Utf16, text));
        }
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (DecodeError::InvalidUtf8(at), text)
        })
    }

    /// The name that reports print.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text, including any byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the whole text as an `Arc`, for a tree to share.
    pub fn shared_text(&self) -> &Arc<str> {
        &self.text
    }

    /// Returns the index of the line that contains `offset`, from 0.
    pub fn line_index(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|&start| start as usize <= offset)
            .saturating_sub(1)
    }

    /// Returns the bytes of a line, including its line break.
    pub fn line_range(&self, line_index: usize) -> Range<usize> {
        let start = |index: usize| self.line_starts.get(index).map(|&start| start as usize);
        let from = start(line_index).unwrap_or(self.text.len());
        from..start(line_index + 1).unwrap_or(self.text.len())
    }

    /// Returns the position of `offset`. As in editors, a byte order mark takes up no column.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line_index = self.line_index(offset);
        let line_start = self.line_range(line_index).start;
        if self.is_ascii {
            let column = offset - line_start + 1;
            return Position {
                line: line_index + 1,
                column,
                utf16_column: column,
                byte_column: column,
                offset,
            };
        }
        let line = self.text.get(line_start..offset).unwrap_or_default();
        let marks = line.len() - line.trim_start_matches(BYTE_ORDER_MARK).len();
        let start = line_start + marks;
        let count = match offset - start {
            length if length <= STEP => {
                CharacterCount::default().add(&self.text.as_bytes()[start..offset])
            }
            _ => {
                let (from, to) = (self.count_before(start), self.count_before(offset));
                CharacterCount {
                    characters: to.characters - from.characters,
                    utf16: to.utf16 - from.utf16,
                }
            }
        };
        Position {
            line: line_index + 1,
            column: count.characters + 1,
            utf16_column: count.utf16 + 1,
            byte_column: offset - start + 1,
            offset,
        }
    }

    /// Counts the characters before `offset`.
    fn count_before(&self, offset: usize) -> CharacterCount {
        let bytes = self.text.as_bytes();
        let counts = self.counts.get_or_init(|| {
            let chunks = bytes.chunks(STEP);
            let counts = chunks.scan(CharacterCount::default(), |count, chunk| {
                let before = *count;
                *count = count.add(chunk);
                Some(before)
            });
            counts.collect()
        });
        let index = (offset / STEP).min(counts.len().saturating_sub(1));
        let known = counts.get(index).copied().unwrap_or_default();
        known.add(&bytes[index * STEP..offset])
    }
}

fn line_starts(bytes: &[u8]) -> Vec<u32> {
    let mut starts = vec![0];
    for index in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if bytes[index] == b'\n' || bytes.get(index + 1) != Some(&b'\n') {
            starts.push(u32::try_from(index + 1).expect("sources are shorter than 4 GiB"));
        }
    }
    starts
}

/// Returns true for big-endian UTF-16, false for little-endian, and `None` for anything else. Without a byte
/// order mark, a zero as the first or second byte decides, because UTF-8 text doesn't have one there.
fn is_big_endian(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xfe, 0xff, ..] => Some(true),
        [0xff, 0xfe, ..] => Some(false),
        [0, first, ..] if *first != 0 => Some(true),
        [first, 0, ..] if *first != 0 => Some(false),
        _ => None,
    }
}

/// Decodes UTF-16; `None` if the bytes are not UTF-16.
fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let big_endian = is_big_endian(bytes)?;
    let body = match bytes {
        [0xfe, 0xff, body @ ..] | [0xff, 0xfe, body @ ..] => body,
        body => body,
    };
    let units = body.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    });
    Some(
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        let source = Source::new("x", "a\nb\r\nc\rd");
        let lines: Vec<_> = (0..4).map(|line| source.line_range(line)).collect();
        assert_eq!(lines, [0..2, 2..5, 5..7, 7..8]);
        assert_eq!(source.position(7).line, 4);
    }

    #[test]
    fn columns_count_characters_and_skip_byte_order_mark() {
        let source = Source::new("x", "\u{feff}\"é😀\"!");
        let at = source.position(source.text().find('!').expect("it is there"));
        assert_eq!((at.line, at.column, at.utf16_column), (1, 5, 6));
    }

    #[test]
    fn position_past_the_end_is_clamped() {
        assert_eq!(Source::new("x", "ab").position(99).offset, 2);
        assert_eq!(Source::new("x", "").position(0).column, 1);
    }

    #[test]
    fn utf16_is_recognized_with_and_without_byte_order_mark() {
        let mut marked = vec![0xff, 0xfe];
        marked.extend("[1]".encode_utf16().flat_map(u16::to_le_bytes));
        let plain: Vec<u8> = "[1]".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [marked, plain] {
            assert_eq!(
                Source::decode(bytes),
                Err((DecodeError::Utf16, "[1]".to_owned()))
            );
        }
    }

    #[test]
    fn decoding_reports_the_first_invalid_byte() {
        let (why, text) = Source::decode(b"ab\xffc".to_vec()).expect_err("not UTF-8");
        assert_eq!(why, DecodeError::InvalidUtf8(2));
        assert_eq!(text, "ab\u{fffd}c");
    }
}

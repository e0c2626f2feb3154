//! The text of an element.

use std::sync::Arc;

use crate::document::{Segment, Text, Value, Why};
use crate::source::Span;
use crate::syntax::segments::narrow;

/// A part of the text in an element.
pub(super) struct Piece {
    pub(super) source: Span,
    pub(super) kind: PieceKind,
}

pub(super) enum PieceKind {
    /// Text as it is; in a CDATA section, without its marks.
    Plain,
    /// A reference, and the character that it means.
    Reference(char),
    /// A reference that means no character.
    Invalid,
}

/// The text of an element without the white space around it; unknown if a part of it is.
pub(super) fn content(
    text: &Arc<str>,
    all: &[Piece],
    start_tag_end: usize,
    element: Span,
) -> Value {
    let source = |piece: &Piece| &text[piece.source.range()];
    if let [piece] = all
        && matches!(piece.kind, PieceKind::Plain)
    {
        let place = trimmed(source(piece), piece.source);
        if place.start() < place.end() {
            return Value::String(Text::plain(text, place, place));
        }
    }
    let mut value = String::new();
    let mut segments: Vec<(Segment, Span)> = Vec::new();
    for piece in all {
        let start = value.len();
        let mut place = piece.source;
        let is_reference = match piece.kind {
            PieceKind::Plain => {
                let mut plain = source(piece);
                if value.is_empty() {
                    plain = plain.trim_start();
                    place = Span::new(place.end() - plain.len(), place.end());
                }
                value.push_str(plain);
                false
            }
            PieceKind::Reference(character) => {
                value.push(character);
                true
            }
            PieceKind::Invalid => return Value::Unknown(Why::Rejected),
        };
        let segment = Segment {
            value: narrow(start),
            source: narrow(place.start()),
            escape: is_reference,
        };
        segments.push((segment, place));
    }
    value.truncate(value.trim_end().len());
    segments.retain(|(segment, place)| {
        (segment.value as usize) < value.len() && place.start() < place.end()
    });
    let (Some((first, _)), Some((last, place))) = (segments.first(), segments.last()) else {
        let nothing = Span::new(start_tag_end, start_tag_end);
        return Value::String(Text::plain(text, element, nothing));
    };
    let end = match last.escape {
        true => place.end(),
        false => place.start() + value.len() - last.value as usize,
    };
    let content = Span::new(first.source as usize, end);
    let segments = segments.iter().map(|(segment, _)| *segment).collect();
    Value::String(Text::escaped(text, content, content, &value, segments))
}

/// Returns the span of a text without the white space around it.
pub(super) fn trimmed(text: &str, span: Span) -> Span {
    let start = span.start() + (text.len() - text.trim_start().len());
    Span::new(start, start + text.trim().len())
}

/// Returns the end of the CDATA section or the processing instruction that starts at a position.
pub(super) fn end_of_section(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    let sections = [("<![CDATA[", "]]>"), ("<?", "?>")];
    let (_, close) = sections
        .iter()
        .find(|(open, _)| rest.starts_with(open.as_bytes()))?;
    let length = text[at..].find(close).map(|length| length + close.len());
    Some(length.map_or(text.len(), |length| at + length))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::document::{Document, Node};
    use crate::syntax::ParseOutcome;

    fn document(text: &str) -> Document {
        match parse(&text.into()) {
            ParseOutcome::Parsed(document) => document,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// The text of the only element in the root.
    fn element(document: &Document) -> &Node {
        let root = &document.roots[0].members().expect("an object")[0].value;
        &root.members().expect("an object")[0].value
    }

    #[test]
    fn text_keeps_its_spans() {
        // The source, its text, a part of the text, and what that part is in the source.
        let cases = [
            ("<r><a> x/ </a></r>", "x/", 1..2, "/"),
            ("<r><a>x&#x2f;y</a></r>", "x/y", 1..2, "&#x2f;"),
            ("<r><a>x&#x2f;y</a></r>", "x/y", 1..3, "&#x2f;y"),
            ("<r><a>\n x&amp;&lt;</a></r>", "x&<", 2..3, "&lt;"),
            ("<r><a>a<![CDATA[b&c]]>d</a></r>", "ab&cd", 2..3, "&"),
            ("<r><a><![CDATA[ b ]]> </a></r>", "b", 0..1, "b"),
            ("<r><a>a<!-- c -->b</a></r>", "ab", 1..2, "b"),
            ("\u{feff}<r><a>é</a></r>", "é", 0..2, "é"),
            ("\u{feff}\u{feff}<r><a>é</a></r>", "é", 0..2, "é"),
        ];
        for (source, value, part, wanted) in cases {
            let document = document(source);
            let text = element(&document).text().expect("text");
            assert_eq!(text.value(), value, "{source}");
            assert_eq!(&source[text.at(part).range()], wanted, "{source}");
        }
    }

    #[test]
    fn empty_elements_are_marked_as_a_whole() {
        for source in ["<r><a/></r>", "<r><a> </a></r>", "<r><a><!-- c --></a></r>"] {
            let document = document(source);
            let text = element(&document).text().expect("text");
            assert_eq!(text.value(), "", "{source}");
            let marked = &source[text.span().range()];
            assert!(
                marked.starts_with("<a") && marked.ends_with('>'),
                "{source}"
            );
        }
    }
}

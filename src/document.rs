//! What was read from a file, whatever its syntax: a tree in which every key and value keeps its
//! place.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::Span;

/// Deeper values are [`Value::Unknown`]: no policy is nested so deep, and a validator that
/// recurses must not be handed more.
pub const MAX_DEPTH: usize = 128;

/// One file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    /// Its only value.
    pub root: Node<'a>,
}

/// Tells the nodes of one document apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A value and its place, quotes and brackets included.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// Unique in its document.
    pub id: NodeId,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value<'a>,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    /// A string.
    String(Text<'a>),
    /// A list.
    Array(Vec<Node<'a>>),
    /// Members in the order of the file, doubles kept.
    Object(Vec<Member<'a>>),
    /// Something that is computed elsewhere, or too deep to be looked at. No lint may guess it.
    Unknown,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// The key.
    pub key: Text<'a>,
    /// The value.
    pub value: Node<'a>,
}

impl<'a> Node<'a> {
    /// The items, if this is a list.
    pub fn items(&self) -> Option<&[Node<'a>]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn members(&self) -> Option<&[Member<'a>]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub fn text(&self) -> Option<&Text<'a>> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member of that key. Of doubles the last counts, as for every reader of such files.
    pub fn get(&self, key: &str) -> Option<&Member<'a>> {
        self.members()?
            .iter()
            .rev()
            .find(|member| member.key.value() == key)
    }

    /// The string or key in which `span` lies.
    pub fn text_at(&self, span: Span) -> Option<&Text<'a>> {
        match &self.value {
            Value::String(text) => text.span().contains(span).then_some(text),
            Value::Array(items) => {
                let after = items.partition_point(|item| item.span.start() <= span.start());
                items[..after].last()?.text_at(span)
            }
            Value::Object(members) => {
                let after = members.partition_point(|m| m.key.span().start() <= span.start());
                let member = members[..after].last()?;
                if member.key.span().contains(span) {
                    return Some(&member.key);
                }
                member.value.text_at(span)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown => None,
        }
    }

    /// A hash of keys and values in their order, that white space and escapes do not change
    /// (FNV-1a, so that it is the same on every machine and in every version).
    pub fn fingerprint(&self) -> u32 {
        let mut hash = 0x811c_9dc5;
        self.add_to(&mut hash);
        hash
    }

    fn add_to(&self, hash: &mut u32) {
        let mut add = |kind: u8, text: &str| {
            for byte in [kind].into_iter().chain(text.bytes()).chain([0]) {
                *hash = (*hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
        };
        match &self.value {
            Value::Null => add(b'n', ""),
            Value::Bool(value) => add(b'b', if *value { "t" } else { "f" }),
            Value::Number(number) => add(b'd', number),
            Value::String(text) => add(b's', text.value()),
            Value::Unknown => add(b'?', ""),
            Value::Array(items) => {
                add(b'[', "");
                for item in items {
                    item.add_to(hash);
                }
            }
            Value::Object(members) => {
                add(b'{', "");
                for member in members {
                    for byte in member.key.value().bytes().chain([0]) {
                        *hash = (*hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
                    }
                    member.value.add_to(hash);
                }
            }
        }
    }

    /// The bracket that opens a list or an object; the whole of anything else.
    pub fn head(&self) -> Span {
        match &self.value {
            Value::Array(_) | Value::Object(_) => self.span.first(1),
            _ => self.span,
        }
    }

    /// The kind of value with its article, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            Value::Unknown => "a value",
        }
    }
}

/// A string, where it stands, and how its bytes lie in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Text<'a> {
    value: Cow<'a, str>,
    /// Quotes included.
    span: Span,
    /// None where the decoded bytes stand in the file as they are, after the opening quote.
    pieces: Option<Box<[Piece]>>,
}

/// A run of a decoded string: from byte `value` on it stands in the file from byte `source` on.
/// An escape is a run of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where the run begins in the decoded string.
    pub value: u32,
    /// Where it begins in the file.
    pub source: u32,
    /// Whether it is an escape, of which no part can be pointed at.
    pub escape: bool,
}

impl<'a> Text<'a> {
    /// A string that stands in the file as it is, between quotes of one byte.
    pub fn plain(value: Cow<'a, str>, span: Span) -> Text<'a> {
        Text {
            value,
            span,
            pieces: None,
        }
    }

    /// A string with escapes. `pieces` are in order and begin with byte 0 of the value.
    pub fn escaped(value: Cow<'a, str>, span: Span, pieces: Vec<Piece>) -> Text<'a> {
        Text {
            value,
            span,
            pieces: Some(pieces.into()),
        }
    }

    /// The decoded string.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Where it stands, quotes included.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where the bytes `part` of the decoded string stand in the file. An escape is never cut.
    pub fn at(&self, part: Range<usize>) -> Span {
        let Some(pieces) = &self.pieces else {
            let inner = self.span.start() + 1;
            return Span::new(inner + part.start, inner + part.end);
        };
        let close = self.span.end() - 1;
        // The piece that holds a byte, and where the next one begins.
        let piece = |byte: usize| {
            let next = pieces.partition_point(|piece| piece.value as usize <= byte);
            let end = pieces.get(next).map_or(close, |next| next.source as usize);
            (pieces[next.saturating_sub(1)], end)
        };
        let source = |byte: usize, (piece, _): (Piece, usize)| {
            let inside = if piece.escape {
                0
            } else {
                byte - piece.value as usize
            };
            piece.source as usize + inside
        };
        if part.start >= self.value.len() {
            return Span::new(close, close);
        }
        let start = source(part.start, piece(part.start));
        if part.is_empty() {
            return Span::new(start, start);
        }
        let last = piece(part.end - 1);
        let end = if last.0.escape {
            last.1
        } else {
            source(part.end - 1, last) + 1
        };
        Span::new(start, end)
    }
}

/// A document as its provider reads it: the same values under the provider's own keys. It borrows
/// the nodes, so that every part still has its place.
#[derive(Debug, Clone)]
pub enum View<'d> {
    /// A value as it stands in the file.
    Node(&'d Node<'d>),
    /// A list of rules.
    Array(&'d Node<'d>, Vec<View<'d>>),
    /// An object whose keys were mapped.
    Object(&'d Node<'d>, Vec<ViewMember<'d>>),
}

/// A member of a [`View::Object`].
#[derive(Debug, Clone)]
pub struct ViewMember<'d> {
    /// The provider's spelling of the key.
    pub name: &'d str,
    /// The key in the file; none for an object that the file does not have (R2's `allowed`, where
    /// its fields stand outside).
    pub key: Option<&'d Text<'d>>,
    /// The value.
    pub value: View<'d>,
}

impl<'d> View<'d> {
    /// The node it came from. For an object that the file does not have, the one that would hold it.
    pub fn node(&self) -> &'d Node<'d> {
        match self {
            View::Node(node) | View::Array(node, _) | View::Object(node, _) => node,
        }
    }

    /// The mapped member of that name; of doubles the last.
    pub fn get(&self, name: &str) -> Option<&ViewMember<'d>> {
        match self {
            View::Object(_, members) => members.iter().rev().find(|member| member.name == name),
            View::Node(_) | View::Array(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_plain_string_is_where_it_stands() {
        let text = Text::plain("https://x".into(), Span::new(10, 21));
        assert_eq!(text.at(0..5), Span::new(11, 16));
        assert_eq!(text.at(9..9), Span::new(20, 20));
    }

    /// `"a\/b\u00e9c"` from byte 0: a 1, \/ 2-3, b 4, \u00e9 5-10, c 11.
    #[test]
    fn a_part_of_an_escaped_string_is_where_it_stands() {
        let piece = |value, source, escape| Piece {
            value,
            source,
            escape,
        };
        let pieces = vec![
            piece(0, 1, false),
            piece(1, 2, true),
            piece(2, 4, false),
            piece(3, 5, true),
            piece(5, 11, false),
        ];
        let text = Text::escaped("a/béc".into(), Span::new(0, 13), pieces);
        assert_eq!(text.at(0..1), Span::new(1, 2));
        assert_eq!(text.at(1..2), Span::new(2, 4));
        assert_eq!(text.at(1..3), Span::new(2, 5));
        assert_eq!(text.at(3..5), Span::new(5, 11));
        assert_eq!(text.at(4..5), Span::new(5, 11));
        assert_eq!(text.at(5..6), Span::new(11, 12));
        assert_eq!(text.at(6..6), Span::new(12, 12));
        assert_eq!(text.at(0..6), Span::new(1, 12));
    }
}

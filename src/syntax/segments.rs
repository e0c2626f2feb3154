//! Where each part of a string with escapes is.

use std::sync::Arc;

use crate::document::{Segment, Text};
use crate::source::Span;

/// Returns a string with the places of its parts. If these can't be told, each part is the whole content.
/// `value` is what the parser read.
pub(super) fn string(
    source: &Arc<str>,
    span: Span,
    content: Span,
    value: &str,
    escape: fn(&str) -> Option<(usize, String)>,
) -> Text {
    let inner = &source[content.range()];
    if inner == value {
        return Text::plain(source, span, content);
    }
    let segments = match segments(inner, content.start(), escape) {
        Some((decoded, segments)) if decoded == value => segments,
        _ => vec![Segment {
            value: 0,
            source: narrow(content.start()),
            escape: true,
        }],
    };
    Text::escaped(source, span, content, value, segments)
}

/// Returns the length and the meaning of an escape such as `\u00e9`, which has this many hexadecimal digits.
pub(super) fn code_point(escape: &str, digits: usize) -> Option<(usize, String)> {
    let code = escape.get(2..2 + digits)?;
    let character = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
    Some((2 + digits, character.to_string()))
}

/// Decodes the content of a quoted string on one line. `escape` returns the length of an escape and its meaning.
fn segments(
    source: &str,
    start: usize,
    escape: impl Fn(&str) -> Option<(usize, String)>,
) -> Option<(String, Vec<Segment>)> {
    if source.contains(['\n', '\r']) {
        return None;
    }
    let mut value = String::new();
    let mut segments: Vec<Segment> = Vec::new();
    let mut at = 0;
    let mut continues = false;
    while at < source.len() {
        let rest = &source[at..];
        let segment = |escape| Segment {
            value: narrow(value.len()),
            source: narrow(start + at),
            escape,
        };
        if let Some((length, meaning)) = escape(rest) {
            segments.push(segment(true));
            value.push_str(&meaning);
            at += length;
            continues = false;
            continue;
        }
        if !continues {
            segments.push(segment(false));
        }
        let character = rest.chars().next()?;
        value.push(character);
        at += character.len_utf8();
        continues = true;
    }
    Some((value, segments))
}

pub(super) fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("sources are shorter than 4 GiB")
}

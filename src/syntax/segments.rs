//! Where each part of a string with escapes is.

use crate::document::Segment;

/// Decodes the content of a quoted string on one line. `escape` returns the length of an escape and its meaning.
pub(super) fn segments(
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

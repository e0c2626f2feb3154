//! Where the strings of HCL end, to tell comments from their content.

use crate::syntax::comments::end_of_line;

/// What a position in a template is inside of.
enum Inside {
    Quotes,
    Braces,
}

/// Returns the end of the string in quotes or the heredoc that starts at a position; `None` if none does. A string that
/// is not closed ends with its line, and a heredoc with the text.
pub(super) fn end_of_string(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes[start..] {
        [b'"', ..] => Some(end_of_quotes(bytes, start)),
        [b'<', b'<', ..] => end_of_heredoc(text, start),
        _ => None,
    }
}

/// Templates may contain strings, which may be templates.
fn end_of_quotes(bytes: &[u8], start: usize) -> usize {
    let mut inside = vec![Inside::Quotes];
    let mut at = start + 1;
    while let Some(innermost) = inside.last() {
        let length = match (innermost, &bytes[at.min(bytes.len())..]) {
            (_, []) => break,
            (Inside::Quotes, [b'\\', ..]) => 2,
            // `$${` and `%%{` are written characters.
            (Inside::Quotes, [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..]) => 3,
            (Inside::Quotes, [b'$' | b'%', b'{', ..]) => {
                inside.push(Inside::Braces);
                2
            }
            (Inside::Quotes, [b'\n' | b'\r', ..]) => break,
            (Inside::Quotes, [b'"', ..]) | (Inside::Braces, [b'}', ..]) => {
                inside.pop();
                1
            }
            (Inside::Braces, [b'/', b'*', rest @ ..]) => {
                let end = memchr::memmem::find(rest, b"*/");
                end.map_or(rest.len() + 2, |end| end + 4)
            }
            (Inside::Braces, [b'#', ..] | [b'/', b'/', ..]) => {
                let rest = &bytes[at..];
                memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
            }
            (Inside::Braces, [b'"', ..]) => {
                inside.push(Inside::Quotes);
                1
            }
            (Inside::Braces, [b'{', ..]) => {
                inside.push(Inside::Braces);
                1
            }
            _ => 1,
        };
        at += length;
    }
    at.min(bytes.len())
}

fn end_of_heredoc(text: &str, start: usize) -> Option<usize> {
    let first = end_of_line(text, start);
    let name = text[start..first].strip_prefix("<<")?;
    let name = name.strip_prefix('-').unwrap_or(name);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let mut at = first;
    while at < text.len() {
        let end = end_of_line(text, at + 1);
        if text[at..end].trim() == name {
            return Some(end);
        }
        at = end;
    }
    Some(text.len())
}

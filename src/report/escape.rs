//! Escaping of untrusted text, so that no terminal, editor, or CI system interprets it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Escapes control characters and bidirectional formatting characters, as in `\u{1b}`, and the first
/// character of anything that GitHub would parse as a workflow command.
pub fn escape_control(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| (b' '..0x7f).contains(&byte);
    let is_plain = text.bytes().all(is_plain) || !text.chars().any(is_active);
    let start = text.trim_start();
    let is_command = start.starts_with("::") || text.contains('#') && text.contains(COMMAND);
    if is_plain && !is_command {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_escaped(&mut escaped, character);
    }
    let indent = escaped.len() - escaped.trim_start().len();
    if escaped[indent..].starts_with("::") {
        escaped.replace_range(indent..=indent, "\\u{3a}");
    }
    Cow::Owned(without_commands(escaped))
}

/// The start of a command that GitHub accepts anywhere in a log line; `::` is only special at the start of
/// a line (actions/runner, ActionCommand.cs).
const COMMAND: &str = "##[";

/// Escapes workflow commands within a line.
pub(super) fn without_commands(text: String) -> String {
    match text.contains(COMMAND) {
        true => text.replace(COMMAND, "#\\u{23}["),
        false => text,
    }
}

/// Escapes each line of a text for display to a person, and keeps the line breaks.
pub fn escape_lines(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let cells: Vec<_> = line.split('\t').map(escape_control).collect();
        cells.join("\t") + end
    });
    lines.collect()
}

/// Adds one character, escaped if necessary.
pub(super) fn push_escaped(text: &mut String, character: char) {
    if is_active(character) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\\u{{{:x}}}", character as u32);
    } else {
        text.push(character);
    }
}

/// Escapes the same characters in JSON. These can only be in strings, except for the line breaks between
/// values.
pub(super) fn escape_json(json: String) -> String {
    // `##[` can only be inside a JSON string.
    let json = match json.contains(COMMAND) {
        true => json.replace(COMMAND, "#\\u0023["),
        false => json,
    };
    // serde_json escapes every ASCII control character except DEL (0x7f).
    if json.is_ascii() && !json.as_bytes().contains(&0x7f)
        || !json.chars().any(|c| is_active(c) && c != '\n')
    {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_active(character) && character != '\n' {
            // Writing to a string cannot fail. Four digits suffice: no active character is above U+FFFF.
            let _ = write!(escaped, "\\u{:04x}", character as u32);
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Returns true if a terminal or an editor might interpret a character: control characters, line and
/// paragraph separators, bidirectional controls (Trojan Source, CVE-2021-42574), and the byte order mark.
fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            // Noncharacters, which XML does not allow.
            | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_characters_are_escaped() {
        assert_eq!(escape_control("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(escape_control("\u{202e}"), "\\u{202e}");
        assert_eq!(escape_control("a\u{ffff}"), "a\\u{ffff}");
        assert_eq!(escape_control(" ::debug::"), " \\u{3a}:debug::");
        assert_eq!(escape_control("\t::debug::"), "\\u{9}::debug::");
        assert_eq!(escape_control("a###[debug]"), "a##\\u{23}[debug]");
        assert!(matches!(escape_control("a::b ##"), Cow::Borrowed(_)));
        assert_eq!(escape_lines("\ta\n \u{1b}\n"), "\ta\n \\u{1b}\n");
        assert_eq!(escape_json("{\"##[\"}".to_owned()), "{\"#\\u0023[\"}");
        assert!(matches!(
            escape_control("https://é.example 😀"),
            Cow::Borrowed(_)
        ));
    }
}

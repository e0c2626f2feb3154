//! Text of other people, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A text in which every character can be seen and none does anything: control characters and
/// those that turn the direction of writing are written as `\u{1b}`, and so is the first of those that
/// GitHub takes for a command.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| (b' '..0x7f).contains(&byte);
    let is_plain = text.bytes().all(is_plain) || !text.chars().any(is_active);
    let start = text.trim_start();
    let is_command = start.starts_with("::") || text.contains('#') && text.contains(COMMAND);
    if is_plain && !is_command {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_visible(&mut visible, character);
    }
    let indent = visible.len() - visible.trim_start().len();
    if visible[indent..].starts_with("::") {
        visible.replace_range(indent..=indent, "\\u{3a}");
    }
    Cow::Owned(without_commands(visible))
}

/// What a runner of GitHub looks for anywhere in a line of a log, besides `::` at its start
/// (actions/runner, ActionCommand.cs).
const COMMAND: &str = "##[";

/// A text in which GitHub sees no command within a line.
pub(super) fn without_commands(text: String) -> String {
    match text.contains(COMMAND) {
        true => text.replace(COMMAND, "#\\u{23}["),
        false => text,
    }
}

/// Many lines of other people, each made visible, for a person to read.
pub fn visible_lines(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let cells: Vec<_> = line.split('\t').map(visible).collect();
        cells.join("\t") + end
    });
    lines.collect()
}

/// Adds one character as [`visible`] writes it.
pub(super) fn push_visible(text: &mut String, character: char) {
    if is_active(character) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\\u{{{:x}}}", character as u32);
    } else {
        text.push(character);
    }
}

/// A JSON text in which the same characters are escaped: they stand in its strings only, but for the
/// line breaks of its layout.
pub(super) fn visible_json(json: String) -> String {
    // It stands in strings only.
    let json = match json.contains(COMMAND) {
        true => json.replace(COMMAND, "#\\u0023["),
        false => json,
    };
    // Of ASCII only one is not escaped already.
    if json.is_ascii() && !json.as_bytes().contains(&0x7f)
        || !json.chars().any(|c| is_active(c) && c != '\n')
    {
        return json;
    }
    let mut visible = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_active(character) && character != '\n' {
            // Writing to a string cannot fail; all of these are in the first plane.
            let _ = write!(visible, "\\u{:04x}", character as u32);
        } else {
            visible.push(character);
        }
    }
    visible
}

/// Whether a character does something where it is printed: control characters, line and paragraph
/// separators, marks of direction (Trojan Source, CVE-2021-42574), the byte order mark.
fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            // No characters, and none in XML.
            | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_not_sent() {
        assert_eq!(visible("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(visible("\u{202e}"), "\\u{202e}");
        assert_eq!(visible("a\u{ffff}"), "a\\u{ffff}");
        assert_eq!(visible(" ::debug::"), " \\u{3a}:debug::");
        assert_eq!(visible("\t::debug::"), "\\u{9}::debug::");
        assert_eq!(visible("a###[debug]"), "a##\\u{23}[debug]");
        assert!(matches!(visible("a::b ##"), Cow::Borrowed(_)));
        assert_eq!(visible_lines("\ta\n \u{1b}\n"), "\ta\n \\u{1b}\n");
        assert_eq!(visible_json("{\"##[\"}".to_owned()), "{\"#\\u0023[\"}");
        assert!(matches!(visible("https://é.example 😀"), Cow::Borrowed(_)));
    }
}

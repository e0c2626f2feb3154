//! Breaking text into lines, and its width in a terminal.

use unicode_width::UnicodeWidthChar as _;

/// Breaks a paragraph into lines of at most `max` columns. Longer words get a line of their own.
pub fn wrap(paragraph: &str, max: usize) -> String {
    if paragraph.len() <= max {
        return paragraph.to_owned();
    }
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split(' ') {
        let length = word.chars().map(columns).sum::<usize>();
        if width > 0 && width + 1 + length > max {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text
}

/// The number of columns that a tab takes up in an excerpt.
pub(super) const TAB_COLUMNS: usize = 4;

/// Returns the number of columns that a character takes up in an excerpt, in which control characters are
/// escaped.
pub(super) fn columns(character: char) -> usize {
    match character {
        '\t' => TAB_COLUMNS,
        _ if character.is_control() => "\\u{0}".len() + 1,
        _ => character.width().unwrap_or(1),
    }
}

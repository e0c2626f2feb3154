//! Scalars: what they mean, and where each part of a string is.

use std::sync::Arc;

use granit_parser::{ScalarStyle, Tag};

use crate::document::{Text, Value};
use crate::source::Span;
use crate::syntax::segments::{self, code_point};

/// Returns the value of a scalar by YAML's core schema.
pub(super) fn value(
    text: &Arc<str>,
    place: Span,
    value: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Value {
    let core = tag.and_then(Tag::core_suffix);
    let is_string = style != ScalarStyle::Plain || core == Some("str") || core == Some("binary");
    if !is_string {
        match value {
            "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
            "true" | "True" | "TRUE" => return Value::Bool(true),
            "false" | "False" | "FALSE" => return Value::Bool(false),
            _ => {}
        }
        if let Some(number) = number(value) {
            return Value::Number(number.into());
        }
    }
    Value::String(string(text, place, value, style))
}

/// Returns a number as JSON writes it; `None` for other text.
fn number(value: &str) -> Option<String> {
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let sign = if value.starts_with('-') { "-" } else { "" };
    let radix = |prefix: &str, radix: u32| {
        let digits = value.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok()
    };
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Some(number.to_string());
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = unsigned.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        return Some(format!("{sign}{digits}"));
    }
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+');
    let is_float = unsigned.chars().all(is_part) && unsigned.parse::<f64>().is_ok();
    if !is_float {
        return None;
    }
    let is_json = serde_json::from_str::<serde_json::Number>(value).is_ok();
    Some(match is_json {
        true => value.to_owned(),
        false => value.parse::<f64>().ok()?.to_string(),
    })
}

fn string(text: &Arc<str>, place: Span, value: &str, style: ScalarStyle) -> Text {
    let content = match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            Span::new(place.start() + 1, (place.end() - 1).max(place.start() + 1))
        }
        _ => without_indentation(text, place, style),
    };
    let span = match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => place,
        _ => content,
    };
    let escape = match style {
        ScalarStyle::SingleQuoted => {
            |rest: &str| rest.starts_with("''").then(|| (2, "'".to_owned()))
        }
        ScalarStyle::DoubleQuoted => escape,
        _ => |_: &str| None,
    };
    segments::string(text, span, content, value, escape)
}

/// Returns the length and the meaning of the escape at the start of a text in double quotes.
fn escape(rest: &str) -> Option<(usize, String)> {
    let mut characters = rest.strip_prefix('\\')?.chars();
    let kind = characters.next()?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            let meaning = match kind {
                '0' => '\0',
                'a' => '\u{7}',
                'b' => '\u{8}',
                't' | '\t' => '\t',
                'n' => '\n',
                'v' => '\u{b}',
                'f' => '\u{c}',
                'r' => '\r',
                'e' => '\u{1b}',
                'N' => '\u{85}',
                '_' => '\u{a0}',
                'L' => '\u{2028}',
                'P' => '\u{2029}',
                other => other,
            };
            return Some((1 + kind.len_utf8(), meaning.to_string()));
        }
    };
    code_point(rest, digits)
}

/// Returns the span of a scalar without the indentation of the next line, which the parser adds to a block.
pub(super) fn without_indentation(text: &str, place: Span, style: ScalarStyle) -> Span {
    match style {
        ScalarStyle::Literal | ScalarStyle::Folded => {
            let length = text[place.range()].trim_end().len();
            Span::new(place.start(), place.start() + length)
        }
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_follow_the_core_schema() {
        let cases = [
            ("3600", Some("3600")),
            ("0777", Some("777")),
            ("0o17", Some("15")),
            ("0x1F", Some("31")),
            ("-5", Some("-5")),
            ("+5", Some("5")),
            ("3.5", Some("3.5")),
            (".5", Some("0.5")),
            ("1e3", Some("1e3")),
            ("1_000", None),
            ("1.2.3", None),
            ("-", None),
            (".", None),
            ("3600s", None),
            ("yes", None),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}

//! JSON, and JSON with comments.
//!
//! A valid file is parsed once, strictly. Only if that fails is the text parsed again leniently, with
//! its tokens, so that errors in commas, comments and quotes are reported and the lints still see the
//! rest.

mod brackets;
mod edit;
mod problems;

use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use crate::document::{
    Document, MAX_DEPTH, Member, Node, NodeId, Problem, Segment, Text, Value, Why, has_placeholder,
};
use crate::source::{BYTE_ORDER_MARK, Edit, Span};
use crate::syntax::comments::{comments, end_of_quoted};
use crate::syntax::segments::narrow;
use crate::syntax::{CommentMarks, ParseOutcome, Syntax};
use problems::{fatal_error, first_invalid_char, recovered_errors};

/// JSON (RFC 8259).
pub(super) const SYNTAX: Syntax = Syntax {
    name: "JSON",
    extensions: &["json"],
    comment_marks: &[],
    comments: |_| Vec::new(),
    parse: |text| report_byte_order_mark(text, parse(text, false)),
    lower: edit::lower,
    quote,
    assign,
};

/// JSON with comments and trailing commas, as VS Code writes it.
pub(super) const WITH_COMMENTS: Syntax = Syntax {
    name: "JSON with comments",
    extensions: &["jsonc"],
    comment_marks: MARKS,
    comments: |text| {
        comments(text, MARKS, &|at| match text.as_bytes()[at] {
            quote @ (b'"' | b'\'') => Some(end_of_quoted(text, at, quote)),
            _ => None,
        })
    },
    parse: |text| parse(text, true),
    lower: edit::lower,
    quote,
    assign,
};

/// A string in double quotes.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A member of an object.
fn assign(key: &str, value: &str) -> String {
    format!("{}: {value}", quote(key))
}

/// Adds an error for a byte order mark at the start. The AWS CLI, gsutil, and `JSON.parse` reject it.
fn report_byte_order_mark(text: &str, mut outcome: ParseOutcome) -> ParseOutcome {
    if let ParseOutcome::Parsed(document) = &mut outcome
        && text.starts_with(BYTE_ORDER_MARK)
    {
        let mark = Span::new(0, BYTE_ORDER_MARK.len());
        let edit = Edit {
            span: mark,
            text: String::new(),
        };
        let problem = Problem::new(mark, "byte order mark at the start of the file")
            .label("invisible in most editors")
            .help("remove it: the AWS CLI and gsutil reject JSON with a byte order mark")
            .fix("remove it", edit);
        document.problems.insert(0, problem);
    }
    outcome
}

const MARKS: &[CommentMarks] = &[("//", ""), ("/*", "*/")];

/// `comments` is true if comments and trailing commas are legal.
fn parse(text: &Arc<str>, comments: bool) -> ParseOutcome {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let base = text.len() - body.len();
    let strict = ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        ..strict_values()
    };
    if let Ok(parsed) = parse_to_ast(body, &CollectOptions::default(), &strict) {
        let Some(root) = parsed.value else {
            return ParseOutcome::Empty;
        };
        let mut builder = TreeBuilder::new(text, base);
        let root = builder.node(root, 0);
        // The parser accepts control characters in strings and Unicode's white space between values.
        let is_suspect = |byte: &u8| matches!(byte, 0x0b | 0x0c | 0x80..);
        let may_be_invalid = builder.has_control || body.as_bytes().iter().any(is_suspect);
        return match may_be_invalid.then(|| first_invalid_char(body)).flatten() {
            Some(invalid) => ParseOutcome::Failed(vec![invalid.problem(base)]),
            None => ParseOutcome::Parsed(Document::new(vec![root], Vec::new())),
        };
    }
    parse_leniently(text, base, comments)
}

/// Extensions of values that no JSON parser accepts are never allowed.
fn strict_values() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn parse_leniently(text: &Arc<str>, base: usize, comments: bool) -> ParseOutcome {
    let body = &text[base..];
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let lenient = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_missing_commas: true,
        allow_single_quoted_strings: true,
        ..strict_values()
    };
    match parse_to_ast(body, &collect, &lenient) {
        Ok(parsed) => {
            let Some(root) = parsed.value else {
                return ParseOutcome::Empty;
            };
            if let Some(invalid) = first_invalid_char(body) {
                return ParseOutcome::Failed(vec![invalid.problem(base)]);
            }
            let tokens = parsed.tokens.unwrap_or_default();
            let problems = recovered_errors(body, &tokens, base, comments);
            let roots = vec![TreeBuilder::new(text, base).node(root, 0)];
            ParseOutcome::Parsed(Document::new(roots, problems))
        }
        Err(_) if has_placeholder(body) => ParseOutcome::Template,
        Err(error) => {
            let invalid = first_invalid_char(body).filter(|c| c.at < error.range().start);
            ParseOutcome::Failed(vec![match invalid {
                Some(invalid) => invalid.problem(base),
                None => fatal_error(body, base, &error),
            }])
        }
    }
}

/// Turns the parser's tree into ours.
struct TreeBuilder<'a> {
    text: &'a Arc<str>,
    base: usize,
    ids: u32,
    /// True if a string contains a raw control character.
    has_control: bool,
}

impl<'a> TreeBuilder<'a> {
    fn new(text: &'a Arc<str>, base: usize) -> TreeBuilder<'a> {
        TreeBuilder {
            text,
            base,
            ids: 0,
            has_control: false,
        }
    }

    fn node(&mut self, value: ast::Value<'a>, depth: usize) -> Node {
        let id = NodeId(self.ids);
        self.ids += 1;
        let range = value.range();
        let value = match value {
            _ if depth >= MAX_DEPTH => Value::Unknown(Why::TooDeep),
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::NumberLit(literal) => Value::Number(literal.value.into()),
            ast::Value::StringLit(literal) => Value::String(self.text(&literal)),
            ast::Value::Array(array) => {
                let items = array.elements.into_iter();
                Value::List(items.map(|item| self.node(item, depth + 1)).collect())
            }
            ast::Value::Object(object) => {
                let members = object.properties.into_iter().filter_map(|member| {
                    // An unquoted key is an error above, so every name is a string.
                    let ast::ObjectPropName::String(key) = member.name else {
                        return None;
                    };
                    Some(Member {
                        key: self.text(&key),
                        value: self.node(member.value, depth + 1),
                    })
                });
                Value::Map(members.collect())
            }
        };
        let span = Span::new(self.base + range.start, self.base + range.end);
        Node {
            id,
            span,
            head: match &value {
                Value::List(_) | Value::Map(_) => span.first(1),
                _ => span,
            },
            value,
        }
    }

    fn text(&mut self, literal: &ast::StringLit<'a>) -> Text {
        let span = Span::new(
            self.base + literal.range.start,
            self.base + literal.range.end,
        );
        let content = Span::new(span.start() + 1, span.end() - 1);
        let inner = &self.text[content.range()];
        self.has_control |= inner.bytes().any(|byte| byte < b' ');
        if inner.len() == literal.value.len() && !inner.contains('\\') {
            return Text::plain(self.text, span, content);
        }
        let segments = segments(inner, content.start());
        Text::escaped(self.text, span, content, &literal.value, segments)
    }
}

/// Splits a string at its escapes. `inner` starts at byte `start` of the file.
fn segments(inner: &str, start: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    let (mut value, mut at) = (0, 0);
    while at < inner.len() {
        let rest = &inner[at..];
        let plain = rest.find('\\').unwrap_or(rest.len());
        let (bytes, decoded) = if plain > 0 {
            (plain, plain)
        } else {
            escape_lengths(rest)
        };
        segments.push(Segment {
            value: narrow(value),
            source: narrow(start + at),
            escape: plain == 0,
        });
        at += bytes;
        value += decoded;
    }
    segments
}

/// Returns the length in bytes of the escape at the start of `rest`, and of its character.
fn escape_lengths(rest: &str) -> (usize, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at + 2..at + 6)?;
        u16::from_str_radix(digits, 16).ok()
    };
    if rest.as_bytes().get(1) != Some(&b'u') {
        return (2, 1);
    }
    let units = [unit(0).unwrap_or(0), unit(6).unwrap_or(0)];
    match char::decode_utf16(units).next() {
        Some(Ok(character)) if character.len_utf16() == 2 => (12, 4),
        Some(Ok(character)) => (6, character.len_utf8()),
        _ => (6, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        match parse(&text.into(), false) {
            ParseOutcome::Parsed(document) => document,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// The message and the marked text of each problem.
    fn problems(text: &str, comments: bool) -> Vec<(String, String)> {
        let problems = match parse(&text.into(), comments) {
            ParseOutcome::Parsed(document) => document.problems,
            ParseOutcome::Failed(problems) => problems,
            other => panic!("{text}: {other:?}"),
        };
        let problems = problems.into_iter();
        problems
            .map(|problem| {
                let at = text[problem.span.range()].to_owned();
                (problem.message, at)
            })
            .collect()
    }

    #[test]
    fn keys_and_values_keep_their_spans() {
        let text = "\u{feff}{ \"a\\/b\" : [1, \"é\\u00e9x\"] }";
        let document = document(text);
        let [member] = document.roots[0].members().expect("an object") else {
            panic!("one member");
        };
        assert_eq!(member.key.value(), "a/b");
        assert_eq!(&text[member.key.span().range()], "\"a\\/b\"");
        assert_eq!(&text[member.key.at(1..2).range()], "\\/");
        let items = member.value.items().expect("a list");
        assert_eq!(&text[items[0].span.range()], "1");
        let string = items[1].text().expect("a string");
        assert_eq!(string.value(), "ééx");
        assert_eq!(&text[string.at(2..4).range()], "\\u00e9");
        assert_eq!(&text[string.at(4..5).range()], "x");
    }

    #[test]
    fn surrogate_pair_is_one_segment() {
        let text = r#"["\ud83d\ude00!"]"#;
        let document = document(text);
        let string = document.roots[0].items().expect("a list")[0]
            .text()
            .expect("a string");
        assert_eq!(string.value(), "😀!");
        assert_eq!(&text[string.at(0..4).range()], r"\ud83d\ude00");
        assert_eq!(&text[string.at(4..5).range()], "!");
    }

    #[test]
    fn placeholder_outside_of_a_string_makes_a_template() {
        for text in ["[{{ x }}]", "[<% x %>]"] {
            let outcome = parse(&text.into(), false);
            assert!(matches!(outcome, ParseOutcome::Template), "{text}");
        }
    }

    #[test]
    fn parsing_continues_after_commas_comments_and_single_quotes() {
        let text = "[1,] ";
        assert_eq!(problems(text, false)[0].1, ",");
        assert!(problems("[1, // c\n] ", true).is_empty());
        let all = problems("{'a': 1 'b': /* c */ [2 3,],} // d", false);
        let messages: Vec<_> = all.iter().map(|(message, _)| message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "single quotes are not allowed in JSON",
                "missing comma",
                "comments are not allowed in JSON",
                "missing comma",
                "trailing comma after the last item",
                "trailing comma after the last key",
            ]
        );
    }

    #[test]
    fn fatal_error_names_the_first_unexpected_character() {
        let cases = [
            ("[“a”]", "unexpected `“` (U+201C)", "“"),
            ("<CORS/>", "unexpected `<`", "<"),
            ("[1", "unexpected end of file", "1"),
            ("{\"a\": ", "unexpected end of file", ":"),
            ("{\"a\"", "unexpected end of file", "\""),
            ("[\"a", "unterminated string", "\""),
            ("[\"a\nb\"]", "unterminated string", "\n"),
            ("[\"a\tb\"]", "unescaped tab in a string", "\t"),
            ("[\"a\u{1}b\"]", "unescaped U+0001 in a string", "\u{1}"),
            (
                "[1,\u{a0}2]",
                "a no-break space (U+00A0) is not white space in JSON",
                "\u{a0}",
            ),
            ("[\"\\ud83d\"]", "unpaired surrogate", "\\ud83d"),
            ("[\"\\x41\"]", "invalid escape", "\\x"),
            ("{a: 1}", "unexpected `a`", "a"),
            ("[True]", "unexpected `T`", "T"),
            ("[0x10]", "unexpected `0`", "0"),
            ("[NaN]", "unexpected `N`", "N"),
            ("{} {}", "unexpected `{`", "{"),
            ("[1}]", "unmatched `}`", "}"),
            ("/* a", "unterminated comment", "/*"),
        ];
        for (text, message, at) in cases {
            let found = problems(text, false);
            assert_eq!(found, [(message.to_owned(), at.to_owned())], "{text:?}");
        }
    }
}

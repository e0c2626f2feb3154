//! JSON, and JSON with comments.
//!
//! A first strict reading is all that a correct file costs. Only where it fails is the text read
//! again loosely, with its tokens, so that each fault of commas, comments and quotes is reported
//! and the lints still see the rest.

mod edit;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions, ParseStringErrorKind, parse_to_ast,
};

use crate::document::{Document, MAX_DEPTH, Member, Node, NodeId, Piece, Text, Value};
use crate::finding::{Change, Finding, Safety};
use crate::source::{BYTE_ORDER_MARK, Span};
use crate::syntax::{Read, SYNTAX_ERROR, Syntax};

/// JSON (RFC 8259).
pub(super) const SYNTAX: Syntax = Syntax {
    name: "JSON",
    extensions: &["json"],
    read: |text| read(text, false),
    lower: edit::lower,
};

/// JSON with comments and trailing commas, as VS Code writes it.
pub(super) const WITH_COMMENTS: Syntax = Syntax {
    name: "JSON with comments",
    extensions: &["jsonc"],
    read: |text| read(text, true),
    lower: edit::lower,
};

/// What marks a text, or a string, as filled in by another program: Jinja and Helm, ERB, and the
/// shell's and Terraform's `${}`.
const TEMPLATE_MARKS: &[&str] = &["{{", "{%", "<%", "${"];

fn is_template(text: &str) -> bool {
    // Each mark has one of these.
    let may_be = memchr::memchr2(b'{', b'<', text.as_bytes()).is_some();
    may_be && TEMPLATE_MARKS.iter().any(|mark| text.contains(mark))
}

/// `comments`: whether comments and trailing commas are legal.
fn read(text: &str, comments: bool) -> Read<'_> {
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
            return Read::Empty;
        };
        let mut reader = Reader::new(body, base);
        let root = reader.node(root, 0);
        // What the parser lets through can only be in a string with a control character, or beside
        // one that is no ASCII.
        let is_odd = |byte: &u8| matches!(byte, 0x0b | 0x0c | 0x80..);
        let may_stray = reader.has_control || body.as_bytes().iter().any(is_odd);
        return match may_stray.then(|| first_stray(body)).flatten() {
            Some(stray) => Read::Broken(Box::new(stray.finding(base))),
            None => Read::Document(Document { root }, Vec::new()),
        };
    }
    read_loosely(body, base, comments)
}

/// The looser forms of values that no reader of JSON takes: never let through.
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

fn read_loosely(body: &str, base: usize, comments: bool) -> Read<'_> {
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let loose = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_missing_commas: true,
        allow_single_quoted_strings: true,
        ..strict_values()
    };
    match parse_to_ast(body, &collect, &loose) {
        Ok(parsed) => {
            let Some(root) = parsed.value else {
                return Read::Empty;
            };
            if let Some(stray) = first_stray(body) {
                return Read::Broken(Box::new(stray.finding(base)));
            }
            let faults = token_faults(body, &parsed.tokens.unwrap_or_default(), base, comments);
            let mut reader = Reader::new(body, base);
            let root = reader.node(root, 0);
            Read::Document(Document { root }, faults)
        }
        Err(_) if is_template(body) => Read::Template,
        Err(error) => {
            let stray = first_stray(body).filter(|stray| stray.at < error.range().start);
            Read::Broken(Box::new(match stray {
                Some(stray) => stray.finding(base),
                None => broken(body, base, &error),
            }))
        }
    }
}

/// Turns the parser's tree into ours. It moves the strings, so nothing is copied.
struct Reader<'a> {
    body: &'a str,
    base: usize,
    ids: u32,
    /// Whether a string holds a raw control character.
    has_control: bool,
}

impl<'a> Reader<'a> {
    fn new(body: &'a str, base: usize) -> Reader<'a> {
        Reader {
            body,
            base,
            ids: 0,
            has_control: false,
        }
    }

    fn node(&mut self, value: ast::Value<'a>, depth: usize) -> Node<'a> {
        let id = NodeId(self.ids);
        self.ids += 1;
        let range = value.range();
        let value = match value {
            _ if depth >= MAX_DEPTH => Value::Unknown,
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::NumberLit(literal) => Value::Number(literal.value),
            ast::Value::StringLit(literal) if is_template(&literal.value) => Value::Unknown,
            ast::Value::StringLit(literal) => Value::String(self.text(literal)),
            ast::Value::Array(array) => {
                let items = array.elements.into_iter();
                Value::Array(items.map(|item| self.node(item, depth + 1)).collect())
            }
            ast::Value::Object(object) => {
                let members = object.properties.into_iter().filter_map(|member| {
                    // An unquoted key is an error above, so every name is a string.
                    let ast::ObjectPropName::String(key) = member.name else {
                        return None;
                    };
                    Some(Member {
                        key: self.text(key),
                        value: self.node(member.value, depth + 1),
                    })
                });
                Value::Object(members.collect())
            }
        };
        Node {
            id,
            span: Span::new(self.base + range.start, self.base + range.end),
            value,
        }
    }

    fn text(&mut self, literal: ast::StringLit<'a>) -> Text<'a> {
        let span = Span::new(
            self.base + literal.range.start,
            self.base + literal.range.end,
        );
        let inner = &self.body[literal.range.start + 1..literal.range.end - 1];
        self.has_control |= inner.bytes().any(|byte| byte < b' ');
        if inner.len() == literal.value.len() && !inner.contains('\\') {
            return Text::plain(literal.value, span);
        }
        Text::escaped(literal.value, span, pieces(inner, span.start() + 1))
    }
}

/// The runs of a string between its quotes, which stand in the file from byte `start` on.
fn pieces(inner: &str, start: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut value, mut at) = (0, 0);
    while at < inner.len() {
        let rest = &inner[at..];
        let plain = rest.find('\\').unwrap_or(rest.len());
        let (bytes, decoded) = if plain > 0 {
            (plain, plain)
        } else {
            escape_lengths(rest)
        };
        let narrow = |n: usize| u32::try_from(n).expect("sources are shorter than 4 GiB");
        pieces.push(Piece {
            value: narrow(value),
            source: narrow(start + at),
            escape: plain == 0,
        });
        at += bytes;
        value += decoded;
    }
    pieces
}

/// How many bytes the escape at the start of `rest` takes, and how many its character.
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

/// A character that JSON does not allow where it stands and that the parser lets through.
struct Stray {
    at: usize,
    character: char,
    in_string: bool,
}

impl Stray {
    fn finding(&self, base: usize) -> Finding {
        let at = base + self.at;
        let name = name(self.character);
        let span = Span::new(at, at + self.character.len_utf8());
        match self.character {
            '\n' | '\r' if self.in_string => Finding::new(
                SYNTAX_ERROR,
                span,
                "a string goes on past the end of its line",
            )
            .label("no quote closes it before here")
            .help("close the string with \", or write a line break in it as \\n"),
            _ if self.in_string => Finding::new(
                SYNTAX_ERROR,
                span,
                format!("{name} stands in a string as it is"),
            )
            .label("JSON wants it escaped")
            .help(match self.character {
                '\t' => "write \\t, or remove it".to_owned(),
                other => format!("write \\u{:04x}, or remove it", other as u32),
            }),
            _ => Finding::new(SYNTAX_ERROR, span, format!("{name} stands between values"))
                .label("JSON takes space, tab and line breaks only")
                .help("replace it with a space"),
        }
    }
}

/// The first raw control character in a string, or white space other than JSON's outside of one.
fn first_stray(body: &str) -> Option<Stray> {
    let mut characters = body.char_indices().peekable();
    let mut quote = None;
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), '\\') => {
                characters.next_if(|&(_, next)| next >= ' ');
            }
            (Some(_), '\0'..='\x1f') => {
                return Some(Stray {
                    at,
                    character,
                    in_string: true,
                });
            }
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '/') => skip_comment(&mut characters),
            (None, ' ' | '\t' | '\n' | '\r') => {}
            (None, _) if character.is_whitespace() => {
                return Some(Stray {
                    at,
                    character,
                    in_string: false,
                });
            }
            (None, _) => {}
        }
    }
    None
}

/// Skips the rest of a comment whose first slash was taken.
fn skip_comment(characters: &mut std::iter::Peekable<std::str::CharIndices<'_>>) {
    match characters.next_if(|&(_, next)| next == '/' || next == '*') {
        Some((_, '/')) => {
            characters
                .by_ref()
                .find(|&(_, next)| next == '\n' || next == '\r');
        }
        Some(_) => {
            let mut star = false;
            characters.by_ref().find(|&(_, next)| {
                let ends = star && next == '/';
                star = next == '*';
                ends
            });
        }
        None => {}
    }
}

/// The faults that reading went on after, in the order of the file.
fn token_faults(
    body: &str,
    tokens: &[TokenAndRange<'_>],
    base: usize,
    comments_allowed: bool,
) -> Vec<Finding> {
    let span =
        |token: &TokenAndRange<'_>| Span::new(base + token.range.start, base + token.range.end);
    let is_comment = |token: &&TokenAndRange<'_>| {
        matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_))
    };
    let mut faults = Vec::new();
    let mut comments = tokens.iter().filter(is_comment);
    if !comments_allowed && let Some(first) = comments.next() {
        let count = 1 + comments.count();
        faults.push(
            Finding::new(SYNTAX_ERROR, span(first), "JSON has no comments")
                .label(counted("this comment", count))
                .help("remove it, or keep it in a file of its own beside this one"),
        );
    }
    let is_single_quoted = |token: &&TokenAndRange<'_>| {
        matches!(token.token, Token::String(_)) && body[token.range.start..].starts_with('\'')
    };
    let mut single_quoted = tokens.iter().filter(is_single_quoted);
    if let Some(first) = single_quoted.next() {
        let count = 1 + single_quoted.count();
        faults.push(
            Finding::new(
                SYNTAX_ERROR,
                span(first),
                "JSON has no single-quoted strings",
            )
            .label(counted("this string", count))
            .help("write strings in double quotes"),
        );
    }
    let values: Vec<_> = tokens.iter().filter(|token| !is_comment(token)).collect();
    for pair in values.windows(2) {
        let (left, right) = (pair[0], pair[1]);
        match (&left.token, &right.token) {
            (Token::Comma, Token::CloseBrace | Token::CloseBracket) if !comments_allowed => {
                let what = if right.token == Token::CloseBrace {
                    "the last member of an object"
                } else {
                    "the last item of a list"
                };
                faults.push(
                    Finding::new(SYNTAX_ERROR, span(left), format!("a comma follows {what}"))
                        .label("nothing comes after it")
                        .help("remove the comma")
                        .fix(
                            "remove the comma",
                            Safety::Safe,
                            Change::RemoveComma(span(left)),
                        ),
                );
            }
            (before, after) if ends_value(before) && begins_value(after) => {
                let end = span(left).end();
                faults.push(
                    Finding::new(SYNTAX_ERROR, Span::new(end - 1, end), "a comma is missing")
                        .label("expected after this")
                        .also(span(right).first(1), "before this")
                        .help("add a comma")
                        .fix("add a comma", Safety::Safe, Change::InsertComma(end)),
                );
            }
            _ => {}
        }
    }
    faults.sort_by_key(Finding::span);
    faults
}

fn ends_value(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::String(_)
            | Token::Number(_)
            | Token::Boolean(_)
            | Token::Null
            | Token::CloseBrace
            | Token::CloseBracket
    )
}

fn begins_value(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::String(_)
            | Token::Number(_)
            | Token::Boolean(_)
            | Token::Null
            | Token::OpenBrace
            | Token::OpenBracket
    )
}

/// "this comment", or with how many more there are.
fn counted(first: &str, count: usize) -> String {
    match count - 1 {
        0 => first.to_owned(),
        more => format!("{first} and {more} more"),
    }
}

/// The one fault that ended the reading, at the first wrong character, which it names.
fn broken(body: &str, base: usize, error: &ParseError) -> Finding {
    let range = error.range();
    let at = |start: usize, bytes: usize| Span::new(base + start, base + start + bytes);
    let cut_off = |open: Option<usize>| {
        let end = body.trim_end().len();
        let last = body[..end].chars().next_back().map_or(0, char::len_utf8);
        let finding = Finding::new(
            SYNTAX_ERROR,
            at(end - last, last),
            "the file ends before its value does",
        )
        .label("the last character")
        .help("the file looks cut off: restore the rest of it");
        match open {
            Some(open) => finding.also(at(open, 1), "nothing closes this"),
            None => finding,
        }
    };
    match error.kind() {
        ParseErrorKind::UnterminatedArray | ParseErrorKind::UnterminatedObject => {
            return cut_off(Some(range.start));
        }
        ParseErrorKind::ExpectedObjectValue | ParseErrorKind::ExpectedColonAfterObjectKey
            if body[range.start.min(body.len())..].trim().is_empty() =>
        {
            return cut_off(None);
        }
        ParseErrorKind::UnterminatedCommentBlock => {
            return Finding::new(SYNTAX_ERROR, at(range.start, 2), "a comment is not closed")
                .label("it begins here")
                .help("remove it: JSON has no comments");
        }
        ParseErrorKind::NestingDepthExceeded => {
            return Finding::new(
                SYNTAX_ERROR,
                at(range.start, 1),
                "values are nested deeper than can be read",
            )
            .label("more than 512 levels")
            .help("a CORS policy needs four or five levels");
        }
        ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral) => {
            return Finding::new(SYNTAX_ERROR, at(range.start, 1), "a string is not closed")
                .label("it begins here")
                .help("close it with \"");
        }
        ParseErrorKind::String(kind) => {
            let (bytes, message) = match kind {
                ParseStringErrorKind::InvalidUnicodeEscapeSequence(_) => {
                    (6, "half of a character stands alone (a lone surrogate)")
                }
                ParseStringErrorKind::ExpectedFourHexDigits => {
                    (2, "\\u is not followed by four hexadecimal digits")
                }
                _ => (2, "JSON has no such escape"),
            };
            let rest = &body[range.start..];
            let bytes = (bytes..=rest.len())
                .find(|&end| rest.is_char_boundary(end))
                .unwrap_or(rest.len());
            return Finding::new(SYNTAX_ERROR, at(range.start, bytes), message)
                .label("this escape")
                .help("write the character itself; a backslash is written \\\\");
        }
        _ => {}
    }
    let Some(character) = body[range.start.min(body.len())..].chars().next() else {
        return cut_off(None);
    };
    let span = at(range.start, character.len_utf8());
    let unexpected = |label: &str, help: &str| {
        Finding::new(
            SYNTAX_ERROR,
            span,
            format!("unexpected {}", name(character)),
        )
        .label(label)
        .help(help)
    };
    match error.kind() {
        _ if "“”„‟‘’‚«»″′".contains(character) => unexpected(
            "JSON wants the straight quote \"",
            "replace the typographic quotes with \"",
        ),
        ParseErrorKind::MultipleRootJsonValues => unexpected(
            "a second value begins here",
            "a JSON file holds one value: put the rules into one list",
        ),
        _ if character == '<' && body.trim_start().starts_with('<') => unexpected(
            "this is XML, not JSON",
            "the S3 console and the AWS CLI read JSON: write the policy as JSON",
        ),
        _ if character.is_ascii_digit() && body[..range.start].ends_with('0') => unexpected(
            "a number does not begin with 0",
            "remove the zeros in front of it",
        ),
        ParseErrorKind::ExpectedStringObjectProperty => unexpected(
            "a key stands here without quotes",
            "write keys in double quotes",
        ),
        ParseErrorKind::ExpectedColonAfterObjectKey => unexpected(
            "a colon belongs between a key and its value",
            "write \"key\": value",
        ),
        ParseErrorKind::UnexpectedCloseBrace | ParseErrorKind::UnexpectedCloseBracket => {
            unexpected(
                "there is nothing that it could close",
                "remove it, or open what it closes",
            )
        }
        ParseErrorKind::UnexpectedWord => unexpected(
            "no JSON value begins so",
            "write strings in double quotes; true, false and null in lower case",
        ),
        _ => unexpected(
            "no JSON reader goes on from here",
            "JSON allows a value, a comma or a closing bracket",
        ),
    }
}

/// A character as it is named in messages; one that cannot be seen by its code.
fn name(character: char) -> String {
    let code = character as u32;
    match character {
        '\t' => "a tab".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        _ if character.is_control() || character.is_whitespace() => format!("U+{code:04X}"),
        _ if character.is_ascii() => format!("`{character}`"),
        _ => format!("`{character}` (U+{code:04X})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document<'_> {
        match read(text, false) {
            Read::Document(document, _) => document,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// The message and the text at fault of each finding.
    fn faults(text: &str, comments: bool) -> Vec<(String, String)> {
        let findings = match read(text, comments) {
            Read::Document(_, findings) => findings,
            Read::Broken(finding) => vec![*finding],
            other => panic!("{text}: {other:?}"),
        };
        findings
            .into_iter()
            .map(|f| {
                let at = text[f.span().range()].to_owned();
                (f.message, at)
            })
            .collect()
    }

    #[test]
    fn keys_and_values_keep_their_bytes() {
        let text = "\u{feff}{ \"a\\/b\" : [1, \"é\\u00e9x\"] }";
        let document = document(text);
        let [member] = document.root.members().expect("an object") else {
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
    fn surrogate_pairs_are_one_piece() {
        let text = r#"["\ud83d\ude00!"]"#;
        let document = document(text);
        let string = document.root.items().expect("a list")[0]
            .text()
            .expect("a string");
        assert_eq!(string.value(), "😀!");
        assert_eq!(&text[string.at(0..4).range()], r"\ud83d\ude00");
        assert_eq!(&text[string.at(4..5).range()], "!");
    }

    #[test]
    fn what_is_computed_elsewhere_is_unknown() {
        let document = document(r#"["{{ x }}", "<%= y %>", "${z}", "$z", "<z>"]"#);
        let items = document.root.items().expect("a list").iter();
        let unknown: Vec<_> = items.map(|item| item.value == Value::Unknown).collect();
        assert_eq!(unknown, [true, true, true, false, false]);
        assert!(matches!(read("[{{ x }}]", false), Read::Template));
        assert!(matches!(read("[<% x %>]", false), Read::Template));
    }

    #[test]
    fn reading_goes_on_after_commas_comments_and_single_quotes() {
        let text = "[1,] ";
        assert_eq!(faults(text, false)[0].1, ",");
        assert!(faults("[1, // c\n] ", true).is_empty());
        let all = faults("{'a': 1 'b': /* c */ [2 3,],} // d", false);
        let messages: Vec<_> = all.iter().map(|(message, _)| message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "JSON has no single-quoted strings",
                "a comma is missing",
                "JSON has no comments",
                "a comma is missing",
                "a comma follows the last item of a list",
                "a comma follows the last member of an object",
            ]
        );
    }

    #[test]
    fn the_first_wrong_character_is_named() {
        let cases = [
            ("[“a”]", "unexpected `“` (U+201C)", "“"),
            ("<CORS/>", "unexpected `<`", "<"),
            ("[1", "the file ends before its value does", "1"),
            ("{\"a\": ", "the file ends before its value does", ":"),
            ("{\"a\"", "the file ends before its value does", "\""),
            ("[\"a", "a string is not closed", "\""),
            (
                "[\"a\nb\"]",
                "a string goes on past the end of its line",
                "\n",
            ),
            ("[\"a\tb\"]", "a tab stands in a string as it is", "\t"),
            (
                "[\"a\u{1}b\"]",
                "U+0001 stands in a string as it is",
                "\u{1}",
            ),
            (
                "[1,\u{a0}2]",
                "a no-break space (U+00A0) stands between values",
                "\u{a0}",
            ),
            (
                "[\"\\ud83d\"]",
                "half of a character stands alone (a lone surrogate)",
                "\\ud83d",
            ),
            ("[\"\\x41\"]", "JSON has no such escape", "\\x"),
            ("{a: 1}", "unexpected `a`", "a"),
            ("[True]", "unexpected `T`", "T"),
            ("[0x10]", "unexpected `0`", "0"),
            ("[NaN]", "unexpected `N`", "N"),
            ("{} {}", "unexpected `{`", "{"),
            ("[1}]", "unexpected `}`", "}"),
            ("/* a", "a comment is not closed", "/*"),
        ];
        for (text, message, at) in cases {
            let found = faults(text, false);
            assert_eq!(found, [(message.to_owned(), at.to_owned())], "{text:?}");
        }
    }
}

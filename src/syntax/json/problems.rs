//! Problems in text that is almost JSON.

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::{Token, TokenAndRange};

use super::brackets::{Unbalanced, early_brace, first_unbalanced, innermost, open_list};
use crate::document::Problem;
use crate::source::{BYTE_ORDER_MARK, Edit, Span};

/// A character that JSON doesn't allow at its position but that the parser accepts.
pub(super) struct InvalidChar {
    pub(super) at: usize,
    character: char,
    in_string: bool,
}

impl InvalidChar {
    pub(super) fn problem(&self, base: usize) -> Problem {
        let at = base + self.at;
        let name = name(self.character);
        let span = Span::new(at, at + self.character.len_utf8());
        match self.character {
            '\n' | '\r' if self.in_string => Problem::new(span, "unterminated string")
                .label("the line ends inside the string")
                .help("close the string with \", or write the line break as \\n"),
            _ if self.in_string => Problem::new(
                span,
                format!("unescaped {} in a string", name.trim_start_matches("a ")),
            )
            .label("must be escaped")
            .help(match self.character {
                '\t' => "write \\t, or remove it".to_owned(),
                other => format!("write \\u{:04x}, or remove it", other as u32),
            }),
            _ => Problem::new(span, format!("{name} is not white space in JSON"))
                .label("only spaces, tabs and line breaks are allowed here")
                .help("replace it with a space"),
        }
    }
}

/// Returns the first raw control character inside a string, or the first white space outside a string
/// that JSON doesn't allow.
pub(super) fn first_invalid_char(body: &str) -> Option<InvalidChar> {
    let mut characters = body.char_indices().peekable();
    let mut quote = None;
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), '\\') => {
                characters.next_if(|&(_, next)| next >= ' ');
            }
            (Some(_), '\0'..='\x1f') => {
                return Some(InvalidChar {
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
                return Some(InvalidChar {
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

/// Skips the rest of a comment whose first slash was consumed.
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

/// Returns the errors that parsing continued after, in the order of the file.
pub(super) fn recovered_errors(
    body: &str,
    tokens: &[TokenAndRange<'_>],
    base: usize,
    comments_allowed: bool,
) -> Vec<Problem> {
    let span =
        |token: &TokenAndRange<'_>| Span::new(base + token.range.start, base + token.range.end);
    let is_comment = |token: &&TokenAndRange<'_>| {
        matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_))
    };
    let mut problems = Vec::new();
    let mut comments = tokens.iter().filter(is_comment);
    if !comments_allowed && let Some(first) = comments.next() {
        let count = 1 + comments.count();
        problems.push(
            Problem::new(span(first), "comments are not allowed in JSON")
                .label(counted("this comment", count))
                .help("remove it, or rename the file to .jsonc if its reader accepts comments"),
        );
    }
    let is_single_quoted = |token: &&TokenAndRange<'_>| {
        matches!(token.token, Token::String(_)) && body[token.range.start..].starts_with('\'')
    };
    let mut single_quoted = tokens.iter().filter(is_single_quoted);
    if let Some(first) = single_quoted.next() {
        let count = 1 + single_quoted.count();
        problems.push(
            Problem::new(span(first), "single quotes are not allowed in JSON")
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
                    "the last key"
                } else {
                    "the last item"
                };
                problems.push(
                    Problem::new(span(left), format!("trailing comma after {what}"))
                        .label("not allowed in JSON")
                        .help("remove the comma")
                        .fix("remove the comma", replace(span(left), "")),
                );
            }
            (before, after) if ends_value(before) && begins_value(after) => {
                let end = span(left).end();
                problems.push(
                    Problem::new(Span::new(end - 1, end), "missing comma")
                        .label("expected after this")
                        .related(span(right).first(1), "before this")
                        .help("add a comma")
                        .fix("add a comma", replace(Span::new(end, end), ",")),
                );
            }
            _ => {}
        }
    }
    problems.sort_by_key(|problem| problem.span);
    problems
}

fn replace(span: Span, text: &str) -> Edit {
    Edit {
        span,
        text: text.to_owned(),
    }
}

fn is_scalar(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::String(_) | Token::Number(_) | Token::Boolean(_) | Token::Null
    )
}

fn ends_value(token: &Token<'_>) -> bool {
    is_scalar(token) || matches!(token, Token::CloseBrace | Token::CloseBracket)
}

fn begins_value(token: &Token<'_>) -> bool {
    is_scalar(token) || matches!(token, Token::OpenBrace | Token::OpenBracket)
}

/// Returns "this comment", or "this comment and 2 more".
fn counted(first: &str, count: usize) -> String {
    match count - 1 {
        0 => first.to_owned(),
        more => format!("{first} and {more} more"),
    }
}

/// Returns the error that ended parsing, at the first unexpected character, which it names.
pub(super) fn fatal_error(body: &str, base: usize, error: &ParseError) -> Problem {
    let range = error.range();
    let at = |start: usize, bytes: usize| Span::new(base + start, base + start + bytes);
    let cut_off = |open: Option<usize>| {
        let end = body.trim_end().len();
        let last = body[..end].chars().next_back().map_or(0, char::len_utf8);
        let finding = Problem::new(at(end - last, last), "unexpected end of file")
            .label("the file ends here")
            .help("the file looks truncated: restore the rest of it");
        match open {
            Some(open) => finding.related(at(open, 1), "not closed"),
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
            return Problem::new(at(range.start, 2), "unterminated comment")
                .label("starts here")
                .help("remove it: comments are not allowed in JSON");
        }
        ParseErrorKind::NestingDepthExceeded => {
            return Problem::new(at(range.start, 1), "nested too deeply")
                .label("the limit is 512 levels")
                .help("a CORS policy has four or five levels");
        }
        ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral) => {
            return Problem::new(at(range.start, 1), "unterminated string")
                .label("starts here")
                .help("close it with \"");
        }
        ParseErrorKind::String(kind) => {
            let (bytes, message) = match kind {
                ParseStringErrorKind::InvalidUnicodeEscapeSequence(_) => (6, "unpaired surrogate"),
                ParseStringErrorKind::ExpectedFourHexDigits => {
                    (2, "invalid \\u escape: four hexadecimal digits must follow")
                }
                _ => (2, "invalid escape"),
            };
            let rest = &body[range.start..];
            let bytes = (bytes..=rest.len())
                .find(|&end| rest.is_char_boundary(end))
                .unwrap_or(rest.len());
            return Problem::new(at(range.start, bytes), message)
                .label("not a JSON escape")
                .help("write the character itself, or \\\\ for a backslash");
        }
        _ => {}
    }
    if let Some(unbalanced) = first_unbalanced(body).filter(|found| found.at() == range.start) {
        return bracket_problem(body, &unbalanced, base);
    }
    let Some(character) = body[range.start.min(body.len())..].chars().next() else {
        return cut_off(None);
    };
    if character == ':'
        && let Some(open) = open_list(body, range.start)
    {
        if let Some(brace) = early_brace(body, range.start) {
            return Problem::new(at(brace, 1), "`}` ends the object too early")
                .label("more keys of this object follow")
                .help("remove it");
        }
        // The list should have been closed before the key.
        let key = body[..range.start].trim_end();
        let inner = key.strip_suffix('"').unwrap_or(key);
        let key = inner.rfind('"').filter(|at| *at > open);
        let unbalanced = Unbalanced::NotClosed {
            open,
            at: key.unwrap_or(range.start),
        };
        return bracket_problem(body, &unbalanced, base);
    }
    let zeros = body[..range.start].len() - body[..range.start].trim_end_matches('0').len();
    if character.is_ascii_digit() && zeros > 0 {
        let rest = &body[range.start..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = rest[..digits].trim_start_matches('0');
        let number = if number.is_empty() { "0" } else { number };
        return Problem::new(at(range.start - zeros, zeros), "leading zero in a number")
            .label("not allowed in JSON")
            .help(format!("write {number}"));
    }
    let span = at(range.start, character.len_utf8());
    let unexpected = |label: &str, help: &str| {
        Problem::new(span, format!("unexpected {}", name(character)))
            .label(label)
            .help(help)
    };
    match error.kind() {
        _ if "“”„‟‘’‚«»″′".contains(character) => {
            unexpected("not a JSON quote", "use straight quotes (\")")
        }
        ParseErrorKind::MultipleRootJsonValues => unexpected(
            "a second value starts here",
            "a JSON file has one value: put the rules into one list",
        ),
        _ if is_conflict(body, range.start) => {
            unexpected("an unresolved merge conflict", "resolve the conflict")
        }
        _ if BYTE_ORDER_MARK.starts_with(character) => {
            unexpected("a second byte order mark", "remove it")
        }
        _ if character == '<' && body.trim_start().starts_with('<') => unexpected(
            "this is XML, not JSON",
            "the S3 console and the AWS CLI expect JSON: write the policy as JSON",
        ),
        ParseErrorKind::ExpectedStringObjectProperty => {
            unexpected("keys must be quoted", "write the key in double quotes")
        }
        _ if character == '=' && body[..range.start].trim_end().ends_with(['"', '\'']) => {
            match body[range.start..].starts_with("=>") {
                true => unexpected("expected : after the key", "write : instead of =>"),
                false => unexpected("expected : after the key", "write : instead of ="),
            }
        }
        _ if matches!(character, '(' | ')') => {
            let is_list = innermost(body, range.start).is_none_or(|(_, open)| open == b'[');
            let help = match (character, is_list) {
                ('(', _) => "write lists in [ ]",
                (_, true) => "write ] instead of )",
                (_, false) => "write } instead of )",
            };
            unexpected("not a bracket in JSON", help)
        }
        _ if character.is_alphabetic() && is_key_place(body, range.start) => {
            unexpected("keys must be quoted", "write the key in double quotes")
        }
        ParseErrorKind::ExpectedColonAfterObjectKey => {
            unexpected("expected : after the key", "write \"key\": value")
        }
        _ if body[..range.start].trim().is_empty() && !character.is_ascii_digit() => unexpected(
            "JSON must start with { or [",
            "remove the text in front of { or [",
        ),
        ParseErrorKind::UnexpectedWord => unexpected(
            "not a JSON value",
            "write strings in double quotes, and true, false and null in lower case",
        ),
        _ => unexpected(
            "not valid JSON",
            "expected a value, a comma or a closing bracket",
        ),
    }
}

/// Returns true if a marker of a merge conflict starts the line of `at`, or the file.
fn is_conflict(body: &str, at: usize) -> bool {
    let line = body[..at].rfind('\n').map_or(0, |end| end + 1);
    let is_marker = |text: &str| {
        let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
        markers.iter().any(|marker| text.starts_with(marker))
    };
    is_marker(&body[line..]) || is_marker(body.trim_start())
}

/// Returns true if a key belongs at `at`: after an opening brace, or after a comma in an object.
fn is_key_place(body: &str, at: usize) -> bool {
    let before = body[..at].trim_end();
    let is_in_object = innermost(body, at).is_some_and(|(_, open)| open == b'{');
    is_in_object && before.ends_with(['{', ','])
}

/// Returns the error for a bracket that doesn't match.
fn bracket_problem(body: &str, unbalanced: &Unbalanced, base: usize) -> Problem {
    let bracket = |at: usize| &body[at..=at];
    let span = |at: usize| Span::new(base + at, base + at + 1);
    match *unbalanced {
        Unbalanced::Extra { at } => {
            let message = format!("unmatched `{}`", bracket(at));
            Problem::new(span(at), message)
                .label("closes nothing")
                .help("remove it")
        }
        Unbalanced::NotClosed { open, at } => {
            let missing = if bracket(open) == "[" { "]" } else { "}" };
            let message = format!("`{}` is not closed", bracket(open));
            Problem::new(span(at), message)
                .label(format!("expected `{missing}` before this"))
                .related(span(open), "opened here")
                .help(format!("add the missing `{missing}`"))
        }
    }
}

/// The name of a character in messages: its code if it is invisible.
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

//! Errors of YAML in plain words.

use granit_parser::{ErrorKind, ScanError};

use crate::document::Problem;
use crate::source::{Edit, Span};

/// Returns the position of an asterisk with nothing after it, if that is the error.
pub(super) fn bare_star(error: &ScanError, body: &str) -> Option<usize> {
    if !matches!(error.kind(), ErrorKind::MissingAnchorOrAliasName) {
        return None;
    }
    let at = error.marker().byte_offset()?;
    // The error is at the asterisk or after it.
    [at, at.checked_sub(1)?]
        .into_iter()
        .find(|at| body.as_bytes().get(*at) == Some(&b'*'))
}

/// The problem with a pattern that starts with an asterisk and has no quotes.
pub(super) fn unquoted_star(text: &str, at: usize) -> Problem {
    let rest = &text[at..];
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}');
    let length = rest.find(ends).unwrap_or(rest.len()).max(1);
    let span = Span::new(at, at + length);
    let quoted = serde_json::Value::from(&rest[..length]).to_string();
    let help = format!("write {quoted}");
    let edit = Edit { span, text: quoted };
    Problem::new(span, format!("{} must be quoted", &rest[..length]))
        .label("without quotes, * starts an alias")
        .help(help)
        .fix("quote it", edit)
}

/// The problem that ended a document.
pub(super) fn of_error(error: &ScanError, text: &str) -> Problem {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let at = (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let rest = &text[at..];
    let length = rest.chars().next().map_or(0, char::len_utf8);
    let span = Span::new(at, at + length);
    let line_start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let line = &text[line_start..];
    let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
    if let Some(tab) = line[..indentation].find('\t') {
        let tab = Span::new(line_start + tab, line_start + tab + 1);
        return Problem::new(tab, "tab in the indentation")
            .label("YAML is indented by spaces only")
            .help("replace it with spaces");
    }
    if line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>") {
        return Problem::new(span, "not valid YAML")
            .label("an unresolved merge conflict")
            .help("resolve the conflict");
    }
    match error.kind() {
        _ if rest.trim().is_empty() => Problem::new(span, "unexpected end of file")
            .label("the file ends here")
            .help("something before is not closed: a quote or a bracket"),
        _ if rest.starts_with(['@', '`', '%']) => {
            let character = &rest[..1];
            Problem::new(span, format!("a value can't start with {character}"))
                .label("reserved in YAML")
                .help("put the value in quotes")
        }
        _ => Problem::new(span, format!("not valid YAML: {}", words(error)))
            .label("unexpected here")
            .help("check the indentation, the quotes and the brackets before this"),
    }
}

/// What the parser says, without where.
fn words(error: &ScanError) -> String {
    let info = error.info();
    let info = info.split(" at char ").next().unwrap_or_default();
    info.lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}

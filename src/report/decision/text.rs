//! The text of `corslint test`.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Style;
use super::super::escape::escape_control;
use crate::document::Why;
use crate::matching::{Decision, Fact, Mismatch, Refusal, Response, header_match};
use crate::policy::{Entry, Known, List, Policy, Rule};
use crate::provider::Match;
use crate::source::Source;

use super::{PageRequest, Tested};

/// Describes the decision of one policy.
pub fn describe(tested: &Tested<'_>, request: &PageRequest, file: &Path, style: Style) -> String {
    let (source, located) = (&tested.analysis.source, tested.located);
    let policy = &located.policy;
    let mut text = String::new();
    if !located.address.is_empty() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            text,
            "{} at {}:",
            escape_control(source.name()),
            escape_control(&located.address)
        );
    }
    let requested = requested(request);
    if let Some(why) = &request.not_sent {
        let refused = word("refused", Color::Red, style);
        let _ = writeln!(
            text,
            "{refused}: no browser sends {requested}: {}",
            escape_control(why)
        );
        return text;
    }
    let provider = policy.provider();
    if located.is_rejected {
        let _ = writeln!(
            text,
            "{}: {} does not accept this policy; run `corslint check {}` to see why",
            word("rejected", Color::Red, style),
            policy.dialect.reader(),
            shell_quote(&file.to_string_lossy())
        );
        text.push_str("if it were accepted as it is meant:\n");
    }
    match &tested.decision {
        Decision::Allowed(response) => {
            let rule = &policy.rules[response.rule];
            let allowed = word("allowed", Color::Green, style);
            let _ = writeln!(text, "{allowed}: {} allows {requested}", rule.name());
            text.push_str(&aligned(source, &[(rule, "matches".to_owned())]));
            text.push('\n');
            text.push_str(&headers_of(response));
        }
        Decision::Undetermined { rule, why, before } => {
            let unknown_word = word("unknown", Color::Yellow, style);
            let _ = writeln!(
                text,
                "{unknown_word}: {provider} may or may not allow {requested}"
            );
            let mut lines = explained(policy, before, request);
            lines.push((&policy.rules[*rule], unknown(policy, *rule, *why, request)));
            text.push_str(&aligned(source, &lines));
        }
        Decision::Refused(Refusal::NoRule(mismatches)) => {
            let refused = word("refused", Color::Red, style);
            let _ = writeln!(text, "{refused}: no rule allows {requested}");
            let mut lines = explained(policy, mismatches, request);
            let later = policy.rules.iter().skip(mismatches.len());
            lines.extend(
                later.map(|rule| (rule, "skipped: an earlier rule already matched".to_owned())),
            );
            text.push_str(&aligned(source, &lines));
        }
        Decision::Refused(Refusal::NoOrigin | Refusal::NoRequestMethod) => {
            let refused = word("refused", Color::Red, style);
            let _ = writeln!(text, "{refused}: not a CORS request");
        }
    }
    text
}

/// The color of a decision.
#[derive(Clone, Copy)]
enum Color {
    Green,
    Yellow,
    Red,
}

/// Returns a decision in bold and color, if there is color.
fn word(text: &str, color: Color, style: Style) -> String {
    let code = match color {
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
    };
    match style.color {
        true => format!("\u{1b}[1;{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

/// Describes the request, such as "PUT from https://app.acme.io with content-type".
fn requested(request: &PageRequest) -> String {
    super::super::words::request(&request.method, &request.origin, &request.headers)
}

/// Quotes a file name for a shell.
fn shell_quote(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,~".contains(c);
    match name.chars().all(is_plain) {
        true => name.to_owned(),
        false => format!("'{}'", escape_control(name).replace('\'', r"'\''")),
    }
}

/// Lists rules with their positions and explanations, aligned in columns.
fn aligned(source: &Source, lines: &[(&Rule, String)]) -> String {
    let rows: Vec<_> = lines
        .iter()
        .map(|(rule, what)| {
            let at = source.position(rule.head.start());
            let place = format!(
                "{}:{}:{}",
                escape_control(source.name()),
                at.line,
                at.column
            );
            (rule.name(), place, what)
        })
        .collect();
    let name = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let width = rows.iter().map(|(_, place, _)| place.chars().count()).max();
    let width = width.unwrap_or(0);
    let rows = rows
        .iter()
        .map(|(rule, place, what)| format!("  {rule:name$}  {place:width$}  {what}\n"));
    rows.collect()
}

/// Explains the first mismatch of each rule.
pub(super) fn explained<'p>(
    policy: &'p Policy,
    mismatches: &[Mismatch],
    request: &PageRequest,
) -> Vec<(&'p Rule, String)> {
    let rules = policy.rules.iter().zip(mismatches);
    rules
        .map(|(rule, mismatch)| {
            let what = match mismatch {
                Mismatch::Origin => {
                    format!("origin does not match (allowed: {})", listed(&rule.origins))
                }
                Mismatch::Method => format!(
                    "origin matches, but {} is not one of {}",
                    escape_control(&request.method),
                    listed(&rule.methods)
                ),
                Mismatch::Header(header) => format!(
                    "origin and method match, but header {} is not allowed (allowed: {})",
                    escape_control(header),
                    listed(&rule.allowed_headers)
                ),
            };
            (rule, what)
        })
        .collect()
}

/// Lists the entries of a list, truncated if there are many.
fn listed(list: &Known<List>) -> String {
    const MAX: usize = 8;
    let texts: Vec<_> = list.entries().map(Entry::value).collect();
    let mut shown: Vec<_> = texts
        .iter()
        .take(MAX)
        .map(|text| escape_control(text))
        .collect();
    if texts.len() > MAX {
        shown.push(format!("and {} more", texts.len() - MAX).into());
    }
    if !list.is_complete() {
        shown.push("and unknown values".into());
    }
    match shown[..] {
        [] => "none".to_owned(),
        _ => shown.join(", "),
    }
}

/// Explains why corslint can't determine whether a rule matches the request.
pub(super) fn unknown(policy: &Policy, rule: usize, why: Why, request: &PageRequest) -> String {
    let rule = &policy.rules[rule];
    if why != Why::Undocumented {
        return "one of its values is computed or invalid".to_owned();
    }
    let provider = policy.provider();
    let mut origins = rule.origins.entries();
    let is_certain_origin = origins
        .any(|entry| (provider.origin_matches)(entry.value(), &request.origin) == Match::Yes);
    let compared = if is_certain_origin {
        let mut headers = request.headers.iter().map(String::as_str);
        let header = headers.find(|header| header_match(provider, rule, header) != Match::Yes);
        header.map(|header| (header, &rule.allowed_headers))
    } else {
        Some((request.origin.as_str(), &rule.origins))
    };
    match compared {
        Some((requested, list)) => format!(
            "may match: how {provider} compares {} with {} is undocumented",
            escape_control(requested),
            listed(list)
        ),
        None if !policy.dialect.keeps_order => format!(
            "matches, but {} does not keep the order of rules, and the first one that matches decides",
            policy.dialect.tool
        ),
        None => "matches, but which of several matching rules decides is undocumented".to_owned(),
    }
}

/// The response headers, as a browser sees them.
fn headers_of(response: &Response) -> String {
    let mut text = String::new();
    let mut header = |name: &str, value: &str| {
        let _ = writeln!(text, "  Access-Control-{name}: {}", escape_control(value));
    };
    match &response.allow_origin {
        Fact::Known(origin) => header("Allow-Origin", origin),
        Fact::Unknown(why) => header("Allow-Origin", reason(*why)),
    }
    match response.allow_credentials {
        Fact::Known(true) => header("Allow-Credentials", "true"),
        Fact::Known(false) => {}
        Fact::Unknown(why) => header("Allow-Credentials", reason(why)),
    }
    for (name, list) in [
        ("Allow-Methods", &response.allow_methods),
        ("Allow-Headers", &response.allow_headers),
        ("Expose-Headers", &response.expose_headers),
    ] {
        match list {
            Fact::Known(values) if values.is_empty() => {}
            Fact::Known(values) => header(name, &values.join(", ")),
            Fact::Unknown(why) => header(name, reason(*why)),
        }
    }
    match response.max_age {
        Fact::Known(Some(seconds)) => header("Max-Age", &seconds.to_string()),
        Fact::Known(None) => {}
        Fact::Unknown(why) => header("Max-Age", reason(why)),
    }
    text
}

/// Returns the reason a header's value is unknown.
fn reason(why: Why) -> &'static str {
    match why {
        Why::Undocumented => "(undocumented)",
        Why::Template | Why::Expression | Why::TooDeep => "(computed)",
        Why::Rejected => "(invalid in this policy)",
    }
}

//! The sentences about differences, which all reports share.

use super::super::escape::escape_control;
use crate::compare::{Compared, Side};
use crate::matching::{Access, Change, Changed, Headers, Origin, Witness};
use crate::source::Span;

/// The number of origins that a sentence names.
const MAX_ORIGINS: usize = 3;
/// The number of methods or headers that a sentence names.
const MAX_NAMES: usize = 10;

/// Describes requests, as in "PUT, DELETE from any website". `code` marks names.
pub(super) fn access(access: &Access, code: &dyn Fn(&str) -> String) -> String {
    let requests = format!(
        "{} from {}",
        names(&access.methods, ", ", code),
        origins(&access.origins, code)
    );
    let text = match &access.headers {
        Headers::Any => requests,
        Headers::One(headers) if headers.iter().any(|header| header == "*") => {
            format!("any header on {requests}")
        }
        Headers::One(headers) => {
            let noun = if headers.len() == 1 {
                "header"
            } else {
                "headers"
            };
            format!("{noun} {} on {requests}", names(headers, ", ", code))
        }
        Headers::Together(headers) => {
            format!(
                "headers {} together on {requests}",
                names(headers, " and ", code)
            )
        }
    };
    maybe(text, access.is_certain)
}

/// Describes a change of the responses.
pub(super) fn change(change: &Change, code: &dyn Fn(&str) -> String) -> String {
    let origins = origins(&change.origins, code);
    let methods = names(&change.methods, ", ", code);
    let seconds = |seconds: &Option<i64>| match seconds {
        Some(seconds) => seconds.to_string(),
        None => "not set".to_owned(),
    };
    let text = match &change.what {
        Changed::Readable(headers) => {
            format!(
                "{origins} may now read {} on {methods}",
                names(headers, ", ", code)
            )
        }
        Changed::Unreadable(headers) => {
            format!(
                "{origins} may no longer read {} on {methods}",
                names(headers, ", ", code)
            )
        }
        Changed::UnknownReadable => {
            format!("{origins} may read other response headers than before on {methods}")
        }
        Changed::Credentials(true) => {
            format!("credentials are now allowed for {origins} on {methods}")
        }
        Changed::Credentials(false) => {
            format!("credentials are no longer allowed for {origins} on {methods}")
        }
        Changed::MaxAge(old, new) => format!(
            "max age {} -> {} for {origins} on {methods}",
            seconds(old),
            seconds(new)
        ),
    };
    maybe(text, change.is_certain)
}

fn maybe(text: String, is_certain: bool) -> String {
    match is_certain {
        true => text,
        false => format!("may be: {text}"),
    }
}

fn origins(origins: &[Origin], code: &dyn Fn(&str) -> String) -> String {
    let word = |origin: &Origin| match origin {
        Origin::Any => "any website".to_owned(),
        Origin::Pattern(pattern) if pattern == "https" => "any https website".to_owned(),
        Origin::Pattern(pattern) => code(pattern),
        Origin::Computed => "origins that a tool computes".to_owned(),
    };
    let shown: Vec<_> = origins.iter().take(MAX_ORIGINS).map(word).collect();
    match origins.len().saturating_sub(MAX_ORIGINS) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn names(names: &[String], between: &str, code: &dyn Fn(&str) -> String) -> String {
    let shown = names.iter().take(MAX_NAMES);
    let shown: Vec<_> = shown.map(|name| code(name)).collect();
    match names.len().saturating_sub(MAX_NAMES) {
        0 => shown.join(between),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Describes an example, as in "PUT from https://a.example with no extra headers".
pub(super) fn example(request: &Witness) -> String {
    let text = super::super::words::request(&request.method, &request.origin, &request.headers);
    match request.headers.is_empty() {
        true => format!("{text} with no extra headers"),
        false => text,
    }
}

/// Text for a terminal.
pub(super) fn plain(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    escape_control(text).into_owned()
}

/// Returns the file of a policy, with the address of the policy if it has one.
pub fn name(side: &Side) -> String {
    let file = escape_control(side.analysis.source.name());
    match &*side.located().address {
        "" => file.into_owned(),
        address => format!("{file} at {}", escape_control(address)),
    }
}

/// Returns a place in the file of a policy, as in `cors.json:4:24`.
pub(super) fn position(side: &Side, span: Span) -> String {
    let source = &side.analysis.source;
    let position = source.position(span.start());
    let file = escape_control(source.name());
    format!("{file}:{}:{}", position.line, position.column)
}

/// Returns what makes a comparison less meaningful, one line each.
pub fn warnings(compared: &Compared) -> Vec<String> {
    let mut warnings = Vec::new();
    let (old, new) = (compared.old.as_ref(), compared.new.as_ref());
    let provider = |side: &Side| side.located().policy.provider();
    if let (Some(before), Some(after)) = (old, new)
        && provider(before) != provider(after)
    {
        warnings.push(format!(
            "{} is a policy of {} and {} one of {}: the providers differ in what origins match",
            name(before),
            provider(before),
            name(after),
            provider(after)
        ));
    }
    for side in [old, new].into_iter().flatten() {
        let located = side.located();
        if located.is_rejected {
            warnings.push(format!(
                "{}: {} does not accept this policy; it is compared without what is rejected",
                name(side),
                located.policy.dialect.reader()
            ));
        }
    }
    warnings
}

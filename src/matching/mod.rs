//! What a provider does with a browser's request, and why; which patterns and rules contain others; and
//! whether a change preserves what a policy allows.
//!
//! A result is undetermined if it depends on undocumented behavior or on an unknown value. Sources: AWS
//! 'How CORS works', and recorded S3 responses.

mod containment;
mod difference;
mod preservation;

pub use containment::{Coverage, PatternSet, WildcardIndex, lower_case_headers};
pub use difference::{
    Access, Change, Changed, Difference, Headers, IsSame, Origin, Part, Place, Witness, all_access,
    difference,
};
pub use preservation::is_preserved;

use crate::document::Why;
use crate::policy::{Entry, Known, List, Policy, Rule};
use crate::provider::{Match, Provider, Selection};

/// A request as the provider sees it. The `method` of a preflight is OPTIONS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'r> {
    /// The `Origin` header.
    pub origin: Option<&'r str>,
    /// The method of the request itself.
    pub method: &'r str,
    /// `Access-Control-Request-Method`.
    pub request_method: Option<&'r str>,
    /// `Access-Control-Request-Headers`.
    pub request_headers: Option<&'r str>,
}

impl<'r> Request<'r> {
    /// Creates the preflight of a request; `headers` are separated by commas.
    pub fn preflight(origin: &'r str, method: &'r str, headers: &'r str) -> Request<'r> {
        Request {
            origin: Some(origin),
            method: "OPTIONS",
            request_method: Some(method),
            request_headers: (!headers.is_empty()).then_some(headers),
        }
    }

    /// The method that must be allowed; `None` for a preflight without a requested method. S3 also uses
    /// `Access-Control-Request-Method` for actual requests (seen in recorded responses).
    fn requested_method(&self) -> Option<&'r str> {
        match self.request_method {
            Some(method) => Some(method),
            None if self.method == "OPTIONS" => None,
            None => Some(self.method),
        }
    }

    /// The headers that must be allowed; empty items are ignored.
    fn requested_headers(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let headers = self.request_headers.unwrap_or_default().split(',');
        headers.map(str::trim).filter(|header| !header.is_empty())
    }
}

/// A value that may be unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// The known value.
    Known(T),
    /// The value can't be determined.
    Unknown(Why),
}

/// What the bucket does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The browser gets these headers.
    Allowed(Response),
    /// No rule matches, or the request is not a CORS request.
    Refused(Refusal),
    /// The decision depends on something in this rule that can't be determined.
    Undetermined {
        /// The index of the rule.
        rule: usize,
        /// Why it can't be determined.
        why: Why,
        /// For each rule before it, the first thing that doesn't match.
        before: Vec<Mismatch>,
    },
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has no `Origin`, so it is not a CORS request.
    NoOrigin,
    /// It is a preflight without `Access-Control-Request-Method`.
    NoRequestMethod,
    /// For each rule, the first thing that doesn't match. Rules after the one that decides are left
    /// out.
    NoRule(Vec<Mismatch>),
}

/// The first thing in a rule that doesn't match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// No entry matches the origin.
    Origin,
    /// The origin matches, but the method is not allowed.
    Method,
    /// Origin and method match, but this header is not allowed.
    Header(String),
}

/// The response headers, without the prefix `Access-Control-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The index of the rule that decided.
    pub rule: usize,
    /// `Allow-Origin`.
    pub allow_origin: Fact<String>,
    /// `Allow-Credentials`.
    pub allow_credentials: Fact<bool>,
    /// `Allow-Methods`.
    pub allow_methods: Fact<Vec<String>>,
    /// `Allow-Headers`; empty if none were requested.
    pub allow_headers: Fact<Vec<String>>,
    /// `Expose-Headers`.
    pub expose_headers: Fact<Vec<String>>,
    /// `Max-Age`; `None` if the rule sets none.
    pub max_age: Fact<Option<i64>>,
}

/// Returns what the bucket does with a request.
pub fn evaluate(policy: &Policy, request: &Request<'_>) -> Decision {
    let Some(origin) = request.origin else {
        return Decision::Refused(Refusal::NoOrigin);
    };
    let Some(method) = request.requested_method() else {
        return Decision::Refused(Refusal::NoRequestMethod);
    };
    let provider = policy.provider();
    let rules = policy.rules.iter();
    let results = rules.map(|rule| (rule, rule_matches(provider, rule, origin, method, request)));
    let allowed = |rule: &Rule| Decision::Allowed(response(provider, rule, origin, request));
    let undetermined = |rule: &Rule, before| Decision::Undetermined {
        rule: rule.index,
        why: why_unknown(rule),
        before,
    };
    let mut mismatches = Vec::new();
    match policy.selection() {
        Selection::FirstMatch | Selection::FirstOriginAndMethod => {
            for (rule, result) in results {
                match result {
                    Ok(Match::Yes) => return allowed(rule),
                    Ok(_) => return undetermined(rule, mismatches),
                    Err(mismatch) => {
                        let decides = policy.selection() == Selection::FirstOriginAndMethod
                            && matches!(mismatch, Mismatch::Header(_));
                        mismatches.push(mismatch);
                        if decides {
                            break;
                        }
                    }
                }
            }
        }
        // If only one rule could decide, the order of selection doesn't matter.
        Selection::Undocumented => {
            let mut candidates = Vec::new();
            for (rule, result) in results {
                match result {
                    Err(mismatch @ (Mismatch::Origin | Mismatch::Method)) => {
                        mismatches.push(mismatch);
                    }
                    Err(mismatch @ Mismatch::Header(_)) => {
                        mismatches.push(mismatch);
                        candidates.push((rule, Match::No));
                    }
                    Ok(matches) => candidates.push((rule, matches)),
                }
            }
            match candidates[..] {
                [(rule, Match::Yes)] => return allowed(rule),
                _ if candidates.iter().all(|(_, matches)| *matches == Match::No) => {}
                [(rule, _), ..] => return undetermined(rule, Vec::new()),
                [] => {}
            }
        }
    }
    Decision::Refused(Refusal::NoRule(mismatches))
}

/// Returns why it can't be determined whether a rule matches.
fn why_unknown(rule: &Rule) -> Why {
    let lists = [&rule.origins, &rule.methods, &rule.allowed_headers];
    let unknown = lists.iter().find_map(|list| list.unknown());
    unknown.unwrap_or(Why::Undocumented)
}

/// Returns whether a rule matches and, if not, the first mismatch. A certain mismatch takes precedence
/// over an unknown value.
fn rule_matches(
    provider: &Provider,
    rule: &Rule,
    origin: &str,
    method: &str,
    request: &Request<'_>,
) -> Result<Match, Mismatch> {
    let origin_match = any(&rule.origins, |entry| {
        (provider.origin_matches)(entry, origin)
    });
    if origin_match == Match::No {
        return Err(Mismatch::Origin);
    }
    let method_match = any(&rule.methods, |allowed| {
        Match::certain(provider.allows_method(allowed, method))
    });
    if method_match == Match::No {
        return Err(Mismatch::Method);
    }
    let is_certain = origin_match == Match::Yes && method_match == Match::Yes;
    let mut all = Match::Yes;
    for header in request.requested_headers() {
        match header_match(provider, rule, header) {
            // If it isn't certain that this rule decides, the next one may.
            Match::No if provider.selection == Selection::FirstOriginAndMethod && !is_certain => {
                return Ok(Match::Unknown);
            }
            Match::No => return Err(Mismatch::Header(header.to_owned())),
            Match::Unknown => all = Match::Unknown,
            Match::Yes => {}
        }
    }
    Ok(if is_certain { all } else { Match::Unknown })
}

/// Returns whether a rule allows a request header.
pub fn header_match(provider: &Provider, rule: &Rule, header: &str) -> Match {
    any(&rule.allowed_headers, |entry| {
        (provider.header_matches)(entry, header)
    })
}

/// Returns whether any entry of a list matches.
fn any(list: &Known<List>, matches: impl Fn(&str) -> Match) -> Match {
    let mut any = match list.is_complete() {
        true => Match::No,
        false => Match::Unknown,
    };
    for entry in list.entries() {
        match matches(entry.value()) {
            Match::Yes => return Match::Yes,
            Match::Unknown => any = Match::Unknown,
            Match::No => {}
        }
    }
    any
}

fn response(provider: &Provider, rule: &Rule, origin: &str, request: &Request<'_>) -> Response {
    let facts = &provider.response;
    let list = |list: &Known<List>| match list.unknown() {
        Some(why) => Fact::Unknown(why),
        None => Fact::Known(list.entries().map(|e| e.value().to_owned()).collect()),
    };
    let undocumented = Why::Undocumented;
    let is_bare_star =
        rule.origins.is_complete() && rule.origins.entries().all(|o| o.value() == "*");
    // For a bare `*`, the response contains `*` and doesn't allow credentials. No response is recorded for
    // a rule with both `*` and named origins.
    let (allow_origin, allow_credentials) = match rule.origins.has("*") {
        _ if !facts.echoes_origin => (Fact::Unknown(undocumented), Fact::Unknown(undocumented)),
        true if is_bare_star => (Fact::Known("*".to_owned()), Fact::Known(false)),
        true => {
            let why = rule.origins.unknown().unwrap_or(undocumented);
            (Fact::Unknown(why), Fact::Unknown(why))
        }
        false => (Fact::Known(origin.to_owned()), Fact::Known(true)),
    };
    let mut headers = request
        .requested_headers()
        .map(str::to_ascii_lowercase)
        .peekable();
    Response {
        rule: rule.index,
        allow_origin,
        allow_credentials,
        allow_methods: match facts.lists_methods {
            true => list(&rule.methods),
            false => Fact::Unknown(undocumented),
        },
        allow_headers: match headers.peek() {
            Some(_) if !facts.echoes_headers => Fact::Unknown(undocumented),
            _ => Fact::Known(headers.collect()),
        },
        expose_headers: list(&rule.exposed_headers),
        max_age: match &rule.max_age {
            Known::Absent => Fact::Known(None),
            Known::Unknown(_, why) => Fact::Unknown(*why),
            Known::Set(max_age) => Fact::Known(Some(max_age.seconds)),
        },
    }
}

/// Returns the entry of a rule that allows a method of another rule.
pub fn allowing_entry<'r>(provider: &Provider, rule: &'r Rule, method: &str) -> Option<&'r Entry> {
    let allows =
        |entry: &&Entry| Some(entry.value()) == provider.every_method || entry.value() == method;
    rule.methods.entries().find(allows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preflight_without_a_method_requests_none() {
        let request = |method, request_method| Request {
            origin: Some("https://a.io"),
            method,
            request_method,
            request_headers: None,
        };
        assert_eq!(request("OPTIONS", None).requested_method(), None);
        let preflight = request("OPTIONS", Some("PUT"));
        assert_eq!(preflight.requested_method(), Some("PUT"));
        assert_eq!(request("GET", None).requested_method(), Some("GET"));
    }
}

//! What a provider answers to a browser's request, and why.
//!
//! Where a behaviour is not known, or a value is computed elsewhere, the answer says so; nothing is
//! concluded from it. Sources: AWS 'How CORS works' and recorded answers of S3.

mod containment;

pub use containment::{Entries, Patterns, containing};

use crate::policy::{Field, Item, Known, List, Policy, Provider, Rule};

/// A request as the provider sees it. For a preflight `method` is OPTIONS.
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
    /// The method that must be granted; none for a preflight that names none. On S3
    /// `Access-Control-Request-Method` decides on actual requests too (recorded).
    fn wanted_method(&self) -> Option<&'r str> {
        match self.request_method {
            Some(method) => Some(method),
            None if self.method == "OPTIONS" => None,
            None => Some(self.method),
        }
    }

    /// The headers that are asked for, empty items left out.
    fn wanted_headers(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let headers = self.request_headers.unwrap_or_default().split(',');
        headers.map(str::trim).filter(|header| !header.is_empty())
    }
}

/// Something that may not be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is so.
    Known(T),
    /// Nobody has written it down, or it is computed elsewhere.
    Unknown,
}

/// What the bucket does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The browser gets these headers.
    Allowed(Response),
    /// No rule matches, or the request is no CORS request.
    Refused(Refusal),
    /// It depends on something in this rule that is not known.
    Undecided {
        /// The rule's place in the policy.
        rule: usize,
        /// Of the rules before it, the first thing that does not match.
        before: Vec<Mismatch>,
    },
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has no `Origin`: no browser sends a CORS request without.
    NoOrigin,
    /// A preflight without `Access-Control-Request-Method`.
    NoRequestMethod,
    /// For each rule the first thing that does not match.
    NoRule(Vec<Mismatch>),
}

/// The first thing in a rule that does not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// No entry matches the origin.
    Origin,
    /// The origin matches, the method is not granted.
    Method,
    /// Origin and method match, this header is not allowed.
    Header(String),
}

/// The response headers, under the names of Fetch without `Access-Control-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The place in the policy of the rule that answers.
    pub rule: usize,
    /// `Allow-Origin`.
    pub allow_origin: Fact<String>,
    /// `Allow-Credentials`.
    pub allow_credentials: Fact<bool>,
    /// `Allow-Methods`: on S3 and GCS the rule's whole list, in its order.
    pub allow_methods: Fact<Vec<String>>,
    /// `Allow-Headers`: on S3 what was asked for, in lower case; empty if nothing was.
    pub allow_headers: Fact<Vec<String>>,
    /// `Expose-Headers`.
    pub expose_headers: Fact<Vec<String>>,
    /// `Max-Age`; none if the rule sets none.
    pub max_age: Fact<Option<i64>>,
}

/// Yes, no, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It certainly matches.
    Yes,
    /// It certainly does not.
    No,
    /// It depends on what nobody has written down, or on a value that is computed elsewhere.
    Unknown,
}

impl Match {
    fn certainly(yes: bool) -> Match {
        if yes { Match::Yes } else { Match::No }
    }
}

/// What the bucket answers to a request.
pub fn answer(policy: &Policy<'_>, request: &Request<'_>) -> Answer {
    let Some(origin) = request.origin else {
        return Answer::Refused(Refusal::NoOrigin);
    };
    let Some(method) = request.wanted_method() else {
        return Answer::Refused(Refusal::NoRequestMethod);
    };
    let asked = policy.rules.iter().map(|rule| {
        let matches = rule_matches(policy.provider, rule, origin, method, request);
        (rule, matches)
    });
    let allowed =
        |rule: &Rule<'_>| Answer::Allowed(response(policy.provider, rule, origin, request));
    let mut mismatches = Vec::new();
    match policy.provider {
        // The first rule that matches in everything; on GCS the first whose origin and method match,
        // whose headers then decide alone.
        Provider::S3 | Provider::Gcs => {
            for (rule, matches) in asked {
                match matches {
                    Ok(Match::Yes) => return allowed(rule),
                    Ok(_) => {
                        return Answer::Undecided {
                            rule: rule.index,
                            before: mismatches,
                        };
                    }
                    Err(mismatch) => {
                        let decides = policy.provider == Provider::Gcs
                            && matches!(mismatch, Mismatch::Header(_));
                        mismatches.push(mismatch);
                        if decides {
                            break;
                        }
                    }
                }
            }
        }
        // Which of several rules answers is not documented. Where only one could, it does.
        Provider::R2 | Provider::B2 => {
            let mut candidates = Vec::new();
            for (rule, matches) in asked {
                match matches {
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
                [(rule, _), ..] => {
                    return Answer::Undecided {
                        rule: rule.index,
                        before: Vec::new(),
                    };
                }
                [] => {}
            }
        }
    }
    Answer::Refused(Refusal::NoRule(mismatches))
}

/// Whether a rule matches; if not, what it is that does not. A thing that certainly does not match
/// counts before one that is unknown.
fn rule_matches(
    provider: Provider,
    rule: &Rule<'_>,
    origin: &str,
    method: &str,
    request: &Request<'_>,
) -> Result<Match, Mismatch> {
    let origin_match = any(&rule.origins, |pattern| {
        origin_matches(provider, pattern, origin)
    });
    if origin_match == Match::No {
        return Err(Mismatch::Origin);
    }
    let method_match = any(&rule.methods, |granted| {
        method_matches(provider, granted, method)
    });
    if method_match == Match::No {
        return Err(Mismatch::Method);
    }
    let certain = origin_match == Match::Yes && method_match == Match::Yes;
    let mut all = Match::Yes;
    for header in request.wanted_headers() {
        match any(&rule.allowed_headers, |pattern| {
            header_matches(provider, pattern, header)
        }) {
            // Where it is not sure that this rule is asked, GCS may ask the next.
            Match::No if provider == Provider::Gcs && !certain => return Ok(Match::Unknown),
            Match::No => return Err(Mismatch::Header(header.to_owned())),
            Match::Unknown => all = Match::Unknown,
            Match::Yes => {}
        }
    }
    Ok(if certain { all } else { Match::Unknown })
}

fn any(list: &Field<List<'_>>, matches: impl Fn(&str) -> Match) -> Match {
    let mut any = if list.is_known() {
        Match::No
    } else {
        Match::Unknown
    };
    for text in list.known() {
        match matches(text.value()) {
            Match::Yes => return Match::Yes,
            Match::Unknown => any = Match::Unknown,
            Match::No => {}
        }
    }
    any
}

fn response(provider: Provider, rule: &Rule<'_>, origin: &str, request: &Request<'_>) -> Response {
    let owned = |list: &Field<List<'_>>| -> Vec<String> {
        list.known().map(|text| text.value().to_owned()).collect()
    };
    let is_star = |item: &Item<'_>| matches!(item, Item::Known(known) if known.value() == "*");
    let mut items = rule
        .origins
        .get()
        .map_or(&[][..], |list| &list.items)
        .iter();
    let is_alone = items.all(is_star);
    // S3 answers the lone `*` as it is, without credentials. How a rule answers that has `*` beside
    // named origins is not recorded.
    let (allow_origin, allow_credentials) = match (rule.origins.has("*"), is_alone) {
        _ if provider != Provider::S3 => (Fact::Unknown, Fact::Unknown),
        (true, true) => (Fact::Known("*".to_owned()), Fact::Known(false)),
        (true, false) => (Fact::Unknown, Fact::Unknown),
        (false, _) => (Fact::Known(origin.to_owned()), Fact::Known(true)),
    };
    Response {
        rule: rule.index,
        allow_origin,
        allow_credentials,
        allow_methods: match provider {
            Provider::S3 | Provider::Gcs if rule.methods.is_known() => {
                Fact::Known(owned(&rule.methods))
            }
            _ => Fact::Unknown,
        },
        allow_headers: match request.wanted_headers().next() {
            Some(_) if provider != Provider::S3 => Fact::Unknown,
            _ => {
                let headers = request.wanted_headers();
                Fact::Known(headers.map(str::to_ascii_lowercase).collect())
            }
        },
        expose_headers: if rule.exposed_headers.is_known() {
            Fact::Known(owned(&rule.exposed_headers))
        } else {
            Fact::Unknown
        },
        max_age: match &rule.max_age {
            Field::Absent => Fact::Known(None),
            Field::Unknown(_) => Fact::Unknown,
            Field::Set(max_age) => Fact::Known(Some(max_age.seconds)),
        },
    }
}

/// Whether an entry matches an origin.
///
/// S3: as text, case and all; one `*` stands for any characters, none and dots included (recorded).
/// GCS: as text, and a lone `*`; whether another `*` stands for anything is not documented. R2 and B2:
/// one `*` in the host, of which it is not documented whether it passes a dot; B2's bare `https` is
/// any HTTPS origin. Whether these three compare case is not documented either.
pub fn origin_matches(provider: Provider, pattern: &str, origin: &str) -> Match {
    if pattern == "*" || pattern == origin {
        return Match::Yes;
    }
    match provider {
        Provider::S3 => Match::certainly(wildcard_matches(pattern, origin)),
        Provider::B2 if pattern == "https" => Match::certainly(origin.starts_with("https://")),
        Provider::R2 | Provider::B2 if passes_no_dot(pattern, origin) => Match::Yes,
        Provider::Gcs | Provider::R2 | Provider::B2 => {
            let (pattern, origin) = (pattern.to_ascii_lowercase(), origin.to_ascii_lowercase());
            if glob_matches(&pattern, &origin) {
                Match::Unknown
            } else {
                Match::No
            }
        }
    }
}

/// Whether a pattern matches with a `*` that stands for letters, digits and hyphens alone.
fn passes_no_dot(pattern: &str, origin: &str) -> bool {
    pattern.split_once('*').is_some_and(|(before, after)| {
        let rest = origin.strip_prefix(before);
        let middle = rest.and_then(|rest| rest.strip_suffix(after));
        middle.is_some_and(|middle| {
            !middle.is_empty()
                && middle
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
    })
}

/// Whether a text matches a pattern in which each `*` may stand for any characters.
fn glob_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a rule that grants `granted` grants the method of a request.
pub fn method_matches(provider: Provider, granted: &str, method: &str) -> Match {
    match provider {
        Provider::S3 | Provider::R2 => Match::certainly(granted == method),
        Provider::Gcs => Match::certainly(granted == "*" || granted == method),
        Provider::B2 => Match::certainly(b2_method(granted) == Some(method)),
    }
}

/// The method that a page sends for an operation of B2.
pub fn b2_method(operation: &str) -> Option<&'static str> {
    match operation {
        "s3_get" | "b2_download_file_by_name" | "b2_download_file_by_id" => Some("GET"),
        "s3_head" => Some("HEAD"),
        "s3_put" => Some("PUT"),
        "s3_post" | "b2_upload_file" | "b2_upload_part" => Some("POST"),
        "s3_delete" => Some("DELETE"),
        _ => None,
    }
}

/// Whether a method, as a rule grants it, changes objects.
pub fn writes(provider: Provider, method: &str) -> bool {
    match provider {
        Provider::S3 | Provider::R2 => matches!(method, "PUT" | "POST" | "DELETE"),
        Provider::Gcs => matches!(method, "PUT" | "POST" | "DELETE" | "PATCH" | "*"),
        Provider::B2 => matches!(b2_method(method), Some("PUT" | "POST" | "DELETE")),
    }
}

/// Whether an entry of the allowed headers matches a header, without regard to case. S3: one `*`
/// stands for any characters. R2: `*` alone. B2: `*` alone or at the end. What else a `*` does is not
/// documented; nor, for GCS, what it does at all.
pub fn header_matches(provider: Provider, pattern: &str, header: &str) -> Match {
    let (pattern, header) = (pattern.to_ascii_lowercase(), header.to_ascii_lowercase());
    let is_documented = match provider {
        Provider::S3 => true,
        Provider::Gcs => !pattern.contains('*'),
        Provider::R2 => pattern == "*" || !pattern.contains('*'),
        Provider::B2 => !pattern.trim_end_matches('*').contains('*'),
    };
    match wildcard_matches(&pattern, &header) {
        true if is_documented => Match::Yes,
        true => Match::Unknown,
        false => Match::No,
    }
}

/// What grants a method in a rule. `*` is GCS's; elsewhere the schema has refused it.
pub fn granted<'d>(rule: &Rule<'d>, method: &str) -> Option<Known<'d>> {
    let is_it = |granted: &Known<'_>| matches!(granted.value(), "*") || granted.value() == method;
    rule.methods.known().find(is_it)
}

/// Whether a rule grants every method that another grants.
pub fn grants_all(outer: &Rule<'_>, inner: &Rule<'_>) -> bool {
    let mut methods = inner.methods.known();
    methods.all(|method| granted(outer, method.value()).is_some())
}

/// Whether an entry stands for every website: `*`, or all of a scheme. None of GCS but the lone `*`:
/// what another does there is not documented.
pub fn is_open(provider: Provider, pattern: &str) -> bool {
    match provider {
        Provider::S3 => pattern.strip_suffix('*').is_some_and(|prefix| {
            !prefix.contains('*')
                && ("https://".starts_with(prefix) || "http://".starts_with(prefix))
        }),
        Provider::Gcs => pattern == "*",
        Provider::R2 => matches!(pattern, "*" | "https://*" | "http://*"),
        Provider::B2 => matches!(pattern, "*" | "https" | "https://*" | "http://*"),
    }
}

/// A pattern with one `*`, anchored at both ends. A second `*` is a character like any other: S3
/// refuses such an entry.
fn wildcard_matches(pattern: &str, text: &str) -> bool {
    match split(pattern) {
        None => pattern == text,
        Some((prefix, suffix)) => {
            text.len() >= prefix.len() + suffix.len()
                && text.starts_with(prefix)
                && text.ends_with(suffix)
        }
    }
}

/// What stands before and behind the first `*`.
fn split(pattern: &str) -> Option<(&str, &str)> {
    let star = memchr::memchr(b'*', pattern.as_bytes())?;
    Some((&pattern[..star], &pattern[star + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stands_for_any_characters() {
        let cases = [
            ("https://*.acme.io", "https://a.b.acme.io", true),
            ("https://*.acme.io", "https://.acme.io", true),
            ("https://*.acme.io", "https://acme.io", false),
            ("https://*.acme.io", "https://a.acme.io.evil.net", false),
            ("http://localhost:*", "http://localhost:3000", true),
            ("http://localhost:*", "http://localhost", false),
            ("start*end", "startend", true),
            ("aba*aba", "aba", false),
            ("https://acme.io", "https://Acme.io", false),
            ("", "", true),
        ];
        for (pattern, origin, matches) in cases {
            assert_eq!(
                origin_matches(Provider::S3, pattern, origin),
                Match::certainly(matches),
                "{pattern} {origin}"
            );
        }
    }

    #[test]
    fn what_is_not_documented_is_unknown() {
        use Match::{No, Unknown, Yes};
        let cases = [
            (Provider::Gcs, "*", "https://a.io", Yes),
            (Provider::Gcs, "https://a.io", "https://a.io", Yes),
            (Provider::Gcs, "https://A.io", "https://a.io", Unknown),
            (Provider::Gcs, "https://*.a.io", "https://b.a.io", Unknown),
            (Provider::Gcs, "https://*.a.*", "https://b.a.io", Unknown),
            (Provider::Gcs, "https://*.a.io", "https://b.io", No),
            (Provider::R2, "https://*.a.io", "https://b.a.io", Yes),
            (Provider::R2, "https://*.a.io", "https://c.b.a.io", Unknown),
            (Provider::R2, "https://*.a.io", "https://.a.io", Unknown),
            (Provider::R2, "https://pr-*.a.io", "https://pr-7.a.io", Yes),
            (Provider::B2, "https", "https://a.io:8443", Yes),
            (Provider::B2, "https", "http://a.io", No),
            (Provider::B2, "https://*:8443", "https://a.io:8443", Unknown),
            (Provider::B2, "https://*:8443", "https://a.io", No),
        ];
        for (provider, pattern, origin, wanted) in cases {
            let found = origin_matches(provider, pattern, origin);
            assert_eq!(found, wanted, "{provider} {pattern} {origin}");
        }
        assert_eq!(header_matches(Provider::Gcs, "*", "range"), Unknown);
        assert_eq!(header_matches(Provider::R2, "*", "Range"), Yes);
        assert_eq!(header_matches(Provider::R2, "x-*", "x-a"), Unknown);
        assert_eq!(header_matches(Provider::B2, "X-Bz-*", "x-bz-info"), Yes);
        assert_eq!(header_matches(Provider::B2, "*-x", "a-x"), Unknown);
    }

    #[test]
    fn many_stars_take_their_parts_in_order() {
        let cases = [
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*bb*b", "axbb", false),
            ("a*bb*b", "axbbb", true),
            ("*a*", "bab", true),
        ];
        for (pattern, text, matches) in cases {
            assert_eq!(glob_matches(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn operations_of_b2_have_the_methods_of_pages() {
        for (operation, method) in [
            ("s3_get", Some("GET")),
            ("s3_head", Some("HEAD")),
            ("s3_put", Some("PUT")),
            ("s3_post", Some("POST")),
            ("s3_delete", Some("DELETE")),
            ("b2_upload_part", Some("POST")),
            ("GET", None),
        ] {
            assert_eq!(b2_method(operation), method);
        }
    }

    #[test]
    fn a_preflight_that_names_no_method_asks_for_none() {
        let request = |method, request_method| Request {
            origin: Some("https://a.io"),
            method,
            request_method,
            request_headers: None,
        };
        assert_eq!(request("OPTIONS", None).wanted_method(), None);
        assert_eq!(request("OPTIONS", Some("PUT")).wanted_method(), Some("PUT"));
        assert_eq!(request("GET", None).wanted_method(), Some("GET"));
    }

    #[test]
    fn every_website_is_a_star_or_a_scheme() {
        for open in ["*", "https://*", "http://*", "http*", "https:*"] {
            assert!(is_open(Provider::S3, open), "{open}");
        }
        for named in ["https://*.io", "https://a*", "ftp*", "https://", "**"] {
            assert!(!is_open(Provider::S3, named), "{named}");
        }
    }
}

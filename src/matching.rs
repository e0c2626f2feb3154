//! What a provider answers to a browser's request, and why.
//!
//! Where a behaviour is not known, or a value is computed elsewhere, the answer says so; nothing is
//! concluded from it. Sources: AWS 'How CORS works' and recorded answers of S3.

use crate::policy::{Field, List, Policy, Provider, Rule};

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
    /// `Allow-Methods`: the rule's whole list, in its order.
    pub allow_methods: Vec<String>,
    /// `Allow-Headers`: what was asked for, in lower case; none if nothing was.
    pub allow_headers: Option<Vec<String>>,
    /// `Expose-Headers`.
    pub expose_headers: Fact<Vec<String>>,
    /// `Max-Age`; none if the rule sets none.
    pub max_age: Fact<Option<i64>>,
}

/// Yes, no, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    Unknown,
}

/// What the bucket answers to a request.
pub fn answer(policy: &Policy<'_>, request: &Request<'_>) -> Answer {
    let Some(origin) = request.origin else {
        return Answer::Refused(Refusal::NoOrigin);
    };
    let Some(method) = request.wanted_method() else {
        return Answer::Refused(Refusal::NoRequestMethod);
    };
    let mut mismatches = Vec::new();
    for rule in &policy.rules {
        match rule_matches(policy.provider, rule, origin, method, request) {
            Ok(Match::Yes) => {
                return Answer::Allowed(response(rule, origin, request));
            }
            Ok(_) => return Answer::Undecided { rule: rule.index },
            Err(mismatch) => mismatches.push(mismatch),
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
    let method_match = any(&rule.methods, |granted| granted == method);
    if method_match == Match::No {
        return Err(Mismatch::Method);
    }
    let mut all = Match::Yes;
    for header in request.wanted_headers() {
        match any(&rule.allowed_headers, |pattern| {
            header_matches(pattern, header)
        }) {
            Match::No => return Err(Mismatch::Header(header.to_owned())),
            Match::Unknown => all = Match::Unknown,
            Match::Yes => {}
        }
    }
    if origin_match == Match::Yes && method_match == Match::Yes {
        Ok(all)
    } else {
        Ok(Match::Unknown)
    }
}

fn any(list: &Field<List<'_>>, matches: impl Fn(&str) -> bool) -> Match {
    if list.known().any(|text| matches(text.value())) {
        Match::Yes
    } else if list.is_known() {
        Match::No
    } else {
        Match::Unknown
    }
}

fn response(rule: &Rule<'_>, origin: &str, request: &Request<'_>) -> Response {
    let owned = |list: &Field<List<'_>>| -> Vec<String> {
        list.known().map(|text| text.value().to_owned()).collect()
    };
    let entries = rule.origins.get().map_or(0, |list| list.items.len());
    // The lone `*` is answered as it is, without credentials. How a rule answers that has `*`
    // beside named origins is not recorded.
    let (allow_origin, allow_credentials) = match (rule.origins.has("*"), entries) {
        (true, 1) => (Fact::Known("*".to_owned()), Fact::Known(false)),
        (true, _) => (Fact::Unknown, Fact::Unknown),
        (false, _) => (Fact::Known(origin.to_owned()), Fact::Known(true)),
    };
    Response {
        rule: rule.index,
        allow_origin,
        allow_credentials,
        allow_methods: owned(&rule.methods),
        allow_headers: {
            let headers = request.wanted_headers();
            let headers: Vec<_> = headers.map(str::to_ascii_lowercase).collect();
            (!headers.is_empty()).then_some(headers)
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

/// Whether an entry matches an origin. S3: as text, case and all; one `*` stands for any characters,
/// none and dots included (recorded).
pub fn origin_matches(provider: Provider, pattern: &str, origin: &str) -> bool {
    match provider {
        Provider::S3 => wildcard_matches(pattern, origin),
    }
}

/// Whether an entry of the allowed headers matches a header: as an origin's, but without regard to
/// case.
pub fn header_matches(pattern: &str, header: &str) -> bool {
    wildcard_matches(&pattern.to_ascii_lowercase(), &header.to_ascii_lowercase())
}

/// Whether everything that `inner` matches is matched by `outer`.
pub fn origin_contains(provider: Provider, outer: &str, inner: &str) -> bool {
    match provider {
        Provider::S3 => wildcard_contains(outer, inner),
    }
}

/// Whether every header that `inner` matches is matched by `outer`.
pub fn header_contains(outer: &str, inner: &str) -> bool {
    wildcard_contains(&outer.to_ascii_lowercase(), &inner.to_ascii_lowercase())
}

/// Whether an entry stands for every website: `*`, or all of a scheme.
pub fn is_open(provider: Provider, pattern: &str) -> bool {
    match provider {
        Provider::S3 => pattern.strip_suffix('*').is_some_and(|prefix| {
            !prefix.contains('*')
                && ("https://".starts_with(prefix) || "http://".starts_with(prefix))
        }),
    }
}

/// A pattern with one `*`, anchored at both ends. A second `*` is a character like any other: S3
/// refuses such an entry.
fn wildcard_matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((prefix, suffix)) => {
            text.len() >= prefix.len() + suffix.len()
                && text.starts_with(prefix)
                && text.ends_with(suffix)
        }
    }
}

/// The texts of `c*d` all match `a*b` if and only if c begins with a and d ends with b: what the `*`
/// stands for may be empty or anything.
fn wildcard_contains(outer: &str, inner: &str) -> bool {
    let Some((prefix, suffix)) = inner.split_once('*') else {
        return wildcard_matches(outer, inner);
    };
    outer
        .split_once('*')
        .is_some_and(|(before, after)| prefix.starts_with(before) && suffix.ends_with(after))
}

/// The first earlier rule that decides every request that `rule` could decide; none where that is
/// not certain. With `method`, only the requests of that method count.
pub fn decided_by<'p, 'd>(
    policy: &'p Policy<'d>,
    rule: &Rule<'d>,
    method: Option<&str>,
) -> Option<&'p Rule<'d>> {
    let decides_something = rule.origins.known().next().is_some()
        && rule.methods.known().next().is_some()
        && rule.origins.is_known()
        && rule.methods.is_known()
        && rule.allowed_headers.is_known();
    if !decides_something {
        return None;
    }
    policy.rules[..rule.index]
        .iter()
        .find(|earlier| decides(policy.provider, earlier, rule, method))
}

fn decides(provider: Provider, earlier: &Rule<'_>, later: &Rule<'_>, method: Option<&str>) -> bool {
    let methods = match method {
        Some(method) => earlier.methods.has(method),
        None => later
            .methods
            .known()
            .all(|method| earlier.methods.has(method.value())),
    };
    methods
        && covers(&earlier.origins, &later.origins, |outer, inner| {
            origin_contains(provider, outer, inner)
        })
        && covers(
            &earlier.allowed_headers,
            &later.allowed_headers,
            header_contains,
        )
}

/// Whether each entry of `inner` is contained in one of `outer`.
fn covers(
    outer: &Field<List<'_>>,
    inner: &Field<List<'_>>,
    contains: impl Fn(&str, &str) -> bool,
) -> bool {
    inner.known().all(|inner| {
        outer
            .known()
            .any(|outer| contains(outer.value(), inner.value()))
    })
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
                matches,
                "{pattern} {origin}"
            );
        }
    }

    #[test]
    fn containment_is_of_all_that_matches() {
        let cases = [
            ("https://*.acme.io", "https://a.b.acme.io", true),
            ("https://*.acme.io", "https://*.b.acme.io", true),
            ("https://*.acme.io", "https://acme.io", false),
            ("https://*", "https://*.acme.io", true),
            ("*", "https://*", true),
            ("https://a.acme.io", "https://*.acme.io", false),
            ("ab*bc", "ab*c", false),
            ("aba*", "ab*", false),
        ];
        for (outer, inner, contains) in cases {
            assert_eq!(
                origin_contains(Provider::S3, outer, inner),
                contains,
                "{outer} {inner}"
            );
        }
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

//! How much the `*` of an origin matches.

use super::{OriginPattern, SuffixOwner, suffix_of};
use crate::provider::{Provider, Wildcard};

/// Unwanted origins that a `*` matches.
#[derive(Debug, PartialEq, Eq)]
pub enum Breadth<'a> {
    /// Every site of a scheme.
    Scheme,
    /// Every site below a suffix where anyone can register a name.
    Registry(&'a str),
    /// Every site below a suffix where anyone can get a name as a customer.
    SharedHosting(&'a str),
    /// Names that others can register. The value is an example origin that matches.
    Unanchored(String),
}

/// Returns what the `*` of an entry matches beyond the sites of one owner. `None` if the entry has no
/// `*`, matches only one owner's sites, or is a bare `*`, or if the effect of the `*` is undocumented.
pub fn breadth<'a>(provider: &Provider, entry: &OriginPattern<'a>) -> Option<Breadth<'a>> {
    let text = entry.text();
    if provider.wildcard == Wildcard::Undocumented || text == "*" || text.matches('*').count() != 1
    {
        return None;
    }
    let star = entry.star()?;
    if entry.scheme().is_none() {
        if provider.wildcard != Wildcard::AnyCharacters || !is_scheme_star(text) {
            return None;
        }
        if text.ends_with('*') {
            return Some(Breadth::Scheme);
        }
        // What is before the `*` belongs to the scheme, as in `https:*acme.io`.
        if star > 0 {
            return breadth(provider, &OriginPattern::parse(&text[star..]));
        }
    }
    if !entry.rest.is_empty() {
        return None;
    }
    let in_host = entry.host.contains(&star);
    if !in_host {
        // A `*` in the scheme or the port doesn't match other hosts.
        return None;
    }
    let before = &text[entry.host.start..star];
    let after = &text[star + 1..entry.host.end];
    if before.is_empty() && after.is_empty() {
        return Some(Breadth::Scheme);
    }
    // Browsers send origins in lower case, so upper-case letters never match.
    let has_upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    if entry.address().is_some() || !entry.is_http_family() || has_upper {
        return None;
    }
    let Some((label, domain)) = after.split_once('.') else {
        return unanchored(provider, entry, before, after);
    };
    match suffix_of(&domain.to_ascii_lowercase()) {
        SuffixOwner::Owned | SuffixOwner::Unknown => None,
        SuffixOwner::SharedHosting => Some(Breadth::SharedHosting(domain)),
        // After a dot, the `*` matches a whole label; otherwise, it completes a label that others can choose.
        SuffixOwner::Registry
            if label.is_empty() && (before.is_empty() || before.ends_with('.')) =>
        {
            Some(Breadth::Registry(domain))
        }
        SuffixOwner::Registry => {
            let scheme = scheme_of(entry);
            let port = &text[entry.host.end..];
            Some(Breadth::Unanchored(format!(
                "{scheme}://{before}evil{after}{port}"
            )))
        }
    }
}

/// Handles a `*` without a dot after it, where others can choose the rest of the name. If it is
/// undocumented whether the `*` matches dots, only a match of a whole top-level domain is certain.
fn unanchored<'a>(
    provider: &Provider,
    entry: &OriginPattern<'_>,
    before: &str,
    after: &str,
) -> Option<Breadth<'a>> {
    let scheme = scheme_of(entry);
    let port = &entry.text()[entry.host.end..];
    let dot = if before.ends_with('.') || before.is_empty() {
        ""
    } else {
        "."
    };
    let any_characters = provider.wildcard == Wildcard::AnyCharacters;
    let is_known = any_characters || before.ends_with('.') && after.is_empty();
    if !is_known {
        return None;
    }
    let theirs = match (any_characters, after) {
        (true, "") => format!("{scheme}://{before}{dot}evil.net{port}"),
        // A suffix without a dot: a name such as `*localhost`, or `*acme`.
        (true, _) => return None,
        _ => format!("{scheme}://{before}net{port}"),
    };
    Some(Breadth::Unanchored(theirs))
}

/// The scheme of an example that matches.
fn scheme_of<'e>(entry: &OriginPattern<'e>) -> &'e str {
    match entry.scheme() {
        Some(scheme) => scheme,
        // Browsers never send an https:// origin with this port.
        None if entry.port() == "443" => "http",
        None => "https",
    }
}

/// Returns true if the `*` replaces the scheme.
fn is_scheme_star(text: &str) -> bool {
    let before = text.split('*').next().unwrap_or_default();
    "https://".starts_with(before) || "http://".starts_with(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{GCS, Match, R2, S3};

    #[test]
    fn breadths() {
        let unanchored = |text: &str| Some(Breadth::Unanchored(text.to_owned()));
        let cases = [
            ("https://*", Some(Breadth::Scheme)),
            ("http*", Some(Breadth::Scheme)),
            ("https://*:8443", Some(Breadth::Scheme)),
            ("chrome-extension://*", Some(Breadth::Scheme)),
            ("https:*", Some(Breadth::Scheme)),
            ("https:/*", Some(Breadth::Scheme)),
            ("https:*acme.io", unanchored("https://evilacme.io")),
            ("http*acme.io", unanchored("https://evilacme.io")),
            ("*//acme.io", None),
            ("*/acme.io", None),
            ("https://*corp", None),
            ("https://app.*corp", None),
            ("https://*.com.", Some(Breadth::Registry("com."))),
            (
                "https://*.compute.amazonaws.com",
                Some(Breadth::SharedHosting("compute.amazonaws.com")),
            ),
            ("https://*.com", Some(Breadth::Registry("com"))),
            ("*.co.uk", Some(Breadth::Registry("co.uk"))),
            (
                "https://*.vercel.app",
                Some(Breadth::SharedHosting("vercel.app")),
            ),
            (
                "https://pr-*.vercel.app",
                Some(Breadth::SharedHosting("vercel.app")),
            ),
            ("*.github.io", Some(Breadth::SharedHosting("github.io"))),
            (
                "https://*example.com",
                unanchored("https://evilexample.com"),
            ),
            ("*acme.co.uk", unanchored("https://evilacme.co.uk")),
            ("https://example.*", unanchored("https://example.evil.net")),
            (
                "https://app.example.com*",
                unanchored("https://app.example.com.evil.net"),
            ),
            (
                "http://192.168.1.*",
                unanchored("http://192.168.1.evil.net"),
            ),
            ("https://pr-*.com", unanchored("https://pr-evil.com")),
            (
                "https://app.*acme.io",
                unanchored("https://app.evilacme.io"),
            ),
            ("https://*.acme.io", None),
            ("https://pr-*.acme.dev", None),
            ("https://*-shop.acme.dev", None),
            ("http://localhost:*", None),
            ("*://app.acme.io", None),
            ("http*://app.acme.io", None),
            ("*.acme.io", None),
            ("http://*.localhost", None),
            ("https://*.corp", None),
            ("https://a.io", None),
            ("*", None),
        ];
        for (text, wanted) in cases {
            let entry = OriginPattern::parse(text);
            let found = breadth(&S3, &entry);
            if let Some(Breadth::Unanchored(theirs)) = &found {
                assert_eq!((S3.origin_matches)(text, theirs), Match::Yes, "{text}");
            }
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(breadth(&GCS, &OriginPattern::parse("https://*.com")), None);
        assert_eq!(
            breadth(&R2, &OriginPattern::parse("https://app.example.com*")),
            None
        );
        assert_eq!(
            breadth(&R2, &OriginPattern::parse("https://app.*corp")),
            None
        );
        assert_eq!(breadth(&R2, &OriginPattern::parse("*.com")), None);
        assert_eq!(
            breadth(&R2, &OriginPattern::parse("https://example.*")),
            unanchored("https://example.net")
        );
    }
}

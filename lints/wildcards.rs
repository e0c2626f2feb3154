//! What the `*` of an origin lets in, for the two lints that judge it.

use crate::origin::{Entry, Suffix, suffix_of};
use crate::policy::Provider;

/// What a `*` stands for that its author can hardly want.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Breadth<'a> {
    /// Every site of a scheme.
    Scheme,
    /// Every site below a suffix where anybody can register a name.
    Registry(&'a str),
    /// Every site below a suffix where anybody can get a name as a customer.
    Hoster(&'a str),
    /// Names that others can register; with an origin of theirs that matches.
    Unanchored(String),
}

/// Judges an entry. None for one without a `*`, one whose `*` stays with one owner, and the words
/// that stand for every origin, which are `wildcard-origin`'s. Of GCS nothing is said: what another
/// `*` than the lone one does there is not documented.
pub(super) fn breadth<'a>(provider: Provider, entry: &Entry<'a>) -> Option<Breadth<'a>> {
    let text = entry.text();
    if provider == Provider::Gcs || text == "*" || text.matches('*').count() != 1 {
        return None;
    }
    let star = entry.star()?;
    if entry.scheme().is_none() {
        if provider != Provider::S3 || !is_scheme_star(text) {
            return None;
        }
        if text.ends_with('*') {
            return Some(Breadth::Scheme);
        }
        // What is before the `*` belongs to the scheme, as in `https:*acme.io`.
        if star > 0 {
            return breadth(provider, &Entry::parse(&text[star..]));
        }
    }
    if !entry.rest.is_empty() {
        return None;
    }
    let in_host = entry.host.contains(&star);
    if !in_host {
        // A `*` in the scheme or the port stays with the host.
        return None;
    }
    let before = &text[entry.host.start..star];
    let after = &text[star + 1..entry.host.end];
    if before.is_empty() && after.is_empty() {
        return Some(Breadth::Scheme);
    }
    if entry.address().is_some() || !entry.is_of_web() {
        return None;
    }
    let Some((label, domain)) = after.split_once('.') else {
        return unanchored(provider, entry, before, after);
    };
    match suffix_of(&domain.to_ascii_lowercase()) {
        Suffix::Owned | Suffix::Unknown => None,
        Suffix::Hoster => Some(Breadth::Hoster(domain)),
        // Right after a dot the `*` is a whole name; else it ends one that others can choose.
        Suffix::Registry if label.is_empty() && (before.is_empty() || before.ends_with('.')) => {
            Some(Breadth::Registry(domain))
        }
        Suffix::Registry => {
            let scheme = scheme_of(entry);
            let port = &text[entry.host.end..];
            Some(Breadth::Unanchored(format!(
                "{scheme}://{before}evil{after}{port}"
            )))
        }
    }
}

/// A `*` with no dot behind it: what follows it is up to others. On R2 and B2 it is not documented
/// whether it passes a dot; there only a whole top-level name is sure.
fn unanchored<'a>(
    provider: Provider,
    entry: &Entry<'_>,
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
    let is_known = provider == Provider::S3 || before.ends_with('.') && after.is_empty();
    if !is_known {
        return None;
    }
    let theirs = match (provider, after) {
        (Provider::S3, "") => format!("{scheme}://{before}{dot}evil.net{port}"),
        // A suffix without a dot: a name such as `*localhost`, or `*acme`.
        (Provider::S3, _) => return None,
        _ => format!("{scheme}://{before}net{port}"),
    };
    Some(Breadth::Unanchored(theirs))
}

/// The scheme of an example that matches. The only `*` is in the host.
fn scheme_of<'e>(entry: &Entry<'e>) -> &'e str {
    entry.scheme().unwrap_or("https")
}

/// Whether the `*` stands where the scheme is.
fn is_scheme_star(text: &str) -> bool {
    let before = text.split('*').next().unwrap_or_default();
    "https://".starts_with(before) || "http://".starts_with(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::{Match, origin_matches};

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
                Some(Breadth::Hoster("compute.amazonaws.com")),
            ),
            ("https://*.com", Some(Breadth::Registry("com"))),
            ("*.co.uk", Some(Breadth::Registry("co.uk"))),
            ("https://*.vercel.app", Some(Breadth::Hoster("vercel.app"))),
            (
                "https://pr-*.vercel.app",
                Some(Breadth::Hoster("vercel.app")),
            ),
            ("*.github.io", Some(Breadth::Hoster("github.io"))),
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
            let entry = Entry::parse(text);
            let found = breadth(Provider::S3, &entry);
            if let Some(Breadth::Unanchored(theirs)) = &found {
                assert_eq!(
                    origin_matches(Provider::S3, text, theirs),
                    Match::Yes,
                    "{text}"
                );
            }
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(breadth(Provider::Gcs, &Entry::parse("https://*.com")), None);
        assert_eq!(
            breadth(Provider::R2, &Entry::parse("https://app.example.com*")),
            None
        );
        assert_eq!(
            breadth(Provider::R2, &Entry::parse("https://app.*corp")),
            None
        );
        assert_eq!(breadth(Provider::R2, &Entry::parse("*.com")), None);
        assert_eq!(
            breadth(Provider::R2, &Entry::parse("https://example.*")),
            unanchored("https://example.net")
        );
    }
}

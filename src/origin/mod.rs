//! An entry of a list of origins, split into the parts of an origin as browsers send it:
//! `scheme://host[:port]` and nothing else (WHATWG HTML, 'serialization of an origin').
//!
//! An entry may be invalid and may contain a `*`. Each part keeps its byte range, so that a finding can
//! point to the part.

mod breadth;
mod computed;
mod local;
mod placeholder;
pub mod public_suffix;
mod sent;

pub use breadth::{Breadth, breadth};
pub use computed::ComputedOrigin;
pub use placeholder::{Placeholder, placeholder};
pub use sent::{why_never_matched, why_not_sent};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use public_suffix::{Section, public_suffix};

/// An entry and its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginPattern<'a> {
    text: &'a str,
    /// Where `://` starts; `None` if there is none.
    separator: Option<usize>,
    /// The user name and password with their `@`.
    pub user: Range<usize>,
    /// The host, including brackets.
    pub host: Range<usize>,
    /// The port, after its colon; empty if there is none.
    pub port: Range<usize>,
    /// What follows the host and the port: a path, a query, a fragment.
    pub rest: Range<usize>,
}

/// Who can get a subdomain of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuffixOwner {
    /// Anyone, from a registry: `com`, `co.uk`.
    Registry,
    /// Anyone, as a customer: `vercel.app`, `github.io` (the private part of the Public Suffix
    /// List).
    SharedHosting,
    /// Only its owner.
    Owned,
    /// No one on the internet: the top-level domain does not exist.
    Unknown,
}

impl<'a> OriginPattern<'a> {
    /// Splits an entry into its parts.
    pub fn parse(text: &'a str) -> OriginPattern<'a> {
        let bytes = text.as_bytes();
        let separator = bytes.windows(3).position(|three| three == b"://");
        let start = separator.map_or(0, |at| at + 3);
        let is_end = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
        let end = bytes[start..].iter().position(is_end);
        let end = end.map_or(text.len(), |at| start + at);
        let user_end = memchr::memrchr(b'@', &bytes[start..end]);
        let user_end = user_end.map_or(start, |at| start + at + 1);
        let after = &bytes[user_end..end];
        // In brackets a colon belongs to the address.
        let from = memchr::memchr(b']', after).unwrap_or(0);
        let colon = memchr::memrchr(b':', &after[from..]).map(|at| user_end + from + at);
        let host_end = colon.unwrap_or(end);
        OriginPattern {
            text,
            separator,
            user: start..user_end,
            host: user_end..host_end,
            port: colon.map_or(end..end, |at| at + 1..end),
            rest: end..text.len(),
        }
    }

    /// The whole entry.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The scheme; `None` if there is no `://`.
    pub fn scheme(&self) -> Option<&'a str> {
        self.separator.map(|at| &self.text[..at])
    }

    /// The range of the scheme.
    pub fn scheme_range(&self) -> Range<usize> {
        0..self.separator.unwrap_or(0)
    }

    /// The host.
    pub fn host(&self) -> &'a str {
        &self.text[self.host.clone()]
    }

    /// The port; empty if there is none.
    pub fn port(&self) -> &'a str {
        &self.text[self.port.clone()]
    }

    /// The first `*`.
    pub fn star(&self) -> Option<usize> {
        memchr::memchr(b'*', self.text.as_bytes())
    }

    /// Returns true if the scheme is `http` or `https`, or a pattern that matches one of them.
    pub fn is_http_family(&self) -> bool {
        let Some(scheme) = self.scheme() else {
            return self.text.starts_with('*');
        };
        let is_web = |scheme: &str| {
            ["http", "https"]
                .iter()
                .any(|web| scheme.eq_ignore_ascii_case(web))
        };
        is_web(scheme)
            || scheme
                .to_ascii_lowercase()
                .split_once('*')
                .is_some_and(|(before, after)| {
                    ["http", "https"].iter().any(|web| {
                        web.len() >= before.len() + after.len()
                            && web.starts_with(before)
                            && web.ends_with(after)
                    })
                })
    }

    /// Returns true if browsers could send an `http://` origin that matches: the scheme is `http`, or a `*`
    /// can match it.
    pub fn matches_plain_http(&self) -> bool {
        // Browsers omit the default port.
        if self.port() == "80" && self.star().is_some() {
            return false;
        }
        match self.scheme().map(str::to_ascii_lowercase) {
            Some(scheme) => match scheme.split_once('*') {
                None => scheme == "http",
                Some((before, after)) => {
                    "http".len() >= before.len() + after.len()
                        && "http".starts_with(before)
                        && "http".ends_with(after)
                }
            },
            None => self
                .text
                .split_once('*')
                .is_some_and(|(before, _)| "http://".starts_with(&before.to_ascii_lowercase())),
        }
    }

    /// Returns true for a bucket's website endpoint, which has no HTTPS (AWS, 'Website endpoints').
    pub fn is_s3_website(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        host.ends_with(".amazonaws.com")
            && (host.contains(".s3-website-") || host.contains(".s3-website."))
    }

    /// The IP address, if the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        let host = self.host();
        match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None if host.starts_with(|first: char| first.is_ascii_digit()) => {
                host.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
            }
            None => None,
        }
    }

    /// Returns true if browsers send the entry as it is: lower-case letters, digits, hyphens and dots,
    /// and a last label that is not a number.
    fn is_plain(&self) -> bool {
        let host = self.host();
        let is_small = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        let last = host.rsplit('.').next().unwrap_or_default();
        matches!(self.scheme(), Some("http" | "https"))
            && host.bytes().all(is_small)
            && last.starts_with(|c: char| c.is_ascii_lowercase())
            // Names in punycode are checked by the library.
            && !host.contains("xn--")
            && self.port.is_empty()
            && self.rest.is_empty()
            && self.user.is_empty()
    }

    /// Returns the entry as browsers send it, if it is an HTTP or HTTPS origin without a `*`; `None` for
    /// what can't be an origin.
    pub fn serialized(&self) -> Option<String> {
        if self.star().is_some() || !self.is_http_family() {
            return None;
        }
        if self.is_plain() {
            return Some(self.text.to_owned());
        }
        let url = url::Url::parse(self.text).ok()?;
        let origin = url.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// Returns true if a host is equal to `name` or is a subdomain of `name`.
pub fn is_subdomain_of(host: &str, name: &str) -> bool {
    host == name
        || host
            .strip_suffix(name)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// Returns who can get a subdomain of `domain`, which must be in lower case and not an IP address.
pub fn suffix_of(domain: &str) -> SuffixOwner {
    let domain = domain.trim_end_matches('.');
    let suffix = public_suffix(domain);
    match suffix.section {
        None => SuffixOwner::Unknown,
        Some(_) if suffix.text != domain => match suffix.is_all_below {
            true => SuffixOwner::SharedHosting,
            false => SuffixOwner::Owned,
        },
        Some(Section::Icann) => SuffixOwner::Registry,
        Some(Section::Private) => SuffixOwner::SharedHosting,
    }
}

/// Returns the registered part of a domain: `acme.co.uk` of `app.acme.co.uk`.
pub fn registrable(domain: &str) -> Option<&str> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let suffix = public_suffix(domain).text;
    let owned = domain.strip_suffix(suffix)?.strip_suffix('.')?;
    let start = owned.rfind('.').map_or(0, |dot| dot + 1);
    (!owned.is_empty()).then_some(&domain[start..])
}

/// Returns the host in ASCII (punycode), as browsers send it.
pub fn to_ascii(host: &str) -> Option<String> {
    match url::Host::parse(host).ok()? {
        url::Host::Domain(domain) => Some(domain),
        other => Some(other.to_string()),
    }
}

/// Returns true if a text is a host, perhaps with a port, and nothing else: not a mistyped scheme, as in
/// `https:/acme.io` and `https//acme.io`, and not a word such as `Null`.
pub fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'*');
    host.bytes().all(is_letter)
        && (host.contains('.') || host.eq_ignore_ascii_case("localhost"))
        && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_is_split_into_parts() {
        let cases = [
            ("https://app.acme.io", Some("https"), "app.acme.io", "", ""),
            (
                "https://app.acme.io:8443/x?y",
                Some("https"),
                "app.acme.io",
                "8443",
                "/x?y",
            ),
            ("http://localhost:*", Some("http"), "localhost", "*", ""),
            ("http://[::1]:80", Some("http"), "[::1]", "80", ""),
            ("*.acme.io", None, "*.acme.io", "", ""),
            ("localhost:3000", None, "localhost", "3000", ""),
            ("https://me:pw@acme.io/", Some("https"), "acme.io", "", "/"),
            ("", None, "", "", ""),
            ("https://", Some("https"), "", "", ""),
        ];
        for (text, scheme, host, port, rest) in cases {
            let entry = OriginPattern::parse(text);
            let found = (
                entry.scheme(),
                entry.host(),
                entry.port(),
                &text[entry.rest.clone()],
            );
            assert_eq!(found, (scheme, host, port, rest), "{text}");
        }
    }

    #[test]
    fn plain_http() {
        for text in [
            "http://a.io",
            "HTTP://a.io",
            "http*://a.io",
            "*://a.io",
            "*p://a.io",
            "*.a.io",
            "http*.a.io",
            "http://a.io:80",
        ] {
            assert!(OriginPattern::parse(text).matches_plain_http(), "{text}");
        }
        for text in [
            "https://a.io",
            "https*://a.io",
            "*s://a.io",
            "h*s://a.io",
            "http*s://a.io",
            "*.a.io:80",
            "*://a.io:80",
            "https:*a.io",
            "a.io",
        ] {
            assert!(!OriginPattern::parse(text).matches_plain_http(), "{text}");
        }
    }

    #[test]
    fn owners_of_suffixes() {
        let cases = [
            ("com", SuffixOwner::Registry),
            ("co.uk", SuffixOwner::Registry),
            ("vercel.app", SuffixOwner::SharedHosting),
            ("github.io", SuffixOwner::SharedHosting),
            ("s3.amazonaws.com", SuffixOwner::SharedHosting),
            ("acme.io", SuffixOwner::Owned),
            ("shop.vercel.app", SuffixOwner::Owned),
            ("corp", SuffixOwner::Unknown),
        ];
        for (domain, suffix) in cases {
            assert_eq!(suffix_of(domain), suffix, "{domain}");
        }
    }

    #[test]
    fn serialization_is_canonical() {
        let cases = [
            ("https://Acme.io:443", "https://acme.io"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[0:0:0:0:0:0:0:1]:80", "http://[::1]"),
            ("http://127.1:8080", "http://127.0.0.1:8080"),
        ];
        for (text, sent) in cases {
            assert_eq!(
                OriginPattern::parse(text).serialized().as_deref(),
                Some(sent)
            );
        }
        assert_eq!(OriginPattern::parse("https://a b").serialized(), None);
    }

    #[test]
    fn hosts_are_distinguished_from_other_words() {
        for host in [
            "acme.io",
            "localhost",
            "LOCALHOST:3000",
            "*.acme.io",
            "a-b.io:8443",
        ] {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "Null",
            "https:",
            "acme.io:",
            "acme.io:abc",
            "a_b.io",
            "localhost:x",
            "acme",
            "",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }
}

//! An entry of a list of origins, split into the parts of an origin as browsers send it:
//! `scheme://host[:port]` and nothing else (WHATWG HTML, 'serialization of an origin').
//!
//! An entry may be wrong, and may contain a `*`; every part keeps its range, so that a finding can point
//! at it.

mod breadth;

pub use breadth::{Breadth, breadth};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

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

/// Who can get a name below a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuffixOwner {
    /// Anyone, from a registry: `com`, `co.uk`.
    Registry,
    /// Anyone, as a customer: `vercel.app`, `github.io` (the private part of the Public Suffix
    /// List).
    SharedHosting,
    /// Only its owner.
    Owned,
    /// Nobody on the internet: the top-level domain does not exist.
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

    /// Returns true if `http://` origins match: the scheme is `http`, or a `*` may stand for it.
    pub fn is_plain_http(&self) -> bool {
        match self.scheme() {
            Some(scheme) => {
                scheme.eq_ignore_ascii_case("http") || self.is_http_family() && scheme.contains('*')
            }
            None => self.text.starts_with('*'),
        }
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

    /// Returns true for the host of a development origin: `localhost`, a loopback or private address,
    /// `*.local`, `*.test`.
    pub fn is_development(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        match self.address() {
            Some(IpAddr::V4(v4)) => {
                v4.is_loopback() || v4.is_private() || v4 == Ipv4Addr::UNSPECIFIED
            }
            Some(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local(),
            None => {
                host == "localhost"
                    || is_subdomain_of(&host, "local")
                    || is_subdomain_of(&host, "test")
            }
        }
    }

    /// Returns true if nobody on the network path can impersonate the host: that of a development
    /// origin, a link-local address, a name below `localhost`, or one without a dot.
    pub fn is_local(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        let is_link_local = match self.address() {
            Some(IpAddr::V4(v4)) => v4.is_link_local(),
            Some(IpAddr::V6(v6)) => v6.is_unicast_link_local(),
            None => false,
        };
        let has_no_dot = !host.contains(['.', ':', '*']);
        self.is_development() || is_link_local || is_subdomain_of(&host, "localhost") || has_no_dot
    }

    /// Returns true if browsers send the entry as it is: lower-case letters, digits, hyphens and dots,
    /// and a last label that is no number.
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

/// Returns true if a host is a name, or below it.
pub fn is_subdomain_of(host: &str, name: &str) -> bool {
    host == name
        || host
            .strip_suffix(name)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// Returns who can get a name below `domain`, which is in lower case and no IP address.
pub fn suffix_of(domain: &str) -> SuffixOwner {
    let domain = domain.trim_end_matches('.');
    let Some(suffix) = psl::suffix(domain.as_bytes()) else {
        return SuffixOwner::Unknown;
    };
    let is_all = suffix.as_bytes().len() == domain.len();
    match suffix.typ() {
        None => SuffixOwner::Unknown,
        // Each name below may be a suffix, as below compute.amazonaws.com.
        Some(_) if !is_all => {
            let below = format!("x.{domain}");
            match psl::suffix(below.as_bytes()) {
                Some(suffix) if suffix.as_bytes().len() == below.len() => {
                    SuffixOwner::SharedHosting
                }
                _ => SuffixOwner::Owned,
            }
        }
        Some(psl::Type::Icann) => SuffixOwner::Registry,
        Some(psl::Type::Private) => SuffixOwner::SharedHosting,
    }
}

/// Returns the registered part of a domain: `acme.co.uk` of `app.acme.co.uk`.
pub fn registrable(domain: &str) -> Option<&str> {
    let domain = psl::domain_str(domain)?;
    (!domain.is_empty()).then_some(domain)
}

/// Returns the host in ASCII, as browsers send a name in another script.
pub fn to_ascii(host: &str) -> Option<String> {
    match url::Host::parse(host).ok()? {
        url::Host::Domain(domain) => Some(domain),
        other => Some(other.to_string()),
    }
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
    fn development_and_local_hosts() {
        for text in [
            "http://localhost:3000",
            "http://127.0.0.2",
            "http://[::1]",
            "http://0.0.0.0:80",
            "http://a.local",
            "http://app.test",
            "http://192.168.1.5",
            "http://10.0.0.1:8080",
        ] {
            assert!(OriginPattern::parse(text).is_development(), "{text}");
        }
        for text in [
            "http://tauri.localhost",
            "http://169.254.1.1",
            "http://intranet",
            "http://[fe80::1]",
        ] {
            let entry = OriginPattern::parse(text);
            assert!(entry.is_local() && !entry.is_development(), "{text}");
        }
        for text in [
            "http://acme.io",
            "http://34.102.158.218",
            "http://*.acme.io",
            "http://contest",
        ] {
            assert!(!OriginPattern::parse(text).is_development(), "{text}");
        }
        assert!(!OriginPattern::parse("http://acme.io").is_local());
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
}

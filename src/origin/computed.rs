//! What the literal parts of an origin prove, whatever the computed parts are.

use std::ops::Range;

use super::{OriginPattern, SuffixOwner, is_subdomain_of, placeholder, suffix_of};
use crate::document::Template;

/// Domains whose subdomains contain the address that they resolve to, which may be a private one.
const ADDRESS_DOMAINS: &[&str] = &["nip.io", "sslip.io"];

/// An origin with computed parts, such as `https://${var.host}/`. All ranges are bytes of its text.
pub struct ComputedOrigin<'t> {
    template: &'t Template,
    /// The text with letters in place of the computed parts.
    filled: String,
}

impl<'t> ComputedOrigin<'t> {
    /// Reads an origin.
    pub fn new(template: &'t Template) -> ComputedOrigin<'t> {
        ComputedOrigin {
            template,
            filled: template.filled(),
        }
    }

    /// Returns the path, including a single slash at the end; `None` if there may be none.
    pub fn path(&self) -> Option<Range<usize>> {
        let pattern = OriginPattern::parse(&self.filled);
        let has_slash = self.filled[pattern.rest.clone()].starts_with('/');
        if !has_slash || pattern.host.is_empty() {
            return None;
        }
        // What is computed may contain `://`, but only before a literal slash.
        let is_after_all = pattern.rest.start >= self.last_hole().end;
        let has_one = !self.filled[pattern.rest.clone()].starts_with("//");
        (pattern.scheme().is_some() || is_after_all && has_one).then_some(pattern.rest)
    }

    /// Returns the scheme of a plain HTTP origin of a host that is certainly not local; `None` for all others.
    pub fn insecure_scheme(&self) -> Option<Range<usize>> {
        let pattern = OriginPattern::parse(&self.filled);
        let scheme = pattern.scheme().filter(|scheme| *scheme == "http")?;
        let tail = self.literal_tail(&pattern)?.to_ascii_lowercase();
        let domain = tail.trim_start_matches(['.', '-']);
        let is_public = !matches!(suffix_of(domain), SuffixOwner::Unknown);
        let may_be_local = pattern.is_local()
            || ADDRESS_DOMAINS
                .iter()
                .any(|name| is_subdomain_of(domain, name));
        let is_reported = is_public
            && !may_be_local
            && pattern.star().is_none()
            && placeholder(&pattern).is_none();
        is_reported.then_some(0..scheme.len())
    }

    /// Returns true for the website endpoint of a bucket.
    pub fn is_s3_website(&self) -> bool {
        OriginPattern::parse(&self.filled).is_s3_website()
    }

    /// Returns the literal parts of the scheme and the host that contain upper-case letters.
    pub fn uppercase(&self) -> Vec<Range<usize>> {
        let pattern = OriginPattern::parse(&self.filled);
        if !pattern.is_http_family() || placeholder(&pattern).is_some() {
            return Vec::new();
        }
        let parts = [pattern.scheme_range(), pattern.host.clone()];
        let literals = parts.into_iter().flat_map(|part| self.literals(part));
        let has_upper = |range: &Range<usize>| {
            let mut bytes = self.filled[range.clone()].bytes();
            bytes.any(|byte| byte.is_ascii_uppercase())
        };
        literals.filter(has_upper).collect()
    }

    /// Returns the first literal `*`, unless it may be all there is.
    pub fn star(&self) -> Option<usize> {
        let literals = self.literals(0..self.filled.len());
        let length: usize = literals.iter().map(Range::len).sum();
        memchr::memchr(b'*', self.filled.as_bytes()).filter(|_| length > 1)
    }

    fn last_hole(&self) -> &Range<usize> {
        let holes = self.template.holes();
        holes.last().expect("a template has a computed part")
    }

    /// Returns the end of the host after its last computed part; `None` if that part ends the host.
    fn literal_tail(&self, pattern: &OriginPattern<'_>) -> Option<&str> {
        let literals = self.literals(pattern.host.clone());
        let last = literals.last()?;
        (last.end == pattern.host.end).then(|| &self.filled[last.clone()])
    }

    /// Returns the parts of a range that are literal.
    fn literals(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut literals = Vec::new();
        let mut from = range.start;
        for hole in self.template.holes() {
            literals.push(from..hole.start.min(range.end));
            from = from.max(hole.end);
        }
        literals.push(from..range.end);
        literals.retain(|literal| literal.start < literal.end);
        literals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Text;
    use crate::source::Span;

    fn with<T>(text: &str, read: impl Fn(&ComputedOrigin<'_>) -> T) -> T {
        let span = Span::new(0, text.len());
        let template = Template::parse(&Text::plain(&text.into(), span, span));
        read(&ComputedOrigin::new(&template.expect(text)))
    }

    #[test]
    fn paths_are_certain() {
        for (text, path) in [
            ("https://${host}/", Some("/")),
            ("https://${host}/app", Some("/app")),
            ("https://acme.io/${stage}", Some("/${stage}")),
            ("https://${a}:${b}/", Some("/")),
            ("${url}/", Some("/")),
            ("${url}", None),
            ("${scheme}://acme.io", None),
            ("${a}/${b}", None),
            ("${scheme}//acme.io", None),
            ("https://${a}.${b}", None),
            ("https://${host}?x", None),
        ] {
            let found = with(text, |origin| {
                origin.path().map(|path| text[path].to_owned())
            });
            assert_eq!(found.as_deref(), path, "{text}");
        }
    }

    #[test]
    fn insecure_hosts_are_certain() {
        for (text, is_insecure) in [
            ("http://${sub}.acme.io", true),
            ("http://${sub}-acme.io", true),
            ("http://acme.io:${port}", true),
            ("http://${bucket}.s3-website-us-east-1.amazonaws.com", true),
            ("http://${host}", false),
            ("http://app.${domain}", false),
            ("http://acme.io${rest}", false),
            ("http://${sub}.local", false),
            ("http://${sub}.corp", false),
            ("http://${ip}.nip.io", false),
            ("http://localhost:${port}", false),
            ("http://${sub}.example.com", false),
            ("https://${sub}.acme.io", false),
            ("${scheme}://${sub}.acme.io", false),
        ] {
            let found = with(text, |origin| origin.insecure_scheme().is_some());
            assert_eq!(found, is_insecure, "{text}");
        }
    }

    #[test]
    fn only_literal_letters_count_as_upper_case() {
        for (text, parts) in [
            ("https://${Sub}.Acme.io", &[".Acme.io"][..]),
            ("HTTPS://App-${Stage}.acme.io", &["HTTPS", "App-"]),
            ("https://${Sub}.acme.io", &[]),
            ("app://${Sub}.Acme", &[]),
        ] {
            let found = with(text, |origin| {
                let parts = origin.uppercase().into_iter();
                parts.map(|part| text[part].to_owned()).collect::<Vec<_>>()
            });
            assert_eq!(found, parts, "{text}");
        }
    }
}

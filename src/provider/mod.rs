//! The behavior of storage services, one [`Provider`] value for each service. Lints and `matching` check
//! the capabilities of a provider, never its name.
//!
//! Undocumented behavior is marked as such, and lints draw no conclusions from it.

mod b2;
mod gcs;
mod pattern;
mod r2;
mod s3;

use std::fmt;

pub use b2::B2;
pub use gcs::GCS;
pub use pattern::{split_at_star, wildcard_matches};
pub use r2::R2;
pub use s3::S3;

/// The providers, in the order in which they are listed.
pub static PROVIDERS: &[&Provider] = &[&S3, &GCS, &R2, &B2];

/// A storage service.
pub struct Provider {
    /// Its name in messages.
    pub name: &'static str,
    /// Its name on the command line and in `corslint.toml`.
    pub id: &'static str,
    /// The methods that a rule can allow.
    pub methods: &'static [Method],
    /// The entry that means every method, if there is one.
    pub every_method: Option<&'static str>,
    /// The sets of methods that are complete, such as every method that the provider supports.
    pub method_sets: &'static [MethodSet],
    /// The methods that a rule for named origins usually needs, for help texts.
    pub narrow_methods: &'static str,
    /// Methods that the provider accepts in a rule although allowing them has no effect.
    pub ineffective_methods: &'static [IneffectiveMethod],
    /// Which of several matching rules decides a request.
    pub selection: Selection,
    /// What a `*` in an origin matches.
    pub wildcard: Wildcard,
    /// Whether an entry matches an origin.
    pub origin_matches: fn(&str, &str) -> Match,
    /// Whether an entry without `://` can match an origin.
    pub matches_without_scheme: fn(&str) -> bool,
    /// Whether an entry is open to every website: `*`, or every origin of a scheme.
    pub is_open: fn(&str) -> bool,
    /// The entry that matches every HTTPS origin, if there is a word for it.
    pub every_https_origin: Option<&'static str>,
    /// True if a scheme's default port in an entry is compared literally, so that it never matches.
    pub compares_default_port: bool,
    /// True if a `*` can match a port.
    pub allows_port_wildcard: bool,
    /// Whether an entry of the allowed headers matches a request header.
    pub header_matches: fn(&str, &str) -> Match,
    /// True if one list of headers is both allowed in requests and exposed to pages.
    pub shares_header_list: bool,
    /// What a response contains.
    pub response: ResponseFacts,
    /// What happens without a max age.
    pub default_max_age: DefaultMaxAge,
    /// What uploads need.
    pub uploads: Uploads,
    /// The headers that its clients know, to be offered while a policy is written.
    pub headers: KnownHeaders,
    /// What to list instead of the header `*`; `None` if its effect is undocumented.
    pub wildcard_header_help: Option<HeaderHelp>,
}

/// Headers of a service's API; a `*` matches the rest of a name.
#[derive(Debug, Clone, Copy)]
pub struct KnownHeaders {
    /// The headers of requests that pages send.
    pub request: &'static [&'static str],
    /// The headers of responses that pages read.
    pub response: &'static [&'static str],
}

/// What to list instead of the header `*`.
#[derive(Debug, Clone, Copy)]
pub struct HeaderHelp {
    /// Help for a rule that allows only reads.
    pub reading: &'static str,
    /// Help for a rule that allows uploads.
    pub uploading: &'static str,
}

/// A method that a rule can allow.
#[derive(Debug)]
pub struct Method {
    /// How a rule spells it.
    pub name: &'static str,
    /// The HTTP method that a page uses for it; `None` if it stands for all of them.
    pub http: Option<&'static str>,
    /// True if it changes objects.
    pub writes: bool,
    /// True if it uploads an object, so that pages send headers of their own with it.
    pub uploads: bool,
    /// The request headers without which it always fails.
    pub needs_headers: &'static [&'static str],
}

/// A set of methods that together are all of one kind.
#[derive(Debug)]
pub struct MethodSet {
    /// What it is, as in "this rule allows every method that S3 supports".
    pub description: &'static str,
    /// The methods, as a rule spells them.
    pub methods: &'static [&'static str],
}

/// A method that is accepted but has no effect.
#[derive(Debug)]
pub struct IneffectiveMethod {
    /// The method.
    pub name: &'static str,
    /// Why it has no effect.
    pub reason: &'static str,
}

/// Which of several matching rules decides a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// The first rule whose origin, method and headers match.
    FirstMatch,
    /// The first rule whose origin and method match; its headers alone then decide.
    FirstOriginAndMethod,
    /// Undocumented.
    Undocumented,
}

/// What a `*` in an origin matches, apart from the bare `*`, which matches every origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wildcard {
    /// Any characters anywhere, including dots and the empty string.
    AnyCharacters,
    /// Characters of the host; whether dots are included is undocumented.
    InHost,
    /// Undocumented.
    Undocumented,
}

/// What is documented about a response.
#[derive(Debug, Clone, Copy)]
pub struct ResponseFacts {
    /// True if the response is known to name the origin and to allow credentials, except for a bare
    /// `*`.
    pub echoes_origin: bool,
    /// True if the response lists all methods of the rule.
    pub lists_methods: bool,
    /// True if the response lists the requested headers.
    pub echoes_headers: bool,
}

/// For how long browsers cache a preflight if a rule sets no max age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultMaxAge {
    /// For this number of seconds.
    Seconds(u32),
    /// Undocumented: the browser's default, as far as is known.
    Browser,
    /// The provider rejects such a rule.
    Required,
}

/// What uploads from a page need.
#[derive(Debug, Clone, Copy)]
pub struct Uploads {
    /// Which request headers to add to a rule that allows none.
    pub help: &'static str,
    /// The method of multipart uploads, for which pages read the header `ETag`.
    pub multipart: Option<&'static str>,
}

/// Yes, no, or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Match {
    /// It certainly matches.
    Yes,
    /// It certainly doesn't.
    No,
    /// It depends on something undocumented, or on an unknown value.
    Unknown,
}

impl Match {
    /// `Yes` or `No`.
    pub fn certain(matches: bool) -> Match {
        if matches { Match::Yes } else { Match::No }
    }
}

impl Provider {
    /// Returns the provider with that name on the command line.
    pub fn by_id(id: &str) -> Option<&'static Provider> {
        PROVIDERS.iter().copied().find(|provider| provider.id == id)
    }

    /// Returns the provider's description of a method of a rule; `None` if the method is unsupported.
    pub fn method(&self, name: &str) -> Option<&'static Method> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// Returns the HTTP method that a page uses for a method of a rule. An unknown name is treated as
    /// an HTTP method if the provider's rules contain HTTP methods.
    pub fn http_method<'m>(&self, name: &'m str) -> Option<&'m str> {
        match self.method(name) {
            Some(method) => method.http,
            None if self.method("GET").is_some() => Some(name),
            None => None,
        }
    }

    /// Returns true if a rule that allows `allowed` allows the method of a request: an HTTP method, or the
    /// name of one of the provider's operations.
    pub fn allows_method(&self, allowed: &str, method: &str) -> bool {
        allowed == method
            || Some(allowed) == self.every_method
            || self.http_method(allowed) == Some(method)
    }

    /// Returns true if a method of a rule changes objects.
    pub fn writes(&self, name: &str) -> bool {
        self.method(name).is_some_and(|method| method.writes)
    }

    /// Returns true if a method of a rule uploads objects.
    pub fn uploads(&self, name: &str) -> bool {
        self.method(name).is_some_and(|method| method.uploads)
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Provider) -> bool {
        self.id == other.id
    }
}

impl Eq for Provider {}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A method that reads.
const fn read(name: &'static str, http: &'static str) -> Method {
    Method {
        name,
        http: Some(http),
        writes: false,
        uploads: false,
        needs_headers: &[],
    }
}

/// A method that changes objects without sending a body whose content type matters.
const fn write(name: &'static str, http: &'static str) -> Method {
    Method {
        name,
        http: Some(http),
        writes: true,
        uploads: false,
        needs_headers: &[],
    }
}

/// A method that sends an object.
const fn upload(name: &'static str, http: &'static str) -> Method {
    Method {
        name,
        http: Some(http),
        writes: true,
        uploads: true,
        needs_headers: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_methods_are_known() {
        for (index, provider) in PROVIDERS.iter().enumerate() {
            assert!(!PROVIDERS[..index].contains(provider), "{provider}");
            for set in provider.method_sets {
                for method in set.methods {
                    assert!(provider.method(method).is_some(), "{provider} {method}");
                }
            }
        }
    }
}

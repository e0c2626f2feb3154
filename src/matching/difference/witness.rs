//! Requests that show a difference, as a browser could send them.

use super::side::{Atom, Side, instance};
use super::{Origin, Witness};
use crate::matching::header_match;
use crate::origin::why_not_sent;
use crate::provider::{Match, split_at_star};

/// Origins of any website, in the order in which they are tried.
const WEBSITES: &[&str] = &[
    "https://a.example",
    "http://a.example",
    "https://b.example",
    "null",
    "capacitor://localhost",
];
/// Texts in place of a `*` in a host, in the order in which they are tried.
const TEXTS: &[&str] = &["a", "b", "s", "a.b", "", "x"];
/// Texts in place of a `*` that covers the scheme, or a part of it.
const SCHEMES: &[&str] = &[
    "https://a",
    "https://a.example",
    "https",
    "s",
    "s://a.example",
    "://a.example",
    "//a.example",
    "a",
    "",
];
/// Ports in place of a `*`.
const PORTS: &[&str] = &["3000", "1"];

/// Returns a request for an origin and headers for which `is_shown` returns true, with an origin that browsers send if
/// there is one. The instances of the patterns, which have `generic` in place of a `*`, are tried last.
pub(super) fn witness(
    atom: &Atom,
    method: &str,
    (headers, generic): (&[String], &str),
    is_shown: &dyn Fn(&Witness) -> bool,
) -> Witness {
    let origins: Vec<String> = match &atom.origin {
        Origin::Any => WEBSITES.iter().map(|it| (*it).to_owned()).collect(),
        // The word for every origin of a scheme.
        Origin::Pattern(pattern) if pattern == "https" => vec!["https://a.example".to_owned()],
        Origin::Pattern(pattern) => texts(pattern).collect(),
        Origin::Computed => vec!["https://a.example".to_owned()],
    };
    let instances = || -> Vec<String> {
        let headers = headers.iter();
        headers.map(|header| instance(header, generic)).collect()
    };
    let simple = || -> Vec<String> {
        let headers = headers.iter();
        let simple = headers.map(|header| match split_at_star(header) {
            Some(("", "")) => "x-a".to_owned(),
            Some((before, after)) => format!("{before}a{after}"),
            None => header.clone(),
        });
        simple.collect()
    };
    let with = |origin: String, headers: Vec<String>| Witness {
        origin,
        method: method.to_owned(),
        headers,
    };
    let (sent, others): (Vec<_>, Vec<_>) = origins
        .into_iter()
        .partition(|origin| why_not_sent(origin).is_none());
    let mut tried = sent
        .iter()
        .chain(&others)
        .flat_map(|origin| [simple(), instances()].map(|headers| with(origin.clone(), headers)));
    let last = with(atom.instance.clone(), instances());
    tried.find(|it| is_shown(it)).unwrap_or(last)
}

/// Returns texts that a pattern matches.
fn texts(pattern: &str) -> Box<dyn Iterator<Item = String> + '_> {
    match split_at_star(pattern) {
        Some((before, after)) => {
            let is_port = before.ends_with(':') && after.is_empty();
            let texts = match before.contains("://") {
                true if is_port => PORTS,
                true => TEXTS,
                false => SCHEMES,
            };
            Box::new(
                texts
                    .iter()
                    .map(move |text| format!("{before}{text}{after}")),
            )
        }
        None => Box::new(std::iter::once(pattern.to_owned())),
    }
}

impl Side<'_> {
    /// Whether the policy allows a request.
    pub(super) fn allows(&self, request: &Witness) -> Match {
        let atom = Atom {
            origin: Origin::Pattern(request.origin.clone()),
            instance: request.origin.clone(),
            is_combination: false,
        };
        let candidates = self.candidates(&self.matching(&atom), &request.method);
        self.decide(&candidates, &|rule| self.allows_headers(rule, request))
    }

    /// Whether a rule allows the headers of a request.
    pub(super) fn allows_headers(&self, rule: usize, request: &Witness) -> Match {
        let provider = self.policy.provider();
        let mut all = Match::Yes;
        for header in &request.headers {
            match header_match(provider, &self.policy.rules[rule], header) {
                Match::No => return Match::No,
                Match::Unknown => all = Match::Unknown,
                Match::Yes => {}
            }
        }
        all
    }
}

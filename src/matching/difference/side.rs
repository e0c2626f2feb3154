//! One of the two policies, and what it decides for instances of patterns.

use std::collections::{BTreeSet, HashMap};

use super::headers::{AllowedHeaders, HeaderSet};
use super::{Origin, is_ordered};
use crate::matching::WildcardIndex;
use crate::policy::{Entry, Known, List, Policy};
use crate::provider::{Match, Selection, Wildcard, split_at_star};

/// Returns a text that appears in no entry of two policies, to be put in place of a `*`.
pub(super) fn generic(old: &Policy, new: &Policy) -> String {
    let rules = old.rules.iter().chain(&new.rules);
    let lists = rules.flat_map(|rule| rule.lists());
    let entries = lists.flat_map(|(_, list)| list.entries().map(Entry::value));
    let entries: Vec<String> = entries.map(str::to_ascii_lowercase).collect();
    let mut generic = "corslint0generic".to_owned();
    while entries.iter().any(|entry| entry.contains(&generic)) {
        generic.push('0');
    }
    generic
}

/// A pattern of origins, and an instance that no pattern matches except those that contain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    pub(super) origin: Origin,
    pub(super) instance: String,
    /// True if no rule has this pattern: it is what several patterns match. Whether it is allowed follows from those
    /// patterns, but not which rule responds.
    pub(super) is_combination: bool,
}

/// The number of combinations of patterns up to which all are compared.
const MAX_COMBINATIONS: usize = 50_000;

/// Returns the patterns of all origins of two policies, each once.
pub(super) fn atoms(old: &Policy, new: &Policy, generic: &str) -> Vec<Atom> {
    let https = [old, new].map(|policy| policy.provider().every_https_origin);
    let rules = || old.rules.iter().chain(&new.rules);
    let patterns = rules().flat_map(|rule| rule.origins.entries());
    let patterns: BTreeSet<&str> = patterns.map(Entry::value).collect();
    let mut atoms: Vec<_> = patterns
        .iter()
        .copied()
        .map(|pattern| Atom {
            origin: match pattern {
                "*" => Origin::Any,
                pattern => Origin::Pattern(pattern.to_owned()),
            },
            instance: match https.contains(&Some(pattern)) {
                true => format!("https://{generic}.example"),
                false => instance(pattern, generic),
            },
            is_combination: false,
        })
        .collect();
    let known: BTreeSet<&str> = patterns.iter().copied().collect();
    atoms.extend(combinations(&known, generic));
    if rules().any(|rule| !rule.origins.is_complete()) {
        atoms.push(Atom {
            origin: Origin::Computed,
            instance: format!("https://{generic}.example"),
            is_combination: false,
        });
    }
    atoms
}

/// Returns what several patterns match. An origin starts as some of them do, and ends as some of them do; the longest
/// start and the longest end tell which patterns match it.
fn combinations(patterns: &BTreeSet<&str>, generic: &str) -> Vec<Atom> {
    let parts = patterns.iter().filter_map(|pattern| split_at_star(pattern));
    let (starts, ends): (BTreeSet<_>, BTreeSet<_>) = parts.unzip();
    if starts.len() * ends.len() > MAX_COMBINATIONS {
        return Vec::new();
    }
    let mut combinations: BTreeSet<String> = BTreeSet::new();
    for start in starts {
        for end in &ends {
            combinations.insert(format!("{start}*{end}"));
            // The start and the end may overlap.
            let overlaps = (1..end.len()).filter(|length| end.is_char_boundary(*length));
            let overlaps = overlaps.filter(|length| start.ends_with(&end[..*length]));
            combinations.extend(overlaps.map(|length| format!("{start}{}", &end[length..])));
        }
    }
    combinations.retain(|combination| !patterns.contains(&**combination));
    let combinations = combinations.into_iter();
    combinations
        .map(|combination| Atom {
            instance: instance(&combination, generic),
            origin: Origin::Pattern(combination),
            is_combination: true,
        })
        .collect()
}

/// Returns a text that a pattern matches, with a text in place of its `*` that appears nowhere else.
pub(super) fn instance(pattern: &str, generic: &str) -> String {
    match split_at_star(pattern) {
        Some((before, after)) => format!("{before}{generic}{after}"),
        None => pattern.to_owned(),
    }
}

/// Returns the methods that requests may have, as far as the policies can tell them apart.
pub(super) fn methods(old: &Policy, new: &Policy) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let has_http = |policy: &Policy| policy.provider().method("GET").is_some();
    // Operations are compared as such only if both policies have them.
    let as_http = has_http(old) || has_http(new);
    for policy in [old, new] {
        let provider = policy.provider();
        let all = || provider.methods.iter().map(|method| method.name);
        for rule in &policy.rules {
            let listed = rule.methods.entries().map(Entry::value);
            let is_all = |name: &str| Some(name) == provider.every_method;
            let listed: Vec<&str> = match listed.clone().any(is_all) || !rule.methods.is_complete()
            {
                true => all().chain(listed).filter(|name| !is_all(name)).collect(),
                false => listed.collect(),
            };
            for name in listed {
                let method = match as_http {
                    true => provider.http_method(name),
                    false => Some(name),
                };
                if let Some(method) = method.filter(|it| !found.iter().any(|known| known == it)) {
                    found.push(method.to_owned());
                }
            }
        }
    }
    const ORDER: &[&str] = &["GET", "HEAD", "PUT", "POST", "DELETE"];
    let place = |method: &String| ORDER.iter().position(|known| known == method);
    found.sort_by_key(|method| (place(method).unwrap_or(ORDER.len()), method.clone()));
    found
}

/// A rule that may match an origin and a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) rule: usize,
    /// Whether it matches.
    pub(super) matches: Match,
}

/// The number of rules for one request whose responses are compared. No provider accepts more rules.
const MAX_DECIDERS: usize = 100;

/// A rule that may respond.
pub(super) struct Decider {
    pub(super) rule: usize,
    /// The rules that respond instead if they allow all headers.
    pub(super) earlier: Vec<usize>,
    pub(super) is_certain: bool,
}

/// One of the policies.
pub(super) struct Side<'p> {
    pub(super) policy: &'p Policy,
    /// The rules that list an origin.
    listed: HashMap<&'p str, Vec<usize>>,
    /// The patterns with a `*`, and their rules.
    patterns: WildcardIndex<'p>,
    /// The rules whose origins are not all known.
    incomplete: Vec<usize>,
    /// The headers that each rule allows.
    headers: Vec<AllowedHeaders>,
}

impl<'p> Side<'p> {
    pub(super) fn new(policy: &'p Policy, headers: &[String], generic: &str) -> Side<'p> {
        let mut listed: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut patterns = Vec::new();
        for rule in &policy.rules {
            for origin in rule.origins.entries() {
                listed.entry(origin.value()).or_default().push(rule.index);
                patterns.push((rule.index, origin.value()));
            }
        }
        let incomplete = policy
            .rules
            .iter()
            .filter(|rule| !rule.origins.is_complete());
        Side {
            policy,
            listed,
            patterns: WildcardIndex::new(patterns.into_iter()),
            incomplete: incomplete.map(|rule| rule.index).collect(),
            headers: policy
                .rules
                .iter()
                .map(|rule| AllowedHeaders::new(policy, rule, headers, generic))
                .collect(),
        }
    }

    /// Returns the rules that match an origin, or may match it.
    pub(super) fn matching(&self, atom: &Atom) -> Vec<(usize, Match)> {
        let provider = self.policy.provider();
        // The effect of another provider's patterns depends on the text.
        if provider.wildcard != Wildcard::AnyCharacters {
            let rules = self.policy.rules.iter();
            let matching = rules.map(|rule| {
                let matches = any(&rule.origins, &|entry| {
                    (provider.origin_matches)(entry, &atom.instance)
                });
                (rule.index, matches)
            });
            return matching
                .filter(|(_, matches)| *matches != Match::No)
                .collect();
        }
        let mut certain: BTreeSet<usize> = self.patterns.matching(&atom.instance).collect();
        certain.extend(self.listed.get(&*atom.instance).into_iter().flatten());
        let unknown = self
            .incomplete
            .iter()
            .filter(|rule| !certain.contains(rule));
        let unknown = unknown.map(|rule| (*rule, Match::Unknown));
        let mut all: Vec<_> = certain
            .iter()
            .map(|rule| (*rule, Match::Yes))
            .chain(unknown)
            .collect();
        all.sort_unstable_by_key(|(rule, _)| *rule);
        all
    }

    /// Returns the rules that may decide a request with a method.
    pub(super) fn candidates(&self, matching: &[(usize, Match)], method: &str) -> Vec<Candidate> {
        let provider = self.policy.provider();
        let mut candidates = Vec::new();
        for (rule, origin) in matching {
            let allowed = any(&self.policy.rules[*rule].methods, &|entry| {
                Match::certain(provider.allows_method(entry, method))
            });
            let matches = match (origin, allowed) {
                (_, Match::No) => continue,
                (Match::Yes, Match::Yes) => Match::Yes,
                _ => Match::Unknown,
            };
            candidates.push(Candidate {
                rule: *rule,
                matches,
            });
            // Here the headers don't matter for which rule decides.
            if self.policy.selection() == Selection::FirstOriginAndMethod && matches == Match::Yes {
                break;
            }
        }
        candidates
    }

    /// The headers that a rule allows.
    pub(super) fn allowed(&self, rule: usize) -> &AllowedHeaders {
        &self.headers[rule]
    }

    /// Returns true if it is known what a rule allows.
    pub(super) fn is_certain(&self, candidate: &Candidate) -> bool {
        let rule = &self.policy.rules[candidate.rule];
        candidate.matches == Match::Yes && rule.allowed_headers.is_complete()
    }

    /// Whether a request is allowed that these rules may decide. `allows` returns whether a rule allows its headers.
    pub(super) fn decide(
        &self,
        candidates: &[Candidate],
        allows: &dyn Fn(usize) -> Match,
    ) -> Match {
        let results = candidates.iter().map(|it| (it.matches, allows(it.rule)));
        let results: Vec<(Match, Match)> = results.collect();
        let is_no = |(_, headers): &(Match, Match)| *headers == Match::No;
        let is_yes = |it: &(Match, Match)| *it == (Match::Yes, Match::Yes);
        match self.policy.provider().selection {
            _ if results.iter().all(is_no) => Match::No,
            // Any rule that matches allows the request, whichever is the first.
            Selection::FirstMatch if results.iter().any(is_yes) => Match::Yes,
            Selection::FirstMatch => Match::Unknown,
            // One of the rules decides; without their order, it is unknown which.
            Selection::FirstOriginAndMethod | Selection::Undocumented => {
                let is_one_certain = results.iter().any(|(matches, _)| *matches == Match::Yes);
                match is_one_certain && results.iter().all(|(_, headers)| *headers == Match::Yes) {
                    true => Match::Yes,
                    false => Match::Unknown,
                }
            }
        }
    }

    /// Whether a request with these headers is allowed.
    pub(super) fn allows_with(&self, candidates: &[Candidate], headers: &HeaderSet) -> Match {
        self.decide(candidates, &|rule| self.headers[rule].allow(headers))
    }

    /// Returns the rules that may respond to a request.
    pub(super) fn deciding(&self, candidates: &[Candidate]) -> Vec<Decider> {
        let is_only = candidates.len() == 1;
        let is_ordered = is_ordered(self.policy);
        let mut earlier: Vec<usize> = Vec::new();
        let mut is_certain = is_only || is_ordered;
        let mut deciders = Vec::new();
        for candidate in candidates {
            is_certain &= candidate.matches == Match::Yes;
            // An earlier rule responds to all that this one allows.
            let allowed = self.headers[candidate.rule].possible();
            let is_shadowed = |rule: &usize| self.headers[*rule].allow(allowed) == Match::Yes;
            if earlier.iter().any(is_shadowed) {
                continue;
            }
            if deciders.len() == MAX_DECIDERS {
                break;
            }
            deciders.push(Decider {
                rule: candidate.rule,
                earlier: earlier.clone(),
                is_certain,
            });
            if is_ordered && candidate.matches == Match::Yes {
                earlier.push(candidate.rule);
            }
        }
        deciders
    }
}

/// Whether any entry of a list matches.
pub(super) fn any(list: &Known<List>, matches: &dyn Fn(&str) -> Match) -> Match {
    super::super::any(list, matches)
}

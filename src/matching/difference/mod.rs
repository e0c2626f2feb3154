//! The difference between two policies: the requests that only one of them allows, and those that both allow with
//! another response.
//!
//! Each pattern of an origin, and each of a header, is represented by an instance in which the `*` is a text that
//! appears nowhere else. Another pattern matches the instance if and only if it contains the whole pattern, so that
//! the instances of all patterns tell all requests apart that the policies can tell apart. This is exact where the
//! provider documents its rules; elsewhere a difference may be one, and says so.

mod group;
mod side;
mod witness;

use std::collections::{BTreeMap, HashMap};

use super::{Fact, Request, response};
use crate::policy::{Known, Policy};
use crate::provider::{Match, Selection};
use crate::source::Span;
use side::{Candidate, Side, atoms, header_patterns, methods};

/// How two policies differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// What only the new policy allows, the widest origins first.
    pub newly_allowed: Vec<Access>,
    /// What only the old policy allows.
    pub no_longer_allowed: Vec<Access>,
    /// What differs in the responses to requests that both allow.
    pub changed: Vec<Change>,
}

/// Requests that one of the policies allows and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The patterns of the origins.
    pub origins: Vec<Origin>,
    /// The methods of the requests.
    pub methods: Vec<String>,
    /// The headers of the requests.
    pub headers: Headers,
    /// False if it depends on what can't be determined.
    pub is_certain: bool,
    /// One of the requests.
    pub witness: Witness,
    /// The rule that allows the first of the origins, and where its policy says so.
    pub place: Place,
}

/// An origin of a difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Every origin.
    Any,
    /// The origins that match a pattern.
    Pattern(String),
    /// Origins that a tool computes.
    Computed,
}

/// The headers of the requests of a difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Headers {
    /// Whatever headers the rule allows, or none.
    Any,
    /// At least one header that matches one of these patterns.
    One(Vec<String>),
    /// Several headers that match these patterns, each of which may be sent without the others.
    Together(Vec<String>),
}

/// A rule, and the text in its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The index of the rule.
    pub rule: usize,
    /// The text.
    pub span: Span,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its origin.
    pub origin: String,
    /// Its method.
    pub method: String,
    /// Its headers, in lower case.
    pub headers: Vec<String>,
}

/// A difference of the responses to requests that both policies allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The patterns of the origins.
    pub origins: Vec<Origin>,
    /// The methods of the requests.
    pub methods: Vec<String>,
    /// What differs.
    pub what: Changed,
    /// False if it depends on what can't be determined.
    pub is_certain: bool,
    /// One of the requests.
    pub witness: Witness,
    /// The rules of the old and the new policy that respond.
    pub places: (Place, Place),
}

/// What differs in a response.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Changed {
    /// Pages may read these headers now.
    Readable(Vec<String>),
    /// Pages may not read these headers anymore.
    Unreadable(Vec<String>),
    /// Which headers pages may read can't be determined.
    UnknownReadable,
    /// Whether credentials are allowed now.
    Credentials(bool),
    /// The max age before and now; `None` if there is none.
    MaxAge(Option<i64>, Option<i64>),
}

/// Compares two policies. `is_same` returns true if a rule of the old policy and one of the new are equal, including
/// the values that can't be determined.
pub fn difference(
    old: &Policy,
    new: &Policy,
    is_same: &dyn Fn(usize, usize) -> bool,
) -> Difference {
    let (atoms, methods) = (atoms(old, new), methods(old, new));
    let comparison = Comparison {
        old: Side::new(old),
        new: Side::new(new),
        is_same,
    };
    // Origins that match the same rules are the same to the policies.
    let mut outcomes: HashMap<_, Vec<Outcome>> = HashMap::new();
    let mut groups = group::Groups::default();
    for (index, atom) in atoms.iter().enumerate() {
        let (in_old, in_new) = (comparison.old.matching(atom), comparison.new.matching(atom));
        let key = (in_old.clone(), in_new.clone());
        let found = outcomes.entry(key).or_insert_with(|| {
            let compared = methods.iter();
            compared
                .map(|method| comparison.compare(&in_old, &in_new, method))
                .collect()
        });
        for (method, outcome) in methods.iter().zip(found) {
            groups.add((index, atom), method, outcome);
        }
    }
    groups.finish(&comparison)
}

/// Returns the difference to a policy that allows nothing.
pub fn all_access(policy: &Policy) -> Vec<Access> {
    let nothing = Policy {
        dialect: policy.dialect,
        rules: Vec::new(),
        is_complete: true,
    };
    difference(&nothing, policy, &|_, _| false).newly_allowed
}

/// The two policies.
struct Comparison<'p> {
    old: Side<'p>,
    new: Side<'p>,
    is_same: &'p dyn Fn(usize, usize) -> bool,
}

/// The differences for one origin and one method.
#[derive(Debug, Clone, Default)]
struct Outcome {
    gained: Vec<Gain>,
    lost: Vec<Gain>,
    changed: Vec<(Changed, bool, Vec<String>)>,
}

/// Headers with which requests are allowed that were not before.
#[derive(Debug, Clone)]
struct Gain {
    headers: Headers,
    is_certain: bool,
    /// The patterns of headers whose instances are an example.
    example: Vec<String>,
}

impl Comparison<'_> {
    fn compare(
        &self,
        in_old: &[(usize, Match)],
        in_new: &[(usize, Match)],
        method: &str,
    ) -> Outcome {
        let old = self.old.candidates(in_old, method);
        let new = self.new.candidates(in_new, method);
        let headers = header_patterns(&self.old, &old, &self.new, &new);
        Outcome {
            gained: gains((&self.old, &old), (&self.new, &new), &headers, self.is_same),
            lost: gains(
                (&self.new, &new),
                (&self.old, &old),
                &headers,
                &|new, old| (self.is_same)(old, new),
            ),
            changed: self.changes(&old, &new, &headers),
        }
    }

    /// Returns what differs in the responses to requests that both allow, each with headers for an example.
    fn changes(
        &self,
        old: &[Candidate],
        new: &[Candidate],
        headers: &[String],
    ) -> Vec<(Changed, bool, Vec<String>)> {
        let mut found: BTreeMap<Changed, (bool, Vec<String>)> = BTreeMap::new();
        for one in self.old.deciding(old) {
            for other in self.new.deciding(new) {
                // The most headers that both rules allow: with fewer, the same rules or earlier ones decide.
                let both = headers.iter().filter(|header| {
                    let allows = |side: &Side<'_>, rule| side.header(rule, header) == Match::Yes;
                    allows(&self.old, one.rule) && allows(&self.new, other.rule)
                });
                let both: Vec<String> = both.cloned().collect();
                let decides = |side: &Side<'_>, earlier: &[usize]| {
                    earlier
                        .iter()
                        .all(|rule| side.headers(*rule, &both) != Match::Yes)
                };
                if !decides(&self.old, &one.earlier) || !decides(&self.new, &other.earlier) {
                    continue;
                }
                let is_certain = one.is_certain && other.is_certain;
                for (changed, is_known) in self.response_changes(one.rule, other.rule) {
                    let entry = found.entry(changed);
                    let entry = entry.or_insert((is_certain && is_known, both.clone()));
                    entry.0 |= is_certain && is_known;
                }
            }
        }
        // Rules of which it is unknown which decides may be the same ones as before.
        if found.values().all(|(is_certain, _)| !is_certain) && self.have_the_same_rules(old, new) {
            return Vec::new();
        }
        let found = found.into_iter();
        found
            .map(|(changed, (is_certain, headers))| (changed, is_certain, headers))
            .collect()
    }

    fn have_the_same_rules(&self, old: &[Candidate], new: &[Candidate]) -> bool {
        let in_new = |one: &Candidate| new.iter().any(|it| (self.is_same)(one.rule, it.rule));
        let in_old = |one: &Candidate| old.iter().any(|it| (self.is_same)(it.rule, one.rule));
        old.iter().all(in_new) && new.iter().all(in_old)
    }

    /// Returns what differs in the responses of two rules, and whether that is certain.
    fn response_changes(&self, old: usize, new: usize) -> Vec<(Changed, bool)> {
        let request = Request::preflight("", "GET", "");
        let answer = |side: &Side<'_>, rule: usize| {
            let rule = &side.policy.rules[rule];
            response(side.policy.provider(), rule, "", &request)
        };
        let (before, after) = (answer(&self.old, old), answer(&self.new, new));
        let is_same = (self.is_same)(old, new);
        let mut found = Vec::new();
        let names = |headers: &Fact<Vec<String>>| match headers {
            Fact::Known(headers) => {
                let mut names: Vec<_> = headers.iter().map(|it| it.to_ascii_lowercase()).collect();
                names.sort_unstable();
                names.dedup();
                Some(names)
            }
            Fact::Unknown(_) => None,
        };
        match (names(&before.expose_headers), names(&after.expose_headers)) {
            (Some(old), Some(new)) => {
                let without = |one: &[String], other: &[String]| -> Vec<String> {
                    one.iter()
                        .filter(|it| !other.contains(it))
                        .cloned()
                        .collect()
                };
                let (more, fewer) = (without(&new, &old), without(&old, &new));
                if !more.is_empty() {
                    found.push((Changed::Readable(more), true));
                }
                if !fewer.is_empty() {
                    found.push((Changed::Unreadable(fewer), true));
                }
            }
            (None, None) if is_same => {}
            _ => found.push((Changed::UnknownReadable, false)),
        }
        match (&before.allow_credentials, &after.allow_credentials) {
            (Fact::Known(old), Fact::Known(new)) if old != new => {
                found.push((Changed::Credentials(*new), true));
            }
            (Fact::Known(false), Fact::Unknown(_)) | (Fact::Unknown(_), Fact::Known(true)) => {
                found.push((Changed::Credentials(true), false));
            }
            (Fact::Known(true), Fact::Unknown(_)) | (Fact::Unknown(_), Fact::Known(false)) => {
                found.push((Changed::Credentials(false), false));
            }
            _ => {}
        }
        let max_age = |side: &Side<'_>, rule: usize| match &side.policy.rules[rule].max_age {
            Known::Set(max_age) => Some(Some(max_age.seconds)),
            Known::Absent if side.policy.dialect.absent_max_age_is_zero => Some(Some(0)),
            Known::Absent => Some(None),
            Known::Unknown(..) => None,
        };
        match (max_age(&self.old, old), max_age(&self.new, new)) {
            (Some(old), Some(new)) if old != new => found.push((Changed::MaxAge(old, new), true)),
            _ => {}
        }
        found
    }
}

/// Returns the headers with which `to` allows a request and `from` does not.
fn gains(
    (from, before): (&Side<'_>, &[Candidate]),
    (to, after): (&Side<'_>, &[Candidate]),
    headers: &[String],
    is_same: &dyn Fn(usize, usize) -> bool,
) -> Vec<Gain> {
    // What is unknown is the same if the rules are that it depends on.
    let is_unknown_the_same = || {
        let depends = |side: &Side<'_>, candidate: &&Candidate| {
            side.policy.provider().selection != Selection::FirstMatch || !side.is_certain(candidate)
        };
        let mut new = after.iter().filter(|it| depends(to, it));
        let mut old = before.iter().filter(|it| depends(from, it));
        new.all(|new| before.iter().any(|old| is_same(old.rule, new.rule)))
            && old.all(|old| after.iter().any(|new| is_same(old.rule, new.rule)))
    };
    // Whether requests with these headers are allowed now and were not before, and whether that is certain.
    let is_gained = |headers: &[String]| {
        let (old, new) = (from.decide(before, headers), to.decide(after, headers));
        match (old, new) {
            (_, Match::No) | (Match::Yes, _) => None,
            (Match::No, Match::Yes) => Some(true),
            (Match::Unknown, Match::Unknown) if is_unknown_the_same() => None,
            _ => Some(false),
        }
    };
    if let Some(is_certain) = is_gained(&[]) {
        return vec![Gain {
            headers: Headers::Any,
            is_certain,
            example: Vec::new(),
        }];
    }
    let mut found = Vec::new();
    let mut others = Vec::new();
    for certainty in [true, false] {
        let single = |header: &&String| is_gained(std::slice::from_ref(header)) == Some(certainty);
        let single: Vec<String> = headers.iter().filter(single).cloned().collect();
        if let Some(first) = single.first() {
            found.push(Gain {
                example: vec![first.clone()],
                headers: Headers::One(single),
                is_certain: certainty,
            });
        }
    }
    for header in headers {
        let one = std::slice::from_ref(header);
        if is_gained(one).is_none() && to.decide(after, one) != Match::No {
            others.push(header.clone());
        }
    }
    // Headers that different rules allowed may be sent together now.
    let mut sets: Vec<Vec<String>> = Vec::new();
    for candidate in after {
        let allowed = others
            .iter()
            .filter(|it| to.header(candidate.rule, it) != Match::No);
        let set: Vec<String> = allowed.cloned().collect();
        let is_part = |other: &Vec<String>| set.iter().all(|header| other.contains(header));
        if set.len() < 2 || sets.iter().any(is_part) {
            continue;
        }
        let Some(is_certain) = is_gained(&set) else {
            continue;
        };
        let mut example = set.clone();
        let mut at = 0;
        while at < example.len() {
            let mut fewer = example.clone();
            fewer.remove(at);
            match is_gained(&fewer) == Some(is_certain) {
                true => example = fewer,
                false => at += 1,
            }
        }
        sets.push(set.clone());
        found.push(Gain {
            headers: Headers::Together(set),
            is_certain,
            example,
        });
    }
    found
}

/// Returns true if the order of a policy's rules decides which of several responds.
fn is_ordered(policy: &Policy) -> bool {
    policy.selection() != Selection::Undocumented
}

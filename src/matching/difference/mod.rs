//! The difference between two policies: the requests that only one of them allows, and those that both allow with
//! another response.
//!
//! Each pattern of an origin, and each of a header, is represented by an instance in which the `*` is a text that
//! appears nowhere else. Another pattern matches the instance if and only if it contains the whole pattern, so that
//! the instances of all patterns tell all requests apart that the policies can tell apart. This is exact where the
//! provider documents its rules; elsewhere a difference may be one, and says so.

mod group;
mod headers;
mod responses;
mod side;
mod witness;

use std::collections::HashMap;

use crate::policy::Policy;
use crate::provider::{Match, Selection};
use crate::source::Span;
use headers::HeaderSet;
use side::{Candidate, Side, atoms, methods};

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

impl Changed {
    /// Returns true if pages may do more than before.
    pub fn widens(&self) -> bool {
        matches!(
            self,
            Changed::Readable(_) | Changed::UnknownReadable | Changed::Credentials(true)
        )
    }
}

/// What two rules are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The values that can't be determined in the lists that decide what is allowed.
    Undetermined,
    /// The lists that decide what is allowed.
    Access,
    /// The response headers that pages may read.
    Exposed,
    /// The whole rules.
    Whole,
}

/// Whether a part of a rule of the old policy, by its index, is the same as in a rule of the new policy.
pub type IsSame<'s> = dyn Fn(Part, usize, usize) -> bool + 's;

/// Compares two policies.
pub fn difference(old: &Policy, new: &Policy, is_same: &IsSame<'_>) -> Difference {
    let generic = side::generic(old, new);
    let (atoms, methods) = (atoms(old, new, &generic), methods(old, new));
    let headers = headers::patterns(old, new);
    let comparison = Comparison {
        old: Side::new(old, &headers, &generic),
        new: Side::new(new, &headers, &generic),
        headers: &headers,
        generic: &generic,
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
    difference(&nothing, policy, &|_, _, _| false).newly_allowed
}

/// The two policies.
struct Comparison<'p> {
    old: Side<'p>,
    new: Side<'p>,
    /// The patterns of all headers.
    headers: &'p [String],
    /// What is in place of a `*` in instances.
    generic: &'p str,
    is_same: &'p IsSame<'p>,
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
        // Where which rule decides is undocumented, all that it allows matters.
        let is_first_match =
            |side: &Side<'_>| side.policy.provider().selection == Selection::FirstMatch;
        let part = match is_first_match(&self.old) && is_first_match(&self.new) {
            true => Part::Undetermined,
            false => Part::Access,
        };
        let same = |old: usize, new: usize| (self.is_same)(part, old, new);
        let swapped = |new: usize, old: usize| same(old, new);
        let (before, after) = ((&self.old, &old[..]), (&self.new, &new[..]));
        Outcome {
            gained: self.gains(before, after, &same),
            lost: self.gains(after, before, &swapped),
            changed: self.changes(&old, &new),
        }
    }

    /// Returns the patterns of a set.
    fn names(&self, headers: &HeaderSet) -> Vec<String> {
        headers
            .iter()
            .map(|place| self.headers[place].clone())
            .collect()
    }
}

impl Comparison<'_> {
    /// Returns the headers with which the second policy allows a request and the first does not.
    fn gains(
        &self,
        (from, before): (&Side<'_>, &[Candidate]),
        (to, after): (&Side<'_>, &[Candidate]),
        is_same: &dyn Fn(usize, usize) -> bool,
    ) -> Vec<Gain> {
        // What is unknown is the same if the rules are that it depends on.
        let is_unknown_the_same = || {
            let depends = |side: &Side<'_>, candidate: &&Candidate| {
                side.policy.provider().selection != Selection::FirstMatch
                    || !side.is_certain(candidate)
            };
            let mut new = after.iter().filter(|it| depends(to, it));
            let mut old = before.iter().filter(|it| depends(from, it));
            new.all(|new| before.iter().any(|old| is_same(old.rule, new.rule)))
                && old.all(|old| after.iter().any(|new| is_same(old.rule, new.rule)))
        };
        // Whether requests with these headers are allowed now and were not before, and whether that is certain.
        let is_gained = |headers: &HeaderSet| {
            let old = from.allows_with(before, headers);
            match (old, to.allows_with(after, headers)) {
                (_, Match::No) | (Match::Yes, _) => None,
                (Match::No, Match::Yes) => Some(true),
                (Match::Unknown, Match::Unknown) if is_unknown_the_same() => None,
                _ => Some(false),
            }
        };
        if let Some(is_certain) = is_gained(&HeaderSet::default()) {
            return vec![Gain {
                headers: Headers::Any,
                is_certain,
                example: Vec::new(),
            }];
        }
        let (mut certain, mut uncertain) = (HeaderSet::default(), HeaderSet::default());
        let mut others = HeaderSet::default();
        for place in 0..self.headers.len() {
            let one = HeaderSet::one(place);
            match is_gained(&one) {
                Some(true) => certain.insert(place),
                Some(false) => uncertain.insert(place),
                None if to.allows_with(after, &one) != Match::No => others.insert(place),
                None => {}
            }
        }
        let mut found = Vec::new();
        for (set, is_certain) in [(certain, true), (uncertain, false)] {
            let names = self.names(&set);
            if let Some(first) = names.first() {
                found.push(Gain {
                    example: vec![first.clone()],
                    headers: Headers::One(names),
                    is_certain,
                });
            }
        }
        // Headers that different rules allowed may be sent together now.
        let mut sets: Vec<HeaderSet> = Vec::new();
        for candidate in after {
            let set = others.and(to.allowed(candidate.rule).possible());
            if set.len() < 2 || sets.iter().any(|other| set.is_part_of(other)) {
                continue;
            }
            let Some(is_certain) = is_gained(&set) else {
                continue;
            };
            let mut example = set.clone();
            for place in set.iter() {
                let mut fewer = example.clone();
                fewer.remove(place);
                if is_gained(&fewer) == Some(is_certain) {
                    example = fewer;
                }
            }
            found.push(Gain {
                headers: Headers::Together(self.names(&set)),
                is_certain,
                example: self.names(&example),
            });
            sets.push(set);
        }
        found
    }
}

/// Returns true if the order of a policy's rules decides which of several responds.
fn is_ordered(policy: &Policy) -> bool {
    policy.selection() != Selection::Undocumented
}

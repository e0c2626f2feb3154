//! Joins differences as a person would say them: methods and origins together, the widest first.

use std::collections::BTreeMap;

use super::side::{Atom, Side};
use super::witness::witness;
use super::{
    Access, Change, Changed, Comparison, Difference, Gain, Headers, Origin, Outcome, Place, Witness,
};
use crate::policy::Entry;
use crate::provider::{Match, split_at_star, wildcard_matches};

/// The differences, by what they are about.
#[derive(Default)]
pub(super) struct Groups<'a> {
    /// For each kind of access and origin: the methods, and the headers of an example.
    gained: BTreeMap<(Headers, bool), Found<'a>>,
    lost: BTreeMap<(Headers, bool), Found<'a>>,
    changed: BTreeMap<(Changed, bool), Found<'a>>,
}

/// The origins of a difference, each with its methods and for each of them the headers of an example.
type Found<'a> = BTreeMap<usize, (&'a Atom, Vec<(&'a str, Vec<String>)>)>;

/// Origins with the same methods.
struct Joined<'a> {
    atoms: Vec<&'a Atom>,
    methods: Vec<String>,
    example: Vec<String>,
}

impl Joined<'_> {
    fn origins(&self) -> Vec<Origin> {
        self.atoms.iter().map(|atom| atom.origin.clone()).collect()
    }
}

impl<'a> Groups<'a> {
    /// Adds the differences for one origin and one method.
    pub(super) fn add(&mut self, atom: (usize, &'a Atom), method: &'a str, outcome: &Outcome) {
        let accesses = !atom.1.is_combination;
        for gain in outcome.gained.iter().filter(|_| accesses) {
            add_gain(&mut self.gained, atom, method, gain);
        }
        for gain in outcome.lost.iter().filter(|_| accesses) {
            add_gain(&mut self.lost, atom, method, gain);
        }
        for (changed, is_certain, headers) in &outcome.changed {
            let found = self
                .changed
                .entry((changed.clone(), *is_certain))
                .or_default();
            add(found, atom, method, headers);
        }
    }

    /// Joins the differences and finds an example of each.
    pub(super) fn finish(self, comparison: &Comparison<'_>) -> Difference {
        let (old, new) = (&comparison.old, &comparison.new);
        Difference {
            newly_allowed: accesses(self.gained, old, new, comparison.generic),
            no_longer_allowed: accesses(self.lost, new, old, comparison.generic),
            changed: changes(self.changed, old, new, comparison.generic),
        }
    }
}

fn add_gain<'a>(
    found: &mut BTreeMap<(Headers, bool), Found<'a>>,
    atom: (usize, &'a Atom),
    method: &'a str,
    gain: &Gain,
) {
    let headers = match &gain.headers {
        Headers::Any => Headers::Any,
        Headers::One(all) => Headers::One(widest(all)),
        Headers::Together(all) => Headers::Together(all.clone()),
    };
    let found = found.entry((headers, gain.is_certain)).or_default();
    add(found, atom, method, &gain.example);
}

fn add<'a>(
    found: &mut Found<'a>,
    (index, atom): (usize, &'a Atom),
    method: &'a str,
    example: &[String],
) {
    let (_, methods) = found.entry(index).or_insert((atom, Vec::new()));
    methods.push((method, example.to_vec()));
}

/// Leaves out patterns that another one contains.
fn widest(patterns: &[String]) -> Vec<String> {
    let is_contained = |pattern: &String| {
        let mut others = patterns.iter().filter(|other| *other != pattern);
        others.any(|other| contains(other, pattern))
    };
    patterns
        .iter()
        .filter(|it| !is_contained(it))
        .cloned()
        .collect()
}

/// Returns true if a pattern matches all that another one matches.
fn contains(outer: &str, inner: &str) -> bool {
    match (split_at_star(outer), split_at_star(inner)) {
        (None, _) => false,
        (Some((start, end)), Some((before, after))) => {
            before.starts_with(start) && after.ends_with(end)
        }
        (Some(_), None) => wildcard_matches(outer, inner),
    }
}

fn is_wider(outer: &Origin, inner: &Origin) -> bool {
    match (outer, inner) {
        (Origin::Any, Origin::Any) => false,
        (Origin::Any, _) => true,
        (Origin::Pattern(outer), Origin::Pattern(inner)) => {
            outer != inner && contains(outer, inner)
        }
        _ => false,
    }
}

/// Joins origins with the same methods, and leaves out methods for which a wider origin is there.
fn joined<'a>(found: &Found<'a>, is_certain: bool) -> Vec<Joined<'a>> {
    // What a tool computes may be anything.
    let is_wider = |outer: &Origin, inner: &Origin| {
        is_wider(outer, inner) || !is_certain && *outer == Origin::Computed && outer != inner
    };
    let is_included = |atom: &Atom, method: &str| {
        let mut others = found.values();
        found.len() <= MAX_COMPARED
            && others.any(|(other, methods)| {
                let has_method = methods.iter().any(|(other, _)| *other == method);
                has_method && is_wider(&other.origin, &atom.origin)
            })
    };
    let mut by_methods: BTreeMap<Vec<&str>, Vec<(&'a Atom, &Vec<String>)>> = BTreeMap::new();
    for (atom, methods) in found.values() {
        let methods: Vec<_> = methods
            .iter()
            .filter(|(it, _)| !is_included(atom, it))
            .collect();
        if let Some((_, example)) = methods.first() {
            let methods = methods.iter().map(|(method, _)| *method).collect();
            by_methods.entry(methods).or_default().push((atom, example));
        }
    }
    let joined = by_methods.into_iter();
    let joined = joined.map(|(methods, mut atoms)| {
        atoms.sort_by(|(one, _), (other, _)| one.origin.cmp(&other.origin));
        Joined {
            methods: methods.into_iter().map(str::to_owned).collect(),
            example: atoms
                .first()
                .map_or(Vec::new(), |(_, example)| (*example).clone()),
            atoms: atoms.into_iter().map(|(atom, _)| atom).collect(),
        }
    });
    joined.collect()
}

/// The number of origins up to which each is compared with all others.
const MAX_COMPARED: usize = 2000;

fn accesses(
    found: BTreeMap<(Headers, bool), Found<'_>>,
    from: &Side<'_>,
    to: &Side<'_>,
    generic: &str,
) -> Vec<Access> {
    let mut all = Vec::new();
    for ((headers, is_certain), found) in found {
        for joined in joined(&found, is_certain) {
            let is_shown = |request: &Witness| match is_certain {
                true => to.allows(request) == Match::Yes && from.allows(request) == Match::No,
                false => to.allows(request) != Match::No && from.allows(request) != Match::Yes,
            };
            let (atom, method) = (joined.atoms[0], &joined.methods[0]);
            let witness = witness(atom, method, (&joined.example, generic), &is_shown);
            all.push(Access {
                place: place(to, &witness, &atom.origin),
                origins: joined.origins(),
                methods: joined.methods,
                headers: headers.clone(),
                is_certain,
                witness,
            });
        }
    }
    // If computed origins may be allowed without any header, they may be with each.
    let computed: Vec<String> = all
        .iter()
        .filter(|it| !it.is_certain && it.headers == Headers::Any)
        .filter(|it| it.origins.contains(&Origin::Computed))
        .flat_map(|it| it.methods.clone())
        .collect();
    all.retain(|it| {
        it.is_certain
            || it.headers == Headers::Any
            || !it.methods.iter().all(|method| computed.contains(method))
    });
    all.sort_by(|one, other| {
        let key = |it: &Access| (it.origins.clone(), it.headers.clone(), it.methods.clone());
        key(one).cmp(&key(other))
    });
    all
}

fn changes(
    found: BTreeMap<(Changed, bool), Found<'_>>,
    old: &Side<'_>,
    new: &Side<'_>,
    generic: &str,
) -> Vec<Change> {
    let mut all = Vec::new();
    for ((what, is_certain), found) in found {
        for joined in joined(&found, is_certain) {
            let (atom, method) = (joined.atoms[0], &joined.methods[0]);
            let is_shown = |request: &Witness| {
                old.allows(request) != Match::No && new.allows(request) != Match::No
            };
            let witness = witness(atom, method, (&joined.example, generic), &is_shown);
            let places = (
                place(old, &witness, &atom.origin),
                place(new, &witness, &atom.origin),
            );
            all.push(Change {
                origins: joined.origins(),
                methods: joined.methods,
                what: what.clone(),
                is_certain,
                witness,
                places,
            });
        }
    }
    all
}

/// Returns the rule that allows a request, and the entry that matches its origin.
fn place(side: &Side<'_>, request: &Witness, origin: &Origin) -> Place {
    let atom = Atom {
        origin: origin.clone(),
        instance: request.origin.clone(),
        is_combination: false,
    };
    let candidates = side.candidates(&side.matching(&atom), &request.method);
    let allows = |wanted: Match| {
        let mut all = candidates.iter();
        all.find(|it| it.matches == wanted && side.allows_headers(it.rule, request) != Match::No)
    };
    let candidate = allows(Match::Yes).or_else(|| allows(Match::Unknown));
    let Some(candidate) = candidate.or(candidates.first()) else {
        return Place {
            rule: 0,
            span: crate::source::Span::new(0, 0),
        };
    };
    let rule = &side.policy.rules[candidate.rule];
    let entries: Vec<&Entry> = rule.origins.entries().collect();
    let text = match origin {
        Origin::Any => Some("*"),
        Origin::Pattern(pattern) => Some(pattern.as_str()),
        Origin::Computed => None,
    };
    let same = entries.iter().find(|entry| Some(entry.value()) == text);
    let provider = side.policy.provider();
    let matching = || {
        let mut all = entries.iter();
        all.find(|entry| (provider.origin_matches)(entry.value(), &request.origin) == Match::Yes)
    };
    Place {
        rule: rule.index,
        span: same
            .or_else(matching)
            .map_or(rule.head, |entry| entry.span()),
    }
}

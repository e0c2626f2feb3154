//! Which old policy belongs to which new one.

use std::rc::Rc;

use corslint::analyze::{Analysis, LocatedPolicy};
use corslint::document::{Index, NodeId, Why};
use corslint::matching::{Difference, all_access, difference};
use corslint::policy::{Item, Known, List, Policy, Rule};
use corslint::report::escape_control;
use corslint::source::Span;

use super::load::Versions;

/// A policy and its file.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) analysis: Rc<Analysis>,
    index: usize,
}

impl Side {
    pub(super) fn located(&self) -> &LocatedPolicy {
        &self.analysis.policies[self.index]
    }

    /// The file, with the address of the policy if it has one.
    pub(super) fn name(&self) -> String {
        let file = escape_control(self.analysis.source.name());
        match &*self.located().address {
            "" => file.into_owned(),
            address => format!("{file} at {}", escape_control(address)),
        }
    }

    /// A place in the file, as in `cors.json:4:24`.
    pub(super) fn place(&self, span: Span) -> String {
        let source = &self.analysis.source;
        let position = source.position(span.start());
        let file = escape_control(source.name());
        format!("{file}:{}:{}", position.line, position.column)
    }
}

/// An old and a new policy; one of them may not exist.
pub(super) type Pair = (Option<Side>, Option<Side>);

/// Pairs the policies of files by their addresses. `address` selects one.
pub(super) fn pairs(versions: Vec<Versions>, address: Option<&str>) -> Result<Vec<Pair>, String> {
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    let mut addresses = Vec::new();
    for versions in versions {
        let (old, new) = (sides(versions.old.as_ref()), sides(versions.new.as_ref()));
        for side in old.iter().chain(&new) {
            addresses.push(side.located().address.clone());
        }
        let (mut old, mut new) = match address {
            Some(address) => (selected(old, address), selected(new, address)),
            None => (old, new),
        };
        if let ([_], [_]) = (&old[..], &new[..]) {
            pairs.push((old.pop(), new.pop()));
            continue;
        }
        for side in new {
            let same = |it: &Side| it.located().address == side.located().address;
            let old = old.iter().position(same).map(|index| old.remove(index));
            match old {
                Some(old) => pairs.push((Some(old), Some(side))),
                None => left.push((None, Some(side))),
            }
        }
        left.extend(old.into_iter().map(|side| (Some(side), None)));
        if versions.is_named && (!left.is_empty() || pairs.is_empty()) {
            return Err(unpaired(address, addresses));
        }
    }
    if let Some(address) = address
        && pairs.is_empty()
        && left.is_empty()
    {
        return Err(unpaired(Some(address), addresses));
    }
    // A policy that moved to another file keeps its address there, or its file name.
    let (mut old, new): (Vec<Pair>, Vec<Pair>) =
        left.into_iter().partition(|(old, _)| old.is_some());
    for (_, side) in new {
        let is_same = |(other, _): &Pair| {
            let (Some(other), Some(side)) = (other, &side) else {
                return false;
            };
            let file = |side: &Side| {
                let name = side.analysis.source.name();
                name.rsplit('/').next().unwrap_or(name).to_owned()
            };
            let address = &side.located().address;
            *address == other.located().address
                && (!address.is_empty() || file(side) == file(other))
        };
        let moved = old.iter().position(is_same).map(|index| old.remove(index));
        pairs.push((moved.and_then(|(old, _)| old), side));
    }
    pairs.append(&mut old);
    let name = |(old, new): &Pair| new.as_ref().or(old.as_ref()).map(Side::name);
    pairs.sort_by_key(name);
    Ok(pairs)
}

fn sides(analysis: Option<&Rc<Analysis>>) -> Vec<Side> {
    let sides = analysis.into_iter().flat_map(|analysis| {
        let indexes = 0..analysis.policies.len();
        indexes.map(|index| Side {
            analysis: Rc::clone(analysis),
            index,
        })
    });
    sides.collect()
}

/// Returns the policy at an address. A file with one policy needs no address.
fn selected(sides: Vec<Side>, address: &str) -> Vec<Side> {
    let mut sides = sides;
    if sides.len() > 1 || sides.iter().any(|it| !it.located().address.is_empty()) {
        sides.retain(|side| side.located().address == address);
    }
    sides
}

fn unpaired(address: Option<&str>, mut addresses: Vec<String>) -> String {
    addresses.retain(|address| !address.is_empty());
    addresses.sort();
    addresses.dedup();
    let listed = escape_control(&addresses.join(", ")).into_owned();
    match address {
        Some(address) => format!(
            "no policy at {} in both files; there are: {listed}",
            escape_control(address)
        ),
        None => format!(
            "the files have policies at different addresses; choose one with --policy: {listed}"
        ),
    }
}

/// Compares two policies. Without an old one, all that the new one allows is new.
pub(super) fn compare(old: Option<&Side>, new: Option<&Side>) -> Difference {
    let policy = |side: &Side| without_rejected(side.located().policy.clone());
    match (old, new) {
        (Some(old), Some(new)) => {
            let (before, after) = (identities(old), identities(new));
            difference(&policy(old), &policy(new), &|old, new| {
                before[old] == after[new]
            })
        }
        (None, Some(new)) => Difference {
            newly_allowed: all_access(&policy(new)),
            ..Difference::default()
        },
        (Some(old), None) => Difference {
            no_longer_allowed: all_access(&policy(old)),
            ..Difference::default()
        },
        (None, None) => Difference::default(),
    }
}

/// Removes list items that the provider rejects: to the lints they are unknown, but they allow nothing.
fn without_rejected(mut policy: Policy) -> Policy {
    for rule in &mut policy.rules {
        let lists = [
            &mut rule.origins,
            &mut rule.methods,
            &mut rule.allowed_headers,
            &mut rule.exposed_headers,
        ];
        for list in lists {
            if let Known::Set(list) = list {
                list.items
                    .retain(|item| !matches!(item, Item::Unknown(_, Why::Rejected)));
            }
        }
    }
    policy
}

/// Returns what identifies each rule: its values, and the text of those that can't be determined.
fn identities(side: &Side) -> Vec<String> {
    let text = side.analysis.source.text();
    let index = side.analysis.document().map(Index::new);
    let node = |node: NodeId| {
        let node = index.as_ref().and_then(|index| index.node(node));
        node.map_or("", |node| &text[node.span.range()])
    };
    let list = |list: &Known<List>| -> Vec<String> {
        let mut items: Vec<String> = match list {
            Known::Absent => Vec::new(),
            Known::Unknown(span, _) => vec![format!("?{}", &text[span.range()])],
            Known::Set(list) => {
                let items = list.items.iter();
                items
                    .map(|item| match item {
                        Item::Known(entry) => format!("={}", entry.value()),
                        Item::Unknown(id, _) => format!("?{}", node(*id)),
                    })
                    .collect()
            }
        };
        items.sort();
        items
    };
    let identity = |rule: &Rule| {
        let lists = rule.lists().map(|(_, it)| list(it));
        let max_age = match &rule.max_age {
            Known::Set(max_age) => max_age.seconds.to_string(),
            Known::Absent => String::new(),
            Known::Unknown(span, _) => format!("?{}", &text[span.range()]),
        };
        format!("{lists:?} {max_age}")
    };
    let rules = side.located().policy.rules.iter();
    rules.map(identity).collect()
}

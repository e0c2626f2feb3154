//! Which old policy belongs to which new one.

use std::collections::HashSet;
use std::rc::Rc;

use corslint::analyze::{Analysis, LocatedPolicy};
use corslint::document::{Document, Index, NodeId, Why};
use corslint::matching::{Difference, Part, all_access, difference};
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
        // Two files that the user names are compared, whatever they are called.
        if versions.is_named
            && let ([_], [_]) = (&old[..], &new[..])
        {
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
    // A policy that moved to another file keeps its address there, or is the same in all.
    let (mut old, new): (Vec<Pair>, Vec<Pair>) =
        left.into_iter().partition(|(old, _)| old.is_some());
    for (_, side) in new {
        let is_same = |(other, _): &Pair| {
            let (Some(other), Some(side)) = (other, &side) else {
                return false;
            };
            let text = |side: &Side| side.analysis.source.text().to_owned();
            let address = &side.located().address;
            *address == other.located().address
                && (!address.is_empty() || text(side) == text(other))
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
            difference(&policy(old), &policy(new), &|part, old, new| {
                before[old].is_same(&after[new], part)
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

/// What identifies a rule.
struct Identity {
    undetermined: [Vec<String>; 3],
    access: [Vec<String>; 3],
    whole: (Vec<String>, String),
}

impl Identity {
    fn is_same(&self, other: &Identity, part: Part) -> bool {
        match part {
            Part::Undetermined => self.undetermined == other.undetermined,
            Part::Access => self.access == other.access,
            Part::Exposed => self.whole.0 == other.whole.0,
            Part::Whole => self.access == other.access && self.whole == other.whole,
        }
    }
}

/// Returns what identifies each rule: its values, and the text of those that can't be determined with the definitions
/// in the same file that it refers to.
fn identities(side: &Side) -> Vec<Identity> {
    let located = side.located();
    let text = side.analysis.source.text();
    let document = side.analysis.document();
    let definitions = document.map_or_else(Vec::new, |document| definitions(document, text));
    let index = document.map(Index::new);
    let node = |node: NodeId| index.as_ref().and_then(|index| index.node(node));
    let written = |text: &str| format!("?{}", with_definitions(text, &definitions));
    // What a tool adds to the rules is somewhere in the resource.
    let outside = || {
        let whole = located.resource.unwrap_or(located.span);
        let rules = located
            .policy
            .rules
            .iter()
            .take(located.policy.written_rules());
        let mut rest = String::new();
        let mut from = whole.start();
        for rule in rules.filter_map(|rule| node(rule.node)) {
            rest.push_str(text.get(from..rule.span.start()).unwrap_or_default());
            from = from.max(rule.span.end());
        }
        rest.push_str(text.get(from..whole.end()).unwrap_or_default());
        rest
    };
    let list = |list: &Known<List>| -> Vec<String> {
        let mut items: Vec<String> = match list {
            Known::Absent => Vec::new(),
            Known::Unknown(span, _) => vec![written(&text[span.range()])],
            Known::Set(list) => {
                let items = list.items.iter();
                items
                    .map(|item| match item {
                        Item::Known(entry) => format!("={}", entry.value()),
                        Item::Unknown(id, _) => {
                            written(node(*id).map_or("", |node| &text[node.span.range()]))
                        }
                    })
                    .collect()
            }
        };
        items.sort();
        items
    };
    let identity = |rule: &Rule| {
        let mut exposed = list(&rule.exposed_headers);
        let mut access = [&rule.origins, &rule.methods, &rule.allowed_headers].map(&list);
        if rule.index >= located.policy.written_rules() {
            access = [vec![written(&outside())], Vec::new(), Vec::new()];
            exposed = access[0].clone();
        }
        let max_age = match &rule.max_age {
            Known::Set(max_age) => max_age.seconds.to_string(),
            Known::Absent => String::new(),
            Known::Unknown(span, _) => written(&text[span.range()]),
        };
        let undetermined = access.clone().map(|mut list| {
            list.retain(|item| item.starts_with('?'));
            list
        });
        Identity {
            undetermined,
            access,
            whole: (exposed, max_age),
        }
    };
    let rules = located.policy.rules.iter();
    rules.map(identity).collect()
}

/// Sections of a file whose members other parts refer to by their names.
const SECTIONS: &[&str] = &[
    "locals",
    "variable",
    "Parameters",
    "Mappings",
    "Conditions",
    "custom",
];

/// Returns the names that a file defines, each with its text.
fn definitions<'t>(document: &Document, text: &'t str) -> Vec<(String, &'t str)> {
    let mut found = Vec::new();
    let sections = document
        .roots
        .iter()
        .flat_map(|root| root.members().unwrap_or_default());
    for section in sections.filter(|section| SECTIONS.contains(&section.key.value())) {
        // The blocks of one type are a list.
        let blocks = section
            .value
            .items()
            .unwrap_or(std::slice::from_ref(&section.value));
        for member in blocks
            .iter()
            .flat_map(|block| block.members().unwrap_or_default())
        {
            let definition = text.get(member.value.span.range()).unwrap_or_default();
            found.push((member.key.value().to_owned(), definition));
        }
    }
    found
}

/// Returns a text with the definitions that it refers to, and those that they refer to. White space does not matter.
fn with_definitions(text: &str, definitions: &[(String, &str)]) -> String {
    let mut all = vec![text];
    let mut next = 0;
    while let Some(text) = all.get(next).copied() {
        next += 1;
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let words: HashSet<&str> = text.split(|c| !is_word(c)).collect();
        for (name, definition) in definitions {
            let is_known = all.iter().any(|known| std::ptr::eq(*known, *definition));
            if words.contains(&**name) && !is_known {
                all.push(definition);
            }
        }
    }
    let words = all.iter().flat_map(|text| text.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

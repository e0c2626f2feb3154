//! Compares two policies of analyzed files, with what their files say about computed values.

use std::collections::HashSet;
use std::rc::Rc;

use crate::analyze::{Analysis, LocatedPolicy};
use crate::document::{Document, Index, NodeId, Why};
use crate::matching::{Changed, Difference, Part, all_access, difference};
use crate::policy::{Item, Known, List, Policy, Rule};

/// A policy and its file.
#[derive(Clone)]
pub struct Side {
    /// The file.
    pub analysis: Rc<Analysis>,
    index: usize,
}

impl Side {
    /// Returns the policies of a file.
    pub fn all_of(analysis: &Rc<Analysis>) -> impl Iterator<Item = Side> {
        let indexes = 0..analysis.policies.len();
        indexes.map(|index| Side {
            analysis: Rc::clone(analysis),
            index,
        })
    }

    /// The policy.
    pub fn located(&self) -> &LocatedPolicy {
        &self.analysis.policies[self.index]
    }
}

/// An old and a new policy; one of them may not exist.
pub type Pair = (Option<Side>, Option<Side>);

/// Pairs the policies of a file that have the same address. The others are pairs of their own.
pub fn pairs_by_address(mut old: Vec<Side>, new: Vec<Side>) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for side in new {
        let same = |it: &Side| it.located().address == side.located().address;
        let before = old.iter().position(same).map(|index| old.remove(index));
        pairs.push((before, Some(side)));
    }
    pairs.extend(old.into_iter().map(|side| (Some(side), None)));
    pairs
}

/// Two policies that were compared; one of them may not exist.
pub struct Compared {
    /// The policy before; `None` for a new one.
    pub old: Option<Side>,
    /// The policy now; `None` for a deleted one.
    pub new: Option<Side>,
    /// What differs.
    pub difference: Difference,
}

impl Compared {
    /// Compares two policies. Without an old one, all that the new one allows is new.
    pub fn new(old: Option<Side>, new: Option<Side>) -> Compared {
        let difference = difference_of(old.as_ref(), new.as_ref());
        Compared {
            old,
            new,
            difference,
        }
    }

    /// Returns true if anything differs.
    pub fn is_different(&self) -> bool {
        self.difference != Difference::default()
    }

    /// Returns true if something is allowed now that was not before.
    pub fn widens(&self) -> bool {
        let mut changed = self.difference.changed.iter();
        !self.difference.newly_allowed.is_empty() || changed.any(|it| it.what.widens())
    }

    /// Returns true if something other than a max age differs.
    pub fn changes_access(&self) -> bool {
        let mut changed = self.difference.changed.iter();
        self.widens()
            || !self.difference.no_longer_allowed.is_empty()
            || changed.any(|it| !matches!(it.what, Changed::MaxAge(..)))
    }
}

fn difference_of(old: Option<&Side>, new: Option<&Side>) -> Difference {
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

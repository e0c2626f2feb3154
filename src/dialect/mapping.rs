//! Maps the keys of a policy to fields and reports keys that the provider doesn't support.

use std::collections::HashMap;

use super::key_diagnostics::{
    Ignored, conflicting_key, find_duplicates, ignored_part, misspelled_wrapper, split_rule,
    wrapping_diagnostic, wrong_key,
};
use super::keys::KeyMatch;
use super::{Dialect, PolicyText, Wrapping};
use crate::document::{Member, Node, Text, has_placeholder};
use crate::field::Field;
use crate::finding::Diagnostic;

/// A policy whose keys are mapped to fields.
#[derive(Debug)]
pub struct Mapped<'d> {
    /// The text of the policy.
    pub text: PolicyText<'d>,
    /// The rules of the policy. An item that is not an object becomes a rule without entries.
    pub rules: Vec<MappedRule<'d>>,
    /// Problems with the keys and with the list or object around the rules.
    pub diagnostics: Vec<Diagnostic>,
}

/// A rule whose keys are mapped to fields.
#[derive(Debug)]
pub struct MappedRule<'d> {
    /// The object of the rule; if the rule is split across several objects, the first object.
    pub node: &'d Node,
    /// The object in the rule that contains some of the fields.
    pub group: Option<&'d Member>,
    /// False if nothing can be added to the rule: its keys are split over several objects, the
    /// provider ignores all of them, or it is not an object.
    pub accepts_fields: bool,
    /// True if the rule has keys with placeholders that another program fills in and that may set any field.
    pub has_computed_keys: bool,
    /// The effective entries, including all duplicates.
    pub(super) entries: Vec<MappedEntry<'d>>,
}

/// A key and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct MappedEntry<'d> {
    /// The field; `None` for an unknown key.
    pub(super) field: Option<Field>,
    /// True if the key belongs in the rule's group of fields.
    pub(super) in_group: bool,
    /// The dialect's name for the key.
    pub(super) name: &'d str,
    /// The key as written.
    pub(super) key: &'d Text,
    pub(super) value: &'d Node,
}

impl<'d> MappedRule<'d> {
    /// Returns true if the rule is an object.
    pub fn is_object(&self) -> bool {
        self.node.members().is_some()
    }

    /// Returns the value of a field. If a key is duplicated, the last value wins, as in JSON parsers.
    pub fn field(&self, field: Field) -> Option<&'d Node> {
        let mut entries = self.entries.iter().rev();
        let entry = entries.find(|entry| entry.field == Some(field))?;
        Some(entry.value)
    }

    /// Returns the entry with that name, in the rule or in its group of fields.
    pub(super) fn entry(&self, name: &str, in_group: bool) -> Option<MappedEntry<'d>> {
        let mut entries = self.entries.iter().rev().copied();
        entries.find(|entry| entry.in_group == in_group && entry.name == name)
    }

    /// The keys of the rule or of its group of fields, each with the dialect's name for it.
    pub(super) fn keys(&self, in_group: bool) -> Vec<(&'d str, &'d Text)> {
        let entries = self.entries.iter();
        entries
            .filter(|entry| entry.in_group == in_group)
            .map(|entry| (entry.name, entry.key))
            .collect()
    }
}

impl Mapped<'_> {
    /// Returns true if the policy has a wrapper object or at least one key that maps to a field.
    pub fn has_known_key(&self) -> bool {
        let has_field = |rule: &MappedRule<'_>| {
            let mut entries = rule.entries.iter();
            entries.any(|entry| entry.field.is_some())
        };
        matches!(self.text.wrapping, Wrapping::Object(_)) || self.rules.iter().any(has_field)
    }
}

/// Maps a policy.
pub fn map<'d>(text: PolicyText<'d>, dialect: &Dialect) -> Mapped<'d> {
    let mut diagnostics: Vec<_> = wrapping_diagnostic(&text, dialect).into_iter().collect();
    let mut rules = Vec::new();
    if let Some(split) = split_rule(text.rules, dialect) {
        diagnostics.push(split);
        let members = text.rules.iter().filter_map(Node::members).flatten();
        let mut rule = map_rule(&text.rules[0], members, dialect, &mut diagnostics);
        rule.accepts_fields = false;
        rules.push(rule);
    } else {
        rules.extend(text.rules.iter().map(|node| match node.members() {
            Some(members) => map_rule(node, members.iter(), dialect, &mut diagnostics),
            None => MappedRule {
                node,
                group: None,
                accepts_fields: false,
                has_computed_keys: false,
                entries: Vec::new(),
            },
        }));
    }
    if let Wrapping::Object(member) = text.wrapping {
        let members = text.node.members().unwrap_or_default();
        find_duplicates(members.iter(), dialect.keys, &mut diagnostics);
        diagnostics.extend(misspelled_wrapper(member, dialect));
    }
    Mapped {
        text,
        rules,
        diagnostics,
    }
}

/// A key of a rule and its classification.
#[derive(Clone, Copy)]
pub(super) struct KeyUse<'d> {
    pub(super) member: &'d Member,
    pub(super) meaning: KeyMatch,
    /// True if it is in the rule's group of fields.
    pub(super) in_group: bool,
}

impl<'d> KeyUse<'d> {
    pub(super) fn key(&self) -> &'d str {
        self.member.key.value()
    }
}

/// Maps one rule. `members` are the members of `node`, or of all objects that the rule is split across.
fn map_rule<'d>(
    node: &'d Node,
    members: impl Iterator<Item = &'d Member> + Clone,
    dialect: &Dialect,
    diagnostics: &mut Vec<Diagnostic>,
) -> MappedRule<'d> {
    find_duplicates(members.clone(), dialect.keys, diagnostics);
    let (group, mut keys) = rule_keys(members, dialect, diagnostics);
    let all = keys.len();
    // YAML's `<<` adds the keys of another object.
    keys.retain(|used| !has_placeholder(used.key()) && used.key() != "<<");
    let has_computed_keys = keys.len() < all;
    if dialect.ignores_comment_keys {
        keys.retain(|used| used.key() != "//");
    }
    let ignored = ignored_part(&keys, dialect);
    if let Ignored::Rule(diagnostic) | Ignored::Group(diagnostic) = &ignored {
        diagnostics.push(diagnostic.clone());
    }
    let effective = effective_keys(&keys);
    let mut entries = Vec::new();
    for used in &keys {
        let Some(field) = used.meaning.field() else {
            entries.push(MappedEntry {
                field: None,
                in_group: used.in_group,
                name: used.key(),
                key: &used.member.key,
                value: &used.member.value,
            });
            continue;
        };
        if !used.meaning.is_own() && effective.get(&field) != Some(&used.key()) {
            diagnostics.push(conflicting_key(used, field, dialect));
            continue;
        }
        let own = dialect.field_key(field);
        let belongs_in_group = own.is_some_and(|own| own.group.is_some());
        let is_reported = match ignored {
            Ignored::Rule(_) => true,
            Ignored::Group(_) => !used.in_group && belongs_in_group,
            Ignored::Nothing => false,
        };
        if !used.meaning.is_own() && !is_reported {
            diagnostics.push(wrong_key(used, field, dialect));
        }
        entries.push(MappedEntry {
            field: Some(field),
            in_group: belongs_in_group,
            name: own.map_or("", |own| own.key),
            key: &used.member.key,
            value: &used.member.value,
        });
    }
    MappedRule {
        node,
        group,
        // A field that seems to be missing may be set by a computed key.
        accepts_fields: !matches!(ignored, Ignored::Rule(_)) && !has_computed_keys,
        has_computed_keys,
        entries,
    }
}

/// Looks up the keys of a rule and of its group of fields.
fn rule_keys<'d>(
    members: impl Iterator<Item = &'d Member>,
    dialect: &Dialect,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Option<&'d Member>, Vec<KeyUse<'d>>) {
    let mut group = None;
    let mut keys = Vec::new();
    for member in members {
        let key = member.key.value();
        if Some(key) == dialect.group() {
            group = Some(member);
            continue;
        }
        keys.push(KeyUse {
            member,
            meaning: dialect.look_up(key, false),
            in_group: false,
        });
    }
    let inside = group.and_then(|group| group.value.members());
    let inside = inside.unwrap_or_default();
    find_duplicates(inside.iter(), dialect.keys, diagnostics);
    keys.extend(inside.iter().map(|member| KeyUse {
        member,
        meaning: dialect.look_up(member.key.value(), true),
        in_group: true,
    }));
    (group, keys)
}

/// Returns the effective key of each field: the dialect's own key if present, otherwise the first key.
fn effective_keys<'d>(keys: &[KeyUse<'d>]) -> HashMap<Field, &'d str> {
    let mut effective = HashMap::new();
    for own in [true, false] {
        for used in keys.iter().filter(|used| used.meaning.is_own() == own) {
            if let Some(field) = used.meaning.field() {
                effective.entry(field).or_insert(used.key());
            }
        }
    }
    effective
}

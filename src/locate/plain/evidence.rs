//! Counts how many keys of an object a dialect recognizes.

use crate::dialect::Dialect;
use crate::dialect::keys::KeyMatch;
use crate::document::{Member, Node};
use crate::field::Field;

/// Counts of the keys of one or more objects, by classification.
#[derive(Debug, Default)]
pub(super) struct Evidence<'d> {
    /// Keys that are the dialect's own.
    pub(super) own: usize,
    /// Keys that map to a field, however they are spelled.
    pub(super) known: usize,
    /// Known keys for origins or methods.
    pub(super) decisive: usize,
    /// Keys that don't map to any field.
    pub(super) unknown: usize,
    /// The keys that map to a field.
    keys: Vec<&'d str>,
}

impl<'d> Evidence<'d> {
    pub(super) fn of(object: &'d Node, dialect: &Dialect) -> Evidence<'d> {
        Evidence::of_all(std::slice::from_ref(object), dialect)
    }

    pub(super) fn of_all(objects: &'d [Node], dialect: &Dialect) -> Evidence<'d> {
        let mut evidence = Evidence::default();
        for member in objects.iter().flat_map(members) {
            let meaning: KeyMatch = dialect.look_up(member.key.value(), false);
            evidence.own += usize::from(meaning.is_own());
            match meaning.field() {
                Some(field) => {
                    evidence.known += 1;
                    evidence.decisive +=
                        usize::from(matches!(field, Field::Origins | Field::Methods));
                    evidence.keys.push(member.key.value());
                }
                None => evidence.unknown += 1,
            }
        }
        evidence
    }

    /// Returns true if the predicate holds for any key that maps to a field.
    pub(super) fn any(&self, predicate: impl Fn(&str) -> bool) -> bool {
        self.keys.iter().any(|key| predicate(key))
    }

    /// Returns the number of keys that map to a field and satisfy the predicate.
    pub(super) fn count(&self, predicate: impl Fn(&str) -> bool) -> usize {
        self.keys.iter().filter(|key| predicate(key)).count()
    }
}

/// Returns true if the predicate holds for any key of the objects. This is cheaper than collecting
/// [`Evidence`], so try it first.
pub(super) fn any_key(objects: &[Node], predicate: impl Fn(&str) -> bool) -> bool {
    let mut members = objects.iter().flat_map(members);
    members.any(|member| predicate(member.key.value()))
}

fn members(object: &Node) -> &[Member] {
    object.members().unwrap_or_default()
}

/// Returns true if a list has at least one object and every other item is an object or unknown.
pub(super) fn are_objects(items: &[Node]) -> bool {
    items.iter().any(|item| item.members().is_some())
        && items
            .iter()
            .all(|item| item.members().is_some() || item.is_unknown())
}

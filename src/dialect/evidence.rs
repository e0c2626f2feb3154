//! What the keys of objects say for a dialect.

use super::keys::{Known, Meaning};
use super::{Dialect, Member, Node};

/// Counts over the keys of one object, or of several.
#[derive(Debug, Default)]
pub(super) struct Evidence<'d> {
    /// Keys that are the dialect's own.
    pub(super) exact: usize,
    /// Keys that mean a field, however they are spelled.
    pub(super) known: usize,
    /// Of these, those for origins or methods.
    pub(super) decisive: usize,
    /// Keys that mean nothing to a rule.
    pub(super) unknown: usize,
    /// The keys that mean a field.
    keys: Vec<&'d str>,
}

impl<'d> Evidence<'d> {
    pub(super) fn of(object: &'d Node<'_>, dialect: &Dialect) -> Evidence<'d> {
        Evidence::of_all(std::slice::from_ref(object), dialect)
    }

    pub(super) fn of_all(objects: &'d [Node<'_>], dialect: &Dialect) -> Evidence<'d> {
        let mut evidence = Evidence::default();
        for member in objects.iter().flat_map(members) {
            let known = dialect.look_up(member.key.value());
            evidence.exact += usize::from(matches!(known, Known::Own(_)));
            match known.meaning() {
                Some(meaning) => {
                    evidence.known += 1;
                    evidence.decisive +=
                        usize::from(matches!(meaning, Meaning::Origins | Meaning::Methods));
                    evidence.keys.push(member.key.value());
                }
                None => evidence.unknown += 1,
            }
        }
        evidence
    }

    /// Whether one of the keys that mean a field is so.
    pub(super) fn has(&self, so: impl Fn(&str) -> bool) -> bool {
        self.keys.iter().any(|key| so(key))
    }

    /// How many of the keys that mean a field are so.
    pub(super) fn count(&self, so: impl Fn(&str) -> bool) -> usize {
        self.keys.iter().filter(|key| so(key)).count()
    }
}

fn members<'d>(object: &'d Node<'_>) -> &'d [Member<'d>] {
    object.members().unwrap_or_default()
}

/// Whether two keys are one word, case aside.
pub(super) fn same_word(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether every item of a list is an object, and there is one.
pub(super) fn are_objects(items: &[Node<'_>]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.members().is_some())
}

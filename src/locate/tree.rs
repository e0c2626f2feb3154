//! Looking up keys in the tree of a document, and changing it before it is read.

use crate::dialect::{QUOTED, find_duplicates};
use crate::document::{Member, Node, Value};
use crate::finding::Diagnostic;

/// The members, if this is an object.
pub(super) fn members_mut(node: &mut Node) -> Option<&mut Vec<Member>> {
    match &mut node.value {
        Value::Map(members) => Some(members),
        _ => None,
    }
}

/// Returns the value of a key. If the key is duplicated, the last member wins, as in JSON parsers.
pub(super) fn member_mut<'d>(node: &'d mut Node, key: &str) -> Option<&'d mut Node> {
    let mut members = members_mut(node)?.iter_mut().rev();
    let member = members.find(|member| member.key.value() == key)?;
    Some(&mut member.value)
}

/// Reports a key that is there more than once.
pub(super) fn duplicates_of(key: &str, object: &Node) -> Vec<Diagnostic> {
    let members = object.members().unwrap_or_default().iter();
    let same: Vec<_> = members.filter(|member| member.key.value() == key).collect();
    let mut diagnostics = Vec::new();
    find_duplicates(same.into_iter(), &QUOTED, &mut diagnostics);
    diagnostics
}

/// Returns true for a key that is probably a misspelling of another: it differs in case, in punctuation, in an `s` at
/// its end or, if it is long enough, in two letters.
pub(super) fn is_like(key: &str, wanted: &str) -> bool {
    let word = |key: &str| {
        let letters = key.chars().filter(char::is_ascii_alphanumeric);
        let word: String = letters.map(|c| c.to_ascii_lowercase()).collect();
        word.trim_end_matches('s').to_owned()
    };
    let (key, wanted) = (word(key), word(wanted));
    key == wanted || wanted.len() > 6 && strsim::osa_distance(&key, &wanted) <= 2
}

//! Changing the tree of a document before it is read.

use crate::document::{Member, Node, Value};

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

//! Copies of anchored nodes, at the places of their aliases.

use super::TreeBuilder;
use crate::document::{MAX_DEPTH, Node, Text, Value, Why};
use crate::source::Span;

/// How many nodes all aliases of a file may add. What is beyond is unknown.
const MAX_ALIASED: usize = 10_000;

impl TreeBuilder<'_> {
    /// Returns a copy of an anchored node, at the place of the alias.
    pub(super) fn alias(&mut self, anchor: usize, place: Span) -> Node {
        let id = self.new_id();
        let unknown = Node {
            id,
            span: place,
            head: place,
            value: Value::Unknown(Why::TooDeep),
        };
        let Some(anchored) = self.anchors.get(&anchor).cloned() else {
            return unknown;
        };
        let count = size(&anchored, MAX_ALIASED);
        if self.shared.len() + count > MAX_ALIASED || self.open.len() + depth(&anchored) > MAX_DEPTH
        {
            return unknown;
        }
        let mut node = anchored;
        self.aliases.push((place, node.head));
        self.move_to(&mut node, place);
        node.id = id;
        self.shared.insert(id);
        node
    }

    /// Moves a copied node to the place of an alias.
    fn move_to(&mut self, node: &mut Node, place: Span) {
        node.id = self.new_id();
        self.shared.insert(node.id);
        node.span = place;
        node.head = place;
        let moved = |text: &Text| Text::plain(self.text, place, place).renamed(text.value());
        match &mut node.value {
            Value::String(text) => *text = moved(text),
            Value::List(items) => items.iter_mut().for_each(|item| self.move_to(item, place)),
            Value::Map(members) => {
                for member in members {
                    member.key = Text::plain(self.text, place, place).renamed(member.key.value());
                    self.move_to(&mut member.value, place);
                }
            }
            _ => {}
        }
    }
}

/// The number of nodes in a node, up to `limit`.
fn size(node: &Node, limit: usize) -> usize {
    let mut all = vec![node];
    let mut count = 0;
    while let Some(node) = all.pop() {
        count += 1;
        if count > limit {
            break;
        }
        all.extend(node.items().unwrap_or_default());
        let members = node.members().unwrap_or_default();
        all.extend(members.iter().map(|member| &member.value));
    }
    count
}

/// The number of levels in a node.
fn depth(node: &Node) -> usize {
    let items = node.items().unwrap_or_default().iter();
    let members = node.members().unwrap_or_default().iter();
    let inside = items.chain(members.map(|member| &member.value));
    1 + inside.map(depth).max().unwrap_or(0)
}

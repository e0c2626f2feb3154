//! Copies of anchored nodes, at the places of their aliases.

use std::collections::HashSet;

use super::TreeBuilder;
use crate::document::{MAX_DEPTH, Member, Node, NodeId, Text, Value, Why};
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
        let Some(anchored) = self.anchors.get(&anchor) else {
            return unknown;
        };
        let limit = MAX_ALIASED.saturating_sub(self.shared.len());
        if size(anchored, limit) > limit || self.open.len() + depth(anchored) > MAX_DEPTH {
            // Looking at it again for each alias would take long.
            if let Some(anchored) = self.anchors.get_mut(&anchor) {
                anchored.value = Value::Unknown(Why::TooDeep);
            }
            return unknown;
        }
        let mut node = anchored.clone();
        if node.members().is_none() && node.items().is_none() {
            // Whatever uses the alias would change with it.
            self.shared.insert(node.id);
        }
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

/// Adds the keys of the objects that `<<` refers to, except for those that are set next to it. A `<<` whose value is
/// unknown stays.
pub(super) fn merged(members: Vec<Member>) -> Vec<Member> {
    let is_merge = |member: &Member| member.key.value() == "<<";
    if !members.iter().any(is_merge) {
        return members;
    }
    let names = members.iter().map(|member| member.key.value().to_owned());
    let mut names: HashSet<String> = names.collect();
    let mut all = Vec::new();
    for member in members {
        let objects = match &member.value.value {
            Value::List(items) => &items[..],
            _ => std::slice::from_ref(&member.value),
        };
        if !is_merge(&member) || objects.iter().any(|object| object.members().is_none()) {
            all.push(member);
            continue;
        }
        // The first of several objects counts.
        let added = objects.iter().flat_map(|object| object.members());
        for member in added.flatten() {
            if names.insert(member.key.value().to_owned()) {
                all.push(member.clone());
            }
        }
    }
    all
}

/// Returns the nodes with an anchor in them that an alias outside of them refers to.
pub(super) fn needed(roots: &[Node], aliases: &[(Span, Span)]) -> HashSet<NodeId> {
    let mut by_head: Vec<(Span, Span)> = aliases
        .iter()
        .map(|(alias, head)| (*head, *alias))
        .collect();
    by_head.sort_unstable();
    let mut needed = HashSet::new();
    let mut all: Vec<&Node> = match by_head.is_empty() {
        true => Vec::new(),
        false => roots.iter().collect(),
    };
    while let Some(node) = all.pop() {
        let from = by_head.partition_point(|(head, _)| head.start() < node.span.start());
        let within = by_head[from..]
            .iter()
            .take_while(|(head, _)| head.start() < node.span.end());
        let mut outside = within.filter(|(_, alias)| !node.span.contains(*alias));
        if outside.next().is_some() {
            needed.insert(node.id);
        }
        all.extend(node.items().unwrap_or_default());
        let members = node.members().unwrap_or_default();
        all.extend(members.iter().map(|member| &member.value));
    }
    needed
}

/// Returns a copy of an anchored node; without its content, if that is too large for an alias.
pub(super) fn copied(node: &Node) -> Node {
    if size(node, MAX_ALIASED) <= MAX_ALIASED {
        return node.clone();
    }
    Node {
        value: Value::Unknown(Why::TooDeep),
        ..*node
    }
}

/// The number of nodes in a node, up to `limit` and one more.
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

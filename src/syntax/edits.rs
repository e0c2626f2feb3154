//! Collects edits of a text.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use crate::document::{Document, Index, Node, NodeId, Parent};
use crate::source::{Edit, Span};
use crate::syntax::TreeChange;

/// The characters that end a line. Old editors end lines with a lone CR.
pub(super) const LINE_BREAKS: [char; 2] = ['\n', '\r'];

/// Returns the edits of each group of changes. The changes of one group are merged.
pub(super) fn lower(
    document: &Document,
    groups: &[Vec<TreeChange>],
    lower_group: impl Fn(&Index<'_>, &[TreeChange]) -> Edits,
) -> Vec<Vec<Edit>> {
    let index = Index::new(document);
    let groups = groups.iter();
    groups
        .map(|changes| lower_group(&index, changes).in_order())
        .collect()
}

/// Returns the nodes that a group of changes removes.
pub(super) fn removed(changes: &[TreeChange]) -> HashSet<NodeId> {
    let removed = changes.iter().filter_map(|change| match change {
        TreeChange::Remove(node) => Some(*node),
        _ => None,
    });
    removed.collect()
}

/// Returns the lists from which a group of changes removes items, and the indices of these.
pub(super) fn removed_items<'t>(
    index: &Index<'t>,
    changes: &[TreeChange],
) -> Vec<(&'t Node, BTreeSet<usize>)> {
    let mut lists: BTreeMap<NodeId, (&Node, BTreeSet<usize>)> = BTreeMap::new();
    for change in changes {
        if let TreeChange::Remove(item) = change
            && let Some((_, Parent::List(list, place))) = index.get(*item)
        {
            let (_, places) = lists.entry(list.id).or_insert((list, BTreeSet::new()));
            places.insert(place);
        }
    }
    lists.into_values().collect()
}

/// The edits for a group of changes, which may overlap.
#[derive(Default)]
pub(super) struct Edits {
    /// Bytes to delete.
    removed: BTreeSet<(usize, usize)>,
    /// The bytes to replace, and the text to replace them with.
    replaced: BTreeMap<(usize, usize), String>,
}

impl Edits {
    pub(super) fn replace(&mut self, span: Span, with: String) {
        self.replaced.insert((span.start(), span.end()), with);
    }

    /// Adds a text after what was inserted at the same place before.
    pub(super) fn insert(&mut self, at: usize, what: &str) {
        self.replaced.entry((at, at)).or_default().push_str(what);
    }

    pub(super) fn remove(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.removed.insert((range.start, range.end));
        }
    }

    /// Returns the edits in order. Adjacent deletions are joined, and replacements inside of them
    /// are dropped.
    fn in_order(self) -> Vec<Edit> {
        let mut removed: Vec<(usize, usize)> = Vec::new();
        for (start, end) in self.removed {
            match removed.last_mut() {
                Some((_, last)) if start <= *last => *last = end.max(*last),
                _ => removed.push((start, end)),
            }
        }
        // An insertion at the edge of a deletion is outside of it.
        let is_inside = |start: usize, end: usize| {
            let after = removed.partition_point(|(from, _)| *from <= start);
            after.checked_sub(1).is_some_and(|place| {
                let (from, to) = removed[place];
                end <= to && (start, end) != (from, from) && (start, end) != (to, to)
            })
        };
        let replaced = self
            .replaced
            .into_iter()
            .filter(|((start, end), _)| !is_inside(*start, *end));
        let mut edits: Vec<_> = replaced
            .map(|((start, end), text)| Edit {
                span: Span::new(start, end),
                text,
            })
            .chain(removed.iter().map(|(start, end)| Edit {
                span: Span::new(*start, *end),
                text: String::new(),
            }))
            .collect();
        edits.sort();
        edits
    }
}

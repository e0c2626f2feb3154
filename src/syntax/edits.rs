//! Collects edits of a text.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use crate::document::{Document, Index, Node, NodeId, Parent};
use crate::source::{BYTE_ORDER_MARK, Edit, Span};
use crate::syntax::comments::end_of_line;
use crate::syntax::{CommentMarks, TreeChange};

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

/// Returns the comma after a value, past white space.
pub(super) fn comma_after(text: &str, end: usize) -> Option<usize> {
    let rest = &text[end..];
    let blank = rest.len() - rest.trim_start().len();
    rest[blank..].starts_with(',').then_some(end + blank)
}

/// Returns the full lines of a range if they contain nothing else but a comment after it that its line ends.
pub(super) fn own_lines(
    text: &str,
    range: Range<usize>,
    marks: &[CommentMarks],
) -> Option<Range<usize>> {
    // A line may be very long and hold many items, so look only at the blanks around the range.
    let before = text[..range.start].trim_end_matches([' ', '\t']);
    let before = before.strip_suffix(BYTE_ORDER_MARK).unwrap_or(before);
    if !before.is_empty() && !before.ends_with(LINE_BREAKS) {
        return None;
    }
    let start = before.len();
    let rest = text[range.end..].trim_start_matches([' ', '\t']);
    let mut of_lines = marks.iter().filter(|(_, close)| close.is_empty());
    let is_comment = of_lines.any(|(open, _)| rest.starts_with(open));
    if !rest.starts_with(LINE_BREAKS) && !is_comment {
        return None;
    }
    let end = text.len() - rest.len() + rest.find(LINE_BREAKS)?;
    let line_break = if text[end..].starts_with("\r\n") {
        2
    } else {
        1
    };
    Some(start..end + line_break)
}

/// Returns what to remove with items of a list in brackets: each with its comma, and with its lines if these contain
/// only the item. `None` if it can't be told whether a comment is about a removed item or another one.
pub(super) fn removed_from_brackets(
    text: &str,
    list: &Node,
    places: &BTreeSet<usize>,
    marks: &[CommentMarks],
) -> Option<Vec<Range<usize>>> {
    let has_comment = |start: usize, end: usize| {
        let between = &text[start..end];
        marks.iter().any(|(open, _)| between.contains(open))
    };
    let all = list.items().unwrap_or_default();
    let kept = (0..all.len()).rev().find(|place| !places.contains(place));
    let Some(last_kept) = kept else {
        let (start, end) = (list.span.start() + 1, list.span.end() - 1);
        let ends = all.iter().map(|item| item.span.end());
        let starts = all.iter().map(|item| item.span.start());
        let mut between = [start].into_iter().chain(ends).zip(starts.chain([end]));
        let is_lost = between.any(|(start, end)| has_comment(start, end));
        let inside = start..end;
        return (!is_lost).then(|| vec![inside]);
    };
    let mut removed = Vec::new();
    for &place in places {
        let item = all[place].span;
        let comma = comma_after(text, item.end());
        let end = comma.map_or(item.end(), |comma| comma + 1);
        if place + 1 == all.len() && comma.is_none() {
            let separator = comma_after(text, all[last_kept].span.end())?;
            removed.push(separator..separator + 1);
        }
        if let Some(lines) = own_lines(text, item.start()..end, marks) {
            removed.push(lines);
        } else if place < last_kept {
            let next = all[place + 1].span.start();
            if has_comment(item.end(), next) {
                return None;
            }
            removed.push(item.start()..next);
        } else {
            let before = all[place - 1].span.end();
            let from = comma_after(text, before)? + 1;
            let next = all.get(place + 1).map(|next| next.span.start());
            let next = next.unwrap_or(list.span.end());
            let after = end_of_line(&text[..next], end);
            if has_comment(from, item.start()) || has_comment(end, after) {
                return None;
            }
            removed.push(from..end);
        }
    }
    Some(removed)
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

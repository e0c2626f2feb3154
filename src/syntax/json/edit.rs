//! How changes become bytes of JSON. What is not at fault stays byte for byte.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use crate::document::{Document, Member, Node, NodeId, Text};
use crate::finding::Change;
use crate::source::Span;
use crate::syntax::Edit;

/// The edits of each group of changes. Those of one group are merged: two neighbours that go share a
/// comma.
pub(super) fn lower(
    text: &str,
    document: &Document<'_>,
    groups: &[Vec<&Change>],
) -> Vec<Vec<Edit>> {
    let index = Index::new(&document.root);
    let groups = groups.iter();
    groups
        .map(|changes| lower_group(text, &index, changes))
        .collect()
}

fn lower_group(text: &str, index: &Index<'_>, changes: &[&Change]) -> Vec<Edit> {
    let mut lowering = Lowering {
        text,
        gone: BTreeSet::new(),
        edits: BTreeMap::new(),
        stray: HashSet::new(),
        missing: BTreeSet::new(),
        used_up: HashSet::new(),
    };
    for change in changes {
        if let Change::RemoveComma(span) = change {
            lowering.stray.insert(span.start());
        }
    }
    let mut removed: BTreeMap<NodeId, BTreeMap<usize, bool>> = BTreeMap::new();
    for change in changes {
        match change {
            Change::RemoveItem { item, may_empty } => {
                if let Some((list, place)) = index.place(*item) {
                    removed.entry(list).or_default().insert(place, *may_empty);
                }
            }
            Change::ReplaceText { node, part, with } => {
                if let Some(string) = index.node(*node).and_then(Node::text) {
                    let quote = lowering.quote(string.span());
                    lowering.replace(string.at(part.clone()), escaped(with, quote));
                }
            }
            Change::SetNumber { node, number } => {
                if let Some(node) = index.node(*node) {
                    lowering.replace(node.span, number.to_string());
                }
            }
            Change::WrapInList(node) => {
                if let Some(node) = index.node(*node) {
                    lowering.insert(node.span.start(), "[");
                    lowering.insert(node.span.end(), "]");
                }
            }
            Change::InsertNumber {
                object,
                key,
                number,
            } => {
                if let Some(object) = index.node(*object) {
                    lowering.insert_member(object, key, &number.to_string());
                }
            }
            Change::RenameKey { value, key } => {
                if let Some(name) = index.key(*value) {
                    let quote = lowering.quote(name.span());
                    lowering.replace(name.at(0..name.value().len()), escaped(key, quote));
                }
            }
            Change::RemoveComma(_) => {}
            Change::InsertComma(at) => {
                lowering.missing.insert(*at);
            }
        }
    }
    for (list, places) in removed {
        if let Some(list) = index.node(list) {
            lowering.remove_items(list, &places);
        }
    }
    for comma in std::mem::take(&mut lowering.missing) {
        lowering.insert(comma, ",");
    }
    let stray: Vec<_> = lowering
        .stray
        .difference(&lowering.used_up)
        .copied()
        .collect();
    for comma in stray {
        lowering.remove(comma..comma + 1);
    }
    lowering.finish()
}

/// Finds nodes, and what holds them.
struct Index<'d> {
    /// In the order of their IDs, which is that of the file.
    nodes: Vec<(&'d Node<'d>, Holder<'d>)>,
}

/// What holds a node.
#[derive(Clone, Copy)]
enum Holder<'d> {
    Nothing,
    /// A list, in which it has a place.
    List(NodeId, usize),
    /// An object, under a key.
    Key(&'d Text<'d>),
}

impl<'d> Index<'d> {
    fn new(root: &'d Node<'d>) -> Index<'d> {
        let mut index = Index { nodes: Vec::new() };
        index.add(root, Holder::Nothing);
        index
    }

    fn add(&mut self, node: &'d Node<'d>, holder: Holder<'d>) {
        self.nodes.push((node, holder));
        for (place, item) in node.items().unwrap_or_default().iter().enumerate() {
            self.add(item, Holder::List(node.id, place));
        }
        for member in node.members().unwrap_or_default() {
            self.add(&member.value, Holder::Key(&member.key));
        }
    }

    fn get(&self, id: NodeId) -> Option<(&'d Node<'d>, Holder<'d>)> {
        let found = self.nodes.binary_search_by_key(&id, |(node, _)| node.id);
        found.ok().map(|place| self.nodes[place])
    }

    fn node(&self, id: NodeId) -> Option<&'d Node<'d>> {
        self.get(id).map(|(node, _)| node)
    }

    fn place(&self, item: NodeId) -> Option<(NodeId, usize)> {
        match self.get(item)?.1 {
            Holder::List(list, place) => Some((list, place)),
            Holder::Nothing | Holder::Key(_) => None,
        }
    }

    fn key(&self, value: NodeId) -> Option<&'d Text<'d>> {
        match self.get(value)?.1 {
            Holder::Key(key) => Some(key),
            Holder::Nothing | Holder::List(..) => None,
        }
    }
}

struct Lowering<'t> {
    text: &'t str,
    /// Bytes that go.
    gone: BTreeSet<(usize, usize)>,
    /// What comes in place of bytes.
    edits: BTreeMap<(usize, usize), String>,
    /// Commas that have nothing to divide, and are to go.
    stray: HashSet<usize>,
    /// Those of them that divide what came.
    used_up: HashSet<usize>,
    /// Where a comma is missing.
    missing: BTreeSet<usize>,
}

impl Lowering<'_> {
    fn replace(&mut self, span: Span, with: String) {
        self.edits.insert((span.start(), span.end()), with);
    }

    fn insert(&mut self, at: usize, what: &str) {
        self.edits.entry((at, at)).or_default().push_str(what);
    }

    fn remove(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.gone.insert((range.start, range.end));
        }
    }

    /// The quote that a string is written in.
    fn quote(&self, string: Span) -> char {
        self.text[string.range()].chars().next().unwrap_or('"')
    }

    /// Takes the items of those places out of a list, each with its comma and, where it stood alone,
    /// its line. `places` say whether the list may be left empty.
    fn remove_items(&mut self, list: &Node<'_>, places: &BTreeMap<usize, bool>) {
        let all = list.items().unwrap_or_default();
        let kept = (0..all.len())
            .rev()
            .find(|place| !places.contains_key(place));
        let Some(last_kept) = kept else {
            if places.values().all(|may_empty| *may_empty) {
                self.empty(list, all);
            }
            return;
        };
        for &place in places.keys() {
            let item = &all[place];
            // What goes needs no comma, nor does what is last then.
            self.missing.remove(&item.span.end());
            if place > last_kept {
                self.missing.remove(&all[last_kept].span.end());
            }
            let comma = self.comma_after(item.span.end());
            let end = comma.map_or(item.span.end(), |at| at + 1);
            // The line before it ends in a comma that has nothing to divide any more.
            if place > last_kept {
                let is_last = place + 1 == all.len();
                // Where a comma may end the list, one that did still does.
                let was_trailing = is_last && comma.is_some_and(|at| !self.stray.contains(&at));
                if place == last_kept + 1 || is_last {
                    let divides = self.comma_after(all[last_kept].span.end());
                    if let (Some(divides), false) = (divides, was_trailing) {
                        self.remove(divides..divides + 1);
                    }
                }
            }
            let alone = self.line_if_alone(item.span.start()..end);
            let range = alone.unwrap_or_else(|| {
                if place > last_kept {
                    // What divided it from the item before, but for that item's comma.
                    let before = &all[place - 1];
                    let from = self
                        .comma_after(before.span.end())
                        .map_or(before.span.end(), |at| at + 1);
                    self.blank_from(from, item.span.start())..end
                } else {
                    item.span.start()..self.blank_to(end)
                }
            });
            self.remove(range);
        }
    }

    /// Takes all items out of a list; comments of their own stay.
    fn empty(&mut self, list: &Node<'_>, all: &[Node<'_>]) {
        let starts = all.iter().map(|item| item.span.start());
        let ends = all.iter().map(|item| item.span.end());
        let (start, end) = (list.span.start() + 1, list.span.end() - 1);
        let mut between = std::iter::once(start).chain(ends).zip(starts.chain([end]));
        if !between.any(|(from, to)| self.text[from..to].contains('/')) {
            self.remove(start..end);
            return;
        }
        for item in all {
            self.missing.remove(&item.span.end());
            let comma = self.comma_after(item.span.end());
            // A comment may stand before the comma.
            let to_comma = comma.filter(|at| {
                let blank = &self.text[item.span.end()..*at];
                blank.trim().is_empty()
            });
            let end = to_comma.map_or(item.span.end(), |at| at + 1);
            let alone = self.line_if_alone(item.span.start()..end);
            let range = alone.unwrap_or(item.span.start()..self.blank_to(end));
            self.remove(range);
            if let Some(comma) = comma.filter(|_| to_comma.is_none()) {
                self.remove(comma..comma + 1);
            }
        }
    }

    /// The comma behind a value, past white space and comments.
    fn comma_after(&self, end: usize) -> Option<usize> {
        let at = skip_blank(self.text, end);
        self.text[at..].starts_with(',').then_some(at)
    }

    /// The lines of `range`, if nothing else stands on them but white space and a comment behind.
    fn line_if_alone(&self, range: Range<usize>) -> Option<Range<usize>> {
        let line = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let before = &self.text[line..range.start];
        let after = &self.text[range.end..];
        let end = range.end + after.find('\n')? + 1;
        let behind = self.text[range.end..end].trim();
        let is_alone = before.trim().is_empty() && (behind.is_empty() || behind.starts_with("//"));
        is_alone.then_some(line..end)
    }

    /// The end of the spaces and tabs from `at` on.
    fn blank_to(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
    }

    /// The start of the spaces and tabs that end at `to`, not before `from`.
    fn blank_from(&self, from: usize, to: usize) -> usize {
        from + self.text[from..to]
            .trim_end_matches([' ', '\t', '\r', '\n'])
            .len()
    }

    /// Adds a member behind the last one, in the style of the object.
    fn insert_member(&mut self, object: &Node<'_>, key: &str, value: &str) {
        let Some(members) = object.members() else {
            return;
        };
        let Some(last) = members.last() else {
            // What stands in it can only be a comment.
            let inner = object.span.start() + 1..object.span.end() - 1;
            let is_blank = self.text[inner.clone()].trim().is_empty();
            let start = if is_blank { inner.start } else { inner.end };
            self.edits
                .insert((start, inner.end), format!("\"{key}\": {value}"));
            return;
        };
        let end = last.value.span.end();
        let comma = self.comma_after(end);
        self.used_up.extend(comma);
        let quote = self.quote(last.key.span());
        let colon = &self.text[last.key.span().end()..last.value.span.start()];
        let colon = if colon.contains('/') { ": " } else { colon };
        let member = format!("{quote}{key}{quote}{colon}{value}");
        let Some(line_break) = self.own_line(object, members) else {
            let space = self.space_between(object, members);
            match comma {
                Some(comma) => self.insert(comma + 1, &format!("{space}{member}")),
                None => self.insert(end, &format!(",{space}{member}")),
            }
            return;
        };
        if comma.is_none() {
            self.insert(end, ",");
        }
        // A comment behind the last value stays on its line.
        let from = comma.map_or(end, |at| at + 1);
        let at = end_of_line_comment(self.text, from);
        self.insert(at, &format!("{line_break}{member}"));
    }

    /// The line break and indentation of a member of its own line; none where all share one line.
    fn own_line(&self, object: &Node<'_>, members: &[Member<'_>]) -> Option<String> {
        let mut starts = members.iter().map(|member| member.key.span().start());
        let first = starts.next()?;
        let last = starts.next_back().unwrap_or(first);
        let from = if members.len() > 1 {
            first
        } else {
            object.span.start()
        };
        if !self.text[from..last].contains('\n') {
            return None;
        }
        let line = self.text[..last].rfind('\n').map_or(0, |at| at + 1);
        let indentation = &self.text[line..last];
        let blank = indentation.len() - indentation.trim_start().len();
        let line_break = if self.text[..line].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        Some(format!("{line_break}{}", &indentation[..blank]))
    }

    /// What stands between the comma of a member and the next.
    fn space_between(&self, object: &Node<'_>, members: &[Member<'_>]) -> &str {
        let [.., before, last] = members else {
            let inner = &self.text[object.span.start() + 1..];
            return if inner.starts_with('"')
                && !self.text[members[0].key.span().end()..].starts_with(": ")
            {
                ""
            } else {
                " "
            };
        };
        let from = self.comma_after(before.value.span.end());
        let space = from.map_or(" ", |at| &self.text[at + 1..last.key.span().start()]);
        if space.trim().is_empty() { space } else { " " }
    }

    /// The edits in order. What goes is joined where it touches, and swallows what was to change
    /// in it.
    fn finish(self) -> Vec<Edit> {
        let mut gone: Vec<(usize, usize)> = Vec::new();
        for (start, end) in self.gone {
            match gone.last_mut() {
                Some((_, last)) if start <= *last => *last = end.max(*last),
                _ => gone.push((start, end)),
            }
        }
        // What touches a gap at its edge is beside it.
        let is_swallowed = |start: usize, end: usize| {
            let after = gone.partition_point(|(from, _)| *from <= start);
            after.checked_sub(1).is_some_and(|place| {
                let (from, to) = gone[place];
                end <= to && (start, end) != (from, from) && (start, end) != (to, to)
            })
        };
        let changed = self
            .edits
            .into_iter()
            .filter(|((start, end), _)| !is_swallowed(*start, *end));
        let mut edits: Vec<_> = changed
            .map(|((start, end), text)| Edit {
                span: Span::new(start, end),
                text,
            })
            .chain(gone.iter().map(|(start, end)| Edit {
                span: Span::new(*start, *end),
                text: String::new(),
            }))
            .collect();
        edits.sort();
        edits
    }
}

/// The place after white space and comments.
fn skip_blank(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else {
            return at;
        }
    }
}

/// The end of a comment that begins on the line of `from`, else `from`.
fn end_of_line_comment(text: &str, from: usize) -> usize {
    let line_end = text[from..]
        .find(['\n', '\r'])
        .map_or(text.len(), |at| from + at);
    let rest = text[from..line_end].trim_start();
    if rest.starts_with("//") {
        return line_end;
    }
    if rest.starts_with("/*") {
        let start = from + (text[from..line_end].len() - rest.len());
        return text[start..].find("*/").map_or(from, |at| start + at + 2);
    }
    from
}

/// A text as it is written between such quotes.
fn escaped(text: &str, quote: char) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let inner = json
        .get(1..json.len().saturating_sub(1))
        .unwrap_or_default();
    match quote {
        '\'' => inner.replace("\\\"", "\"").replace('\'', "\\'"),
        _ => inner.to_owned(),
    }
}

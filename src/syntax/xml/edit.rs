//! Turns changes to the tree into edits to the XML text. All other bytes are left unchanged.

use std::collections::HashSet;
use std::ops::Range;

use crate::document::{Document, Index, Node, NodeId, Parent, Text, Value};
use crate::source::{Edit, Span};
use crate::syntax::TreeChange;
use crate::syntax::edits::{self, Edits, LINE_BREAKS, removed};

/// Returns the edits of each group of changes. The changes of one group are merged.
pub(super) fn lower(text: &str, document: &Document, groups: &[Vec<TreeChange>]) -> Vec<Vec<Edit>> {
    edits::lower(document, groups, |index, changes| {
        let mut lowering = Lowering {
            text,
            index,
            removed: removed(changes),
            edits: Edits::default(),
        };
        changes.iter().for_each(|change| lowering.add(change));
        lowering.edits
    })
}

struct Lowering<'t> {
    text: &'t str,
    index: &'t Index<'t>,
    /// The elements to remove.
    removed: HashSet<NodeId>,
    edits: Edits,
}

impl Lowering<'_> {
    fn add(&mut self, change: &TreeChange) {
        match change {
            TreeChange::Remove(element) => self.remove(*element),
            TreeChange::SetText { node, part, with } => {
                if let Some(text) = self.index.node(*node).and_then(Node::written_text) {
                    self.set_text(text, part.clone(), with);
                }
            }
            TreeChange::SetNumber { node, number } => {
                if let Some(node) = self.index.node(*node) {
                    self.edits.replace(node.head, number.to_string());
                }
            }
            TreeChange::InsertNumber {
                object,
                key,
                number,
            } => {
                if let Some(object) = self.index.node(*object) {
                    self.insert_element(object, key, &number.to_string());
                }
            }
            TreeChange::RenameKey { value, key } => self.rename(*value, key),
            // A list is nothing but its elements.
            TreeChange::WrapInList(_) => {}
            TreeChange::Raw(edit) => self.edits.replace(edit.span, edit.text.clone()),
        }
    }

    /// Removes an element, with its lines if these contain nothing else but a comment about it.
    fn remove(&mut self, element: NodeId) {
        let Some(node) = self.index.node(element) else {
            return;
        };
        let range = node.span.range();
        let range = own_lines(self.text, &range).unwrap_or(range);
        self.edits.remove(range);
    }

    fn set_text(&mut self, text: &Text, part: Range<usize>, with: &str) {
        let whole = text.at(0..text.value().len());
        // A part may be split by the marks of a section. A comment would be lost.
        let source = &self.text[whole.range()];
        if source.contains("<!--") || source.contains("<?") {
            return;
        }
        if source.contains("<!") {
            let value = text.value();
            let value = format!("{}{with}{}", &value[..part.start], &value[part.end..]);
            self.edits.replace(text.span(), escaped(&value));
        } else {
            self.edits.replace(text.at(part), escaped(with));
        }
    }

    /// Adds an element after the last one that remains, in the style of the elements before it.
    fn insert_element(&mut self, object: &Node, key: &str, value: &str) {
        let prefix = self.prefix(object);
        let element = format!("<{prefix}{key}>{value}</{prefix}{key}>");
        let elements = elements(object);
        let Some(first) = elements.first() else {
            self.fill(object, &element);
            return;
        };
        let line_break = self.line_break_before(first.span.start());
        let element = format!("{}{element}", line_break.unwrap_or_default());
        let remaining = elements
            .iter()
            .filter(|element| !self.removed.contains(&element.id));
        let at = match remaining.map(|element| element.span.end()).max() {
            Some(end) => own_comment(self.text, end),
            None => object.head.end(),
        };
        self.edits.insert(at, &element);
    }

    /// Puts an element into an element without any.
    fn fill(&mut self, object: &Node, element: &str) {
        let tag = &self.text[object.span.range()];
        if let Some(start) = tag.strip_suffix("/>") {
            let name = tag_name(tag);
            let start = start.trim_end();
            let text = format!("{start}>{element}</{name}>");
            self.edits.replace(object.span, text);
        } else if let Some(end) = tag.rfind("</") {
            let at = object.span.start() + end;
            self.edits.replace(Span::new(at, at), element.to_owned());
        }
    }

    /// The namespace prefix of an element, with its colon.
    fn prefix(&self, element: &Node) -> &str {
        let name = tag_name(&self.text[element.span.range()]);
        name.rfind(':').map_or("", |colon| &name[..=colon])
    }

    /// Returns the line break and the indentation before an element; `None` if it does not start its line.
    fn line_break_before(&self, at: usize) -> Option<&str> {
        let before = &self.text[..at];
        let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
        let line_breaks = ["\r\n", "\n", "\r"].into_iter();
        let line = &before[..before.len() - blank];
        let line_break = line_breaks
            .clone()
            .find(|line_break| line.ends_with(line_break))?;
        Some(&before[line.len() - line_break.len()..])
    }

    /// Renames an element, or all elements of a list, in their start and end tags.
    fn rename(&mut self, value: NodeId, key: &str) {
        let Some((node, parent)) = self.index.get(value) else {
            return;
        };
        let Parent::Map(member) = parent else {
            return;
        };
        let old = member.key.value();
        let elements = match &node.value {
            Value::List(items) => &items[..],
            _ => std::slice::from_ref(node),
        };
        for element in elements {
            let text = &self.text[element.span.range()];
            let start = text.find(old);
            let end = text
                .rfind("</")
                .and_then(|end| Some(end + text[end..].find(old)?));
            let is_empty = text.ends_with("/>");
            for place in start.into_iter().chain(end.filter(|_| !is_empty)) {
                let at = element.span.start() + place;
                self.edits
                    .replace(Span::new(at, at + old.len()), key.to_owned());
            }
        }
    }
}

/// The elements in an element, also those of lists.
fn elements(object: &Node) -> Vec<&Node> {
    let members = object.members().unwrap_or_default().iter();
    let elements = members.flat_map(|member| match &member.value.value {
        // The elements of a container are inside of it; other lists are nothing but their elements.
        Value::List(items) if !is_container(&member.value, items) => items.iter().collect(),
        _ => vec![&member.value],
    });
    elements.collect()
}

/// Returns true if a list has an element of its own around its items.
fn is_container(list: &Node, items: &[Node]) -> bool {
    items
        .first()
        .is_none_or(|first| list.span.start() < first.span.start())
}

/// Returns the full lines of a range if they contain nothing else but a comment after it.
fn own_lines(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..range.start].trim_end_matches([' ', '\t']);
    if !before.is_empty() && !before.ends_with(LINE_BREAKS) {
        return None;
    }
    let end = own_comment(text, range.end);
    let rest = text[end..].trim_start_matches([' ', '\t']);
    if !rest.starts_with(LINE_BREAKS) {
        return None;
    }
    let line_break = if rest.starts_with("\r\n") { 2 } else { 1 };
    Some(before.len()..text.len() - rest.len() + line_break)
}

/// Returns the end of a comment that follows on the same line, with nothing else after it; `from` if there is
/// none.
fn own_comment(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let comment = rest.trim_start_matches([' ', '\t']);
    let Some(inside) = comment.strip_prefix("<!--") else {
        return from;
    };
    let Some(length) = inside
        .find("-->")
        .filter(|end| !inside[..*end].contains(LINE_BREAKS))
    else {
        return from;
    };
    let end = text.len() - inside.len() + length + "-->".len();
    let after = text[end..].trim_start_matches([' ', '\t']);
    match after.is_empty() || after.starts_with(LINE_BREAKS) {
        true => end,
        false => from,
    }
}

/// The name in a start tag, with its prefix.
fn tag_name(element: &str) -> &str {
    let name = element.trim_start_matches('<');
    let end = name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
    &name[..end.unwrap_or(name.len())]
}

/// Escapes a text for the content of an element.
fn escaped(text: &str) -> String {
    quick_xml::escape::partial_escape(text).into_owned()
}

//! Turns changes to the tree into edits to the HCL text. All other bytes are left unchanged, except for the blanks
//! before the `=` of attributes that are aligned with a new or renamed one.

use std::collections::{BTreeSet, HashMap};

use super::MARKS;
use crate::document::{Document, Index, Member, Node, Parent, Value};
use crate::source::{BYTE_ORDER_MARK, Edit, Span};
use crate::syntax::TreeChange;
use crate::syntax::comments::end_of_line;
use crate::syntax::edits::{
    self, Edits, LINE_BREAKS, comma_after, removed_from_brackets, removed_items,
};

/// Returns the edits of each group of changes. The changes of one group are merged.
pub(super) fn lower(text: &str, document: &Document, groups: &[Vec<TreeChange>]) -> Vec<Vec<Edit>> {
    edits::lower(document, groups, |index, changes| {
        lower_group(text, index, changes)
    })
}

fn lower_group(text: &str, index: &Index<'_>, changes: &[TreeChange]) -> Edits {
    let mut lowering = Lowering {
        text,
        renamed: HashMap::new(),
        edits: Edits::default(),
    };
    // A new attribute is aligned with the keys as they will be.
    for change in changes {
        if let TreeChange::RenameKey { value, key } = change
            && let Some((_, Parent::Map(member))) = index.get(*value)
        {
            lowering.rename(member, key);
        }
    }
    for change in changes {
        match change {
            // The items of a list are removed together, below.
            TreeChange::Remove(_) => {}
            TreeChange::SetText { node, part, with } => {
                if let Some(string) = index.node(*node).and_then(Node::written_text) {
                    lowering
                        .edits
                        .replace(string.at(part.clone()), in_quotes(with));
                }
            }
            TreeChange::SetNumber { node, number } => {
                if let Some(node) = index.node(*node) {
                    lowering.edits.replace(node.span, number.to_string());
                }
            }
            TreeChange::WrapInList(node) => {
                if let Some(node) = index.node(*node) {
                    lowering.edits.insert(node.span.start(), "[");
                    lowering.edits.insert(node.span.end(), "]");
                }
            }
            TreeChange::InsertNumber {
                object,
                key,
                number,
            } => {
                if let Some(object) = index.node(*object) {
                    lowering.insert_member(object, key, &number.to_string());
                }
            }
            // Keys are renamed already, above.
            TreeChange::RenameKey { .. } => {}
            TreeChange::Raw(edit) => lowering.edits.replace(edit.span, edit.text.clone()),
        }
    }
    for (list, places) in removed_items(index, changes) {
        lowering.remove_items(list, &places);
    }
    lowering.edits
}

struct Lowering<'t> {
    text: &'t str,
    /// How long renamed keys will be, by their position.
    renamed: HashMap<usize, usize>,
    edits: Edits,
}

/// An attribute on a line of its own.
struct Line {
    /// The line, counted in bytes from the start of the text.
    start: usize,
    key: Span,
    /// How long its key will be.
    length: usize,
    /// Where its `=` is.
    equals: usize,
}

impl Lowering<'_> {
    /// Removes items from a list, each with its comma and with any lines that contain only that item.
    fn remove_items(&mut self, list: &Node, places: &BTreeSet<usize>) {
        let removed = removed_from_brackets(self.text, list, places, MARKS);
        for range in removed.into_iter().flatten() {
            self.edits.remove(range);
        }
    }

    /// Replaces a key. A key in quotes keeps them, and the blanks before the `=` make up for another length.
    fn rename(&mut self, member: &Member, key: &str) {
        let old = member.key.at(0..member.key.value().len());
        self.edits.replace(old, key.to_owned());
        self.renamed.insert(old.start(), key.len());
        let end = member.key.span().end();
        let rest = &self.text[end..];
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        if !rest[blanks..].starts_with('=') || blanks < 2 {
            return;
        }
        let width = (old.end() - old.start() + blanks)
            .saturating_sub(key.len())
            .max(1);
        self.edits
            .replace(Span::new(end, end + blanks), " ".repeat(width));
    }

    /// Adds an attribute after the last one, in the style of the block or object.
    fn insert_member(&mut self, object: &Node, key: &str, value: &str) {
        let members = object.members().unwrap_or_default();
        let last = members.iter().max_by_key(|member| end_of(&member.value));
        let Some(last) = last else {
            let end = object.span.end() - 1;
            self.edits.insert(end, &format!(" {key} = {value} "));
            return;
        };
        let end = end_of(&last.value);
        let comma = comma_after(self.text, end);
        let after = comma.map_or(end, |comma| comma + 1);
        let start = last.key.span().start();
        let line = line_start(self.text, start);
        let is_own_line = self.text[line..start]
            .trim_start_matches(BYTE_ORDER_MARK)
            .trim()
            .is_empty();
        let is_block = !self.text[object.span.range()].starts_with('{');
        if !is_own_line && is_block {
            // A block on one line can have only one attribute.
            return;
        }
        if !is_own_line {
            let is_colon = self.text[last.key.span().end()..]
                .trim_start()
                .starts_with(':');
            let assign = if is_colon { ": " } else { " = " };
            let quote = if self.text[start..].starts_with('"') {
                "\""
            } else {
                ""
            };
            let member = format!("{quote}{key}{quote}{assign}{value}");
            match comma {
                Some(_) => self.edits.insert(after, &format!(" {member},")),
                None => self.edits.insert(end, &format!(", {member}")),
            }
            return;
        }
        let group = self.group_before(members, last);
        let width = group.iter().map(|line| line.length).max();
        let width = width.unwrap_or(0).max(key.len());
        let column = group.iter().map(|line| line.equals - line.start).max();
        let is_aligned = group
            .iter()
            .all(|line| Some(line.equals - line.start) == column);
        if is_aligned {
            for line in &group {
                let blanks = width + 1 - line.length;
                let span = Span::new(line.key.end(), line.equals);
                if self.text[span.range()].len() != blanks {
                    self.edits.replace(span, " ".repeat(blanks));
                }
            }
        }
        let width = if is_aligned { width } else { key.len() };
        let end_of_line = end_of_line(self.text, after);
        let rest = &self.text[after..end_of_line];
        let is_comment_open = rest.rfind("/*") > rest.rfind("*/");
        // The line may also go on with the end of the object, or with a comment that ends on another one.
        let end_of_line = match is_comment_open || object.span.end() <= end_of_line {
            true => after,
            false => end_of_line,
        };
        let line_break = match &self.text[..line] {
            before if before.ends_with("\r\n") => "\r\n",
            _ => "\n",
        };
        // The items of an object in several lines may be separated by commas.
        let comma = if comma.is_some() { "," } else { "" };
        let indentation = &self.text[line..start];
        let member = format!("{line_break}{indentation}{key:width$} = {value}{comma}");
        self.edits.insert(end_of_line, &member);
    }

    /// Returns the attributes on the lines directly before the end, which `terraform fmt` aligns with a new one.
    fn group_before(&self, members: &[Member], last: &Member) -> Vec<Line> {
        let mut group: Vec<Line> = Vec::new();
        let mut members: Vec<_> = members.iter().collect();
        members.sort_by_key(|member| member.key.span());
        for member in members.into_iter().rev() {
            let key = member.key.span();
            let start = line_start(self.text, key.start());
            let rest = &self.text[key.end()..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let text = &self.text[key.start()..end_of(&member.value)];
            let is_line = rest[blanks..].starts_with('=') && !text.contains(LINE_BREAKS);
            let is_adjacent = match group.last() {
                Some(below) => {
                    let between = &self.text[end_of(&member.value)..below.start];
                    between.matches('\n').count() == 1
                }
                None => std::ptr::eq(member, last),
            };
            if !is_line || !is_adjacent {
                break;
            }
            group.push(Line {
                start,
                key,
                length: *self
                    .renamed
                    .get(&key.start())
                    .unwrap_or(&(key.end() - key.start())),
                equals: key.end() + blanks,
            });
        }
        group
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(LINE_BREAKS).map_or(0, |end| end + 1)
}

/// Where a value ends; the blocks of a list end with the last of them.
fn end_of(value: &Node) -> usize {
    match &value.value {
        Value::List(items) => items.last().map_or(value.span.end(), |last| {
            last.span.end().max(value.span.end())
        }),
        _ => value.span.end(),
    }
}

/// Escapes a text for a string in quotes.
pub(super) fn in_quotes(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let inner = &json[1..json.len() - 1];
    inner.replace("${", "$${").replace("%{", "%%{")
}

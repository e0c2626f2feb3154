//! Turns changes to the tree into edits to the YAML text. All other bytes are left unchanged.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::MARKS;
use crate::document::{Document, Index, Member, Node, NodeId, Parent, Text, Value};
use crate::source::{BYTE_ORDER_MARK, Edit, Span};
use crate::syntax::TreeChange;
use crate::syntax::comments::end_of_line;
use crate::syntax::edits::{
    self, Edits, LINE_BREAKS, removed, removed_from_brackets, removed_items,
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
        index,
        removed: removed(changes),
        edits: Edits::default(),
    };
    for change in changes {
        match change {
            // The items of a list are removed together, below.
            TreeChange::Remove(_) => {}
            TreeChange::SetText { node, part, with } => {
                if let Some(string) = index.node(*node).and_then(Node::written_text) {
                    lowering.set_text(string, part.clone(), with);
                }
            }
            TreeChange::SetNumber { node, number } => {
                if let Some(node) = index.node(*node) {
                    lowering.edits.replace(node.span, number.to_string());
                }
            }
            TreeChange::WrapInList(node) => {
                if let Some(node) = index.node(*node) {
                    lowering.wrap(node);
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
            TreeChange::RenameKey { value, key } => {
                if let Some((_, Parent::Map(member))) = index.get(*value) {
                    let old = &member.key;
                    lowering
                        .edits
                        .replace(old.at(0..old.value().len()), (*key).to_owned());
                }
            }
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
    index: &'t Index<'t>,
    /// The items to remove.
    removed: HashSet<NodeId>,
    edits: Edits,
}

impl Lowering<'_> {
    fn set_text(&mut self, string: &Text, part: Range<usize>, with: &str) {
        let value = string.value();
        let new = format!("{}{with}{}", &value[..part.start], &value[part.end..]);
        let span = string.span();
        if self.is_block_scalar(span) {
            return;
        }
        let source = &self.text[span.range()];
        let is_one_line = !source.contains(LINE_BREAKS);
        match source.chars().next() {
            Some('"') if is_one_line => self.edits.replace(string.at(part), in_double_quotes(with)),
            Some('\'') if is_one_line => {
                self.edits
                    .replace(string.at(part), with.replace('\'', "''"));
            }
            _ if source == value && is_plain(&new, value.contains(BRACKETS)) => {
                self.edits.replace(string.at(part), with.to_owned());
            }
            _ => self
                .edits
                .replace(span, format!("\"{}\"", in_double_quotes(&new))),
        }
    }

    /// Returns true for the content of a scalar that starts with a line such as `key: |`.
    fn is_block_scalar(&self, span: Span) -> bool {
        let before = self.text[..span.start()].trim_end();
        if !self.text[before.len()..span.start()].contains(LINE_BREAKS) {
            return false;
        }
        let line = before.rfind(LINE_BREAKS).map_or(0, |at| at + 1);
        let header = before[line..].split(" #").next().unwrap_or_default();
        let last = header.split([' ', '\t']).rfind(|word| !word.is_empty());
        last.is_some_and(|word| word.starts_with(['|', '>']))
    }

    /// Puts a value into a list of its own, on its line.
    fn wrap(&mut self, node: &Node) {
        if self.is_block_scalar(node.span) {
            return;
        }
        let source = &self.text[node.span.range()];
        let is_safe = node
            .text()
            .is_none_or(|text| source != text.value() || !source.contains(BRACKETS));
        if is_safe && !source.contains(LINE_BREAKS) {
            self.edits.insert(node.span.start(), "[");
            self.edits.insert(node.span.end(), "]");
        } else if let Some(text) = node.text() {
            let quoted = format!("[\"{}\"]", in_double_quotes(text.value()));
            self.edits.replace(node.span, quoted);
        }
    }

    fn is_flow(&self, node: &Node) -> bool {
        self.text[node.span.range()].starts_with(['[', '{'])
    }

    fn remove_items(&mut self, list: &Node, places: &BTreeSet<usize>) {
        let all = list.items().unwrap_or_default();
        if self.is_flow(list) {
            let removed = removed_from_brackets(self.text, list, places, MARKS);
            for range in removed.into_iter().flatten() {
                self.edits.remove(range);
            }
            return;
        }
        let mut removed: Vec<Range<usize>> = Vec::new();
        for place in places {
            // Several items on one line, as in `- - a`, can't be removed on their own.
            let Some(lines) = self.lines_of_item(&all[*place]) else {
                return;
            };
            match removed.last_mut() {
                Some(last) if last.end == lines.start => last.end = lines.end,
                _ => removed.push(lines),
            }
        }
        for lines in removed {
            let lines = self.without_last_break(lines);
            self.edits.remove(lines);
        }
        if places.len() == all.len() {
            // Without its items, the key would have no value.
            if let Some((_, Parent::Map(member))) = self.index.get(list.id)
                && let Some(colon) = self.colon_after(&member.key)
            {
                self.edits.insert(colon, " []");
            }
        }
    }

    /// Returns lines at the end of the text with the line break before them instead of their own: a position
    /// after the last line break would be on a line that does not exist.
    fn without_last_break(&self, lines: Range<usize>) -> Range<usize> {
        let line_break = |end: usize| {
            let text = &self.text[..end];
            match () {
                () if text.ends_with("\r\n") => 2,
                () if text.ends_with(LINE_BREAKS) => 1,
                () => 0,
            }
        };
        let own = line_break(lines.end);
        match lines.end == self.text.len() && lines.start > 0 {
            true => lines.start - line_break(lines.start)..lines.end - own,
            false => lines,
        }
    }

    /// Returns the end of the colon after a key.
    fn colon_after(&self, key: &Text) -> Option<usize> {
        let end = key.span().end();
        let rest = &self.text[end..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest[blank..].starts_with(':').then_some(end + blank + 1)
    }

    /// Returns the lines of a block list's item, if its dash starts a line.
    fn lines_of_item(&self, item: &Node) -> Option<Range<usize>> {
        let before = &self.text[..item.span.start()];
        // A tag or an anchor may be between the dash and the value.
        let line = before.rfind(LINE_BREAKS).map_or(0, |at| at + 1);
        let is_dash = |line: usize| {
            let text = self.text[line..].trim_start_matches([' ', '\t']);
            text.starts_with('-')
        };
        let mut start = line;
        if !is_dash(line) {
            // The dash is on a line of its own.
            let above = self.text[..line].trim_end();
            start = above.rfind(LINE_BREAKS).map_or(0, |at| at + 1);
            if above[start..].trim() != "-" {
                return None;
            }
        } else {
            let between = &self.text[line..item.span.start()];
            let after_dash = between.trim_start_matches([' ', '\t']).get(1..)?;
            if after_dash.trim_start().starts_with("- ") {
                return None;
            }
        }
        let rest = &self.text[item.span.end()..];
        let end = match rest.find(LINE_BREAKS) {
            Some(at) => {
                let length = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
                item.span.end() + at + length
            }
            None => self.text.len(),
        };
        // Only a comment may follow on the last line.
        let after = rest[..end - item.span.end()].trim();
        (after.is_empty() || after.starts_with('#')).then_some(start..end)
    }

    /// Adds a member after the last one, in the style of the object.
    fn insert_member(&mut self, object: &Node, key: &str, value: &str) {
        let members = object.members().unwrap_or_default();
        let Some(last) = members.last() else {
            let inner = Span::new(object.span.start() + 1, object.span.end() - 1);
            self.edits.replace(inner, format!("{key}: {value}"));
            return;
        };
        if self.is_flow(object) {
            let quote = match &self.text[last.key.span().range()] {
                key if key.starts_with('"') => "\"",
                _ => "",
            };
            let member = format!(", {quote}{key}{quote}: {value}");
            self.edits.insert(self.end_of(last), &member);
            return;
        }
        let first = members[0].key.span().start();
        let line = self.text[..first].rfind(LINE_BREAKS).map_or(0, |at| at + 1);
        // The dash of a list item counts as a blank.
        let before_key = self.text[line..first].trim_start_matches(BYTE_ORDER_MARK);
        let indentation = before_key.len() - before_key.trim_start_matches([' ', '-']).len();
        if before_key[indentation..].starts_with('?') || self.is_block_scalar(last.value.span) {
            return;
        }
        let end = self.end_of(last);
        let end_of_line = end_of_line(self.text, end);
        let before = &self.text[..line];
        let line_break = match () {
            () if before.ends_with("\r\n") => "\r\n",
            () if before.is_empty() && self.text.contains("\r\n") => "\r\n",
            () if before.ends_with('\r') => "\r",
            () => "\n",
        };
        let member = format!("{line_break}{}{key}: {value}", " ".repeat(indentation));
        self.edits.insert(end_of_line, &member);
    }

    /// Returns where the last thing that remains of a member ends.
    fn end_of(&self, member: &Member) -> usize {
        let value = &member.value;
        if let Value::List(items) = &value.value
            && !self.is_flow(value)
        {
            let mut remaining = items.iter().filter(|item| !self.removed.contains(&item.id));
            return match remaining.next_back() {
                Some(item) => item.span.end(),
                None => self
                    .colon_after(&member.key)
                    .unwrap_or(member.key.span().end()),
            };
        }
        value
            .span
            .end()
            .max(self.colon_after(&member.key).unwrap_or(0))
    }
}

/// Escapes a text for double quotes.
fn in_double_quotes(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].to_owned()
}

/// The characters that end a text without quotes inside of brackets.
const BRACKETS: [char; 5] = [',', '[', ']', '{', '}'];

/// Returns true for a text that means itself without quotes; inside of brackets too, unless `in_block` is true.
fn is_plain(text: &str, in_block: bool) -> bool {
    let is_start = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '$' | '(');
    let is_inside = |c: char| {
        !c.is_control()
            && !matches!(c, '#' | '"' | '\'' | '`')
            && (in_block || !BRACKETS.contains(&c))
    };
    text.starts_with(is_start)
        && text.chars().all(is_inside)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && text.parse::<f64>().is_err()
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no"
        )
}

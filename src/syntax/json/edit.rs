//! Turns changes to the tree into edits to the JSON text. All other bytes are left unchanged.

use std::collections::BTreeSet;

use super::MARKS;
use crate::document::{Document, Index, Member, Node, Parent};
use crate::source::{Edit, Span};
use crate::syntax::TreeChange;
use crate::syntax::comments::end_of_line;
use crate::syntax::edits::{self, Edits, LINE_BREAKS, own_lines, removed_items};

/// Returns the edits of each group of changes. The changes of one group are merged.
pub(super) fn lower(text: &str, document: &Document, groups: &[Vec<TreeChange>]) -> Vec<Vec<Edit>> {
    edits::lower(document, groups, |index, changes| {
        lower_group(text, index, changes)
    })
}

fn lower_group(text: &str, index: &Index<'_>, changes: &[TreeChange]) -> Edits {
    let mut lowering = Lowering {
        text,
        edits: Edits::default(),
    };
    for change in changes {
        match change {
            // The items of a list are removed together, below.
            TreeChange::Remove(_) => {}
            TreeChange::SetText { node, part, with } => {
                if let Some(string) = index.node(*node).and_then(Node::written_text) {
                    let quote = lowering.quote(string.span());
                    lowering
                        .edits
                        .replace(string.at(part.clone()), escaped(with, quote));
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
            TreeChange::RenameKey { value, key } => {
                if let Some((_, Parent::Map(member))) = index.get(*value) {
                    let old = &member.key;
                    let quote = lowering.quote(old.span());
                    lowering
                        .edits
                        .replace(old.at(0..old.value().len()), escaped(key, quote));
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
    edits: Edits,
}

impl Lowering<'_> {
    /// The quote that a string is written in.
    fn quote(&self, string: Span) -> char {
        self.text[string.range()].chars().next().unwrap_or('"')
    }

    /// Removes items from a list, each with its comma and with any lines that contain only that item.
    fn remove_items(&mut self, list: &Node, places: &BTreeSet<usize>) {
        let all = list.items().unwrap_or_default();
        let kept = (0..all.len()).rev().find(|place| !places.contains(place));
        let Some(last_kept) = kept else {
            self.empty(list, all);
            return;
        };
        for &place in places {
            let item = &all[place];
            let comma = self.comma_after(item.span.end());
            let end = comma.map_or(item.span.end(), |at| at + 1);
            // The comma before the first of the last items has nothing to separate anymore, unless
            // the list ends with a comma and is to keep one.
            if place > last_kept {
                let is_last = place + 1 == all.len();
                let has_trailing_comma = is_last && comma.is_some();
                if (place == last_kept + 1 || is_last)
                    && !has_trailing_comma
                    && let Some(separator) = self.comma_after(all[last_kept].span.end())
                {
                    // The blanks after it would end up at the end of the line.
                    let end = self.blank_to(separator + 1);
                    let ends_line = self.text[end..].starts_with(['\n', '\r']);
                    self.edits
                        .remove(separator..if ends_line { end } else { separator + 1 });
                }
            }
            let lines = own_lines(self.text, item.span.start()..end, MARKS);
            let range = lines.unwrap_or_else(|| {
                if place > last_kept {
                    // What is between it and the item before, except for that item's comma.
                    let before = &all[place - 1];
                    let from = self
                        .comma_after(before.span.end())
                        .map_or(before.span.end(), |at| at + 1);
                    self.blank_from(from, item.span.start())..end
                } else {
                    item.span.start()..self.blank_to(end)
                }
            });
            self.edits.remove(range);
        }
    }

    /// Removes all items of a list, but not the comments around them.
    fn empty(&mut self, list: &Node, all: &[Node]) {
        let starts = all.iter().map(|item| item.span.start());
        let ends = all.iter().map(|item| item.span.end());
        let (start, end) = (list.span.start() + 1, list.span.end() - 1);
        let mut between = std::iter::once(start).chain(ends).zip(starts.chain([end]));
        if !between.any(|(from, to)| self.text[from..to].contains('/')) {
            self.edits.remove(start..end);
            return;
        }
        for item in all {
            let comma = self.comma_after(item.span.end());
            // A comment may be in front of the comma.
            let adjacent = comma.filter(|at| self.text[item.span.end()..*at].trim().is_empty());
            let end = adjacent.map_or(item.span.end(), |at| at + 1);
            let lines = own_lines(self.text, item.span.start()..end, MARKS);
            let range = lines.unwrap_or(item.span.start()..self.blank_to(end));
            self.edits.remove(range);
            if let Some(comma) = comma.filter(|_| adjacent.is_none()) {
                self.edits.remove(comma..comma + 1);
            }
        }
    }

    /// Returns the comma after a value, past white space and comments.
    fn comma_after(&self, end: usize) -> Option<usize> {
        let at = skip_blank(self.text, end);
        self.text[at..].starts_with(',').then_some(at)
    }

    /// Returns the end of the spaces and tabs at `at`.
    fn blank_to(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
    }

    /// Returns the start of the white space that ends at `to`, but not less than `from`. Between them are
    /// only white space and comments. The line break that ends a `//` comment belongs to the comment.
    fn blank_from(&self, from: usize, to: usize) -> usize {
        let text = &self.text[from..to];
        let end = text.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let mut at = 0;
        while let Some(comment) = text[at..end].find('/').map(|slash| at + slash) {
            let rest = &text[comment + 2..];
            let end_of_comment = match text[comment..].starts_with("//") {
                true => rest.find(LINE_BREAKS).map(|length| length + 1),
                false => rest.find("*/").map(|length| length + 2),
            };
            at = end_of_comment.map_or(text.len(), |length| comment + 2 + length);
            if at >= end {
                return from + at;
            }
        }
        from + end
    }

    /// Adds a member after the last one, in the style of the object.
    fn insert_member(&mut self, object: &Node, key: &str, value: &str) {
        let Some(members) = object.members() else {
            return;
        };
        let Some(last) = members.last() else {
            // Any content in an empty object can only be a comment.
            let inner = object.span.start() + 1..object.span.end() - 1;
            let is_blank = self.text[inner.clone()].trim().is_empty();
            let start = if is_blank { inner.start } else { inner.end };
            let member = format!("\"{key}\": {value}");
            self.edits.replace(Span::new(start, inner.end), member);
            return;
        };
        let end = last.value.span.end();
        let comma = self.comma_after(end);
        let quote = self.quote(last.key.span());
        let colon = &self.text[last.key.span().end()..last.value.span.start()];
        let colon = if colon.contains('/') { ": " } else { colon };
        let member = format!("{quote}{key}{quote}{colon}{value}");
        let Some(line_break) = self.member_line_break(object, members) else {
            let space = self.member_space(object, members);
            match comma {
                Some(comma) => self.edits.insert(comma + 1, &format!("{space}{member}")),
                None => self.edits.insert(end, &format!(",{space}{member}")),
            }
            return;
        };
        if comma.is_none() {
            self.edits.insert(end, ",");
        }
        // A comment after the last value stays on its line.
        let from = comma.map_or(end, |at| at + 1);
        let at = end_of_line_comment(self.text, from);
        self.edits.insert(at, &format!("{line_break}{member}"));
    }

    /// Returns the line break and indentation of a new member; `None` if all are on one line.
    fn member_line_break(&self, object: &Node, members: &[Member]) -> Option<String> {
        let mut starts = members.iter().map(|member| member.key.span().start());
        let first = starts.next()?;
        let last = starts.next_back().unwrap_or(first);
        let from = if members.len() > 1 {
            first
        } else {
            object.span.start()
        };
        if !self.text[from..last].contains(LINE_BREAKS) {
            return None;
        }
        let line = self.text[..last].rfind(LINE_BREAKS).map_or(0, |at| at + 1);
        let indentation = &self.text[line..last];
        let blank = indentation.len() - indentation.trim_start().len();
        let before = &self.text[..line];
        let mut line_breaks = ["\r\n", "\n", "\r"].into_iter();
        let line_break = line_breaks.find(|line_break| before.ends_with(line_break));
        let line_break = line_break.unwrap_or("\n");
        Some(format!("{line_break}{}", &indentation[..blank]))
    }

    /// Returns the white space between the comma of a member and the next.
    fn member_space(&self, object: &Node, members: &[Member]) -> &str {
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
}

/// Returns the offset after white space and comments.
fn skip_blank(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find(LINE_BREAKS).unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else {
            return at;
        }
    }
}

/// Returns the end of a comment that starts on the line of `from`; `from` if there is none.
fn end_of_line_comment(text: &str, from: usize) -> usize {
    let line_end = end_of_line(text, from);
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

/// Escapes a text for a string in the given quotes.
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

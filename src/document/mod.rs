//! A parsed file, whatever its syntax: an owned tree in which every key and value keeps its span.

mod template;
mod text;

pub use template::Template;
pub use text::{Segment, Text, has_placeholder, has_template_mark};

use std::collections::HashSet;

use crate::source::{Edit, Span};

/// The maximum nesting depth; deeper values are [`Value::Unknown`]. No policy is nested that deeply, and
/// the limit keeps recursive code, such as the schema validator, from overflowing the stack.
pub const MAX_DEPTH: usize = 128;

/// The tree of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its values; several only in a syntax where a file may hold more than one.
    pub roots: Vec<Node>,
    /// Syntax errors that parsing continued after, in the order of the file.
    pub problems: Vec<Problem>,
    /// True if its objects consist of elements, which have no quotes and brackets.
    pub has_elements: bool,
    /// Nodes that are written elsewhere, and only referred to where they are: they can't be changed there.
    pub shared: HashSet<NodeId>,
    /// Nodes with a part that is referred to from elsewhere: without them, the reference would have no value.
    pub needed: HashSet<NodeId>,
    /// The aliases, each with the head of the value that it refers to; sorted.
    pub aliases: Vec<(Span, Span)>,
}

impl Document {
    /// Creates a document whose nodes are all where they are written.
    pub fn new(roots: Vec<Node>, problems: Vec<Problem>) -> Document {
        Document {
            roots,
            problems,
            has_elements: false,
            shared: HashSet::new(),
            needed: HashSet::new(),
            aliases: Vec::new(),
        }
    }

    /// Returns the keys above a value, outermost first.
    pub fn keys_above(&self, span: Span) -> Vec<Span> {
        let mut keys = Vec::new();
        let mut roots = self.roots.iter();
        let mut next = roots.find(|root| root.span.contains(span));
        while let Some(node) = next {
            let members = node.members().unwrap_or_default();
            let after = members.partition_point(|m| m.key.span().start() <= span.start());
            let member = members[..after].last();
            let member = member.filter(|member| member.value.span.contains(span));
            keys.extend(member.map(|member| member.key.span()));
            let mut items = node.items().unwrap_or_default().iter();
            let item = items.find(|item| item.span.contains(span));
            next = member.map(|member| &member.value).or(item);
        }
        keys
    }

    /// Returns the head of the value that the alias at `span` refers to; `None` if there is no alias.
    pub fn anchored(&self, span: Span) -> Option<Span> {
        let found = self
            .aliases
            .binary_search_by_key(&span, |(alias, _)| *alias);
        found.ok().map(|index| self.aliases[index].1)
    }
}

/// A syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What is special about the text at `span`.
    pub label: String,
    /// Another span that explains the error, and its label.
    pub related: Option<(Span, String)>,
    /// What to do.
    pub help: String,
    /// What an edit would do, and the edit; it never changes what the file means.
    pub fix: Option<(&'static str, Edit)>,
}

impl Problem {
    /// Creates an error at `span`, to be completed with the methods below.
    pub fn new(span: Span, message: impl Into<String>) -> Problem {
        Problem {
            span,
            message: message.into(),
            label: String::new(),
            related: None,
            help: String::new(),
            fix: None,
        }
    }

    /// Says what is special about the text at the error.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Problem {
        self.label = text.into();
        self
    }

    /// Adds a span that explains the error.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Problem {
        self.related = Some((span, label.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = help.into();
        self
    }

    /// Adds the edit that resolves the error.
    #[must_use]
    pub fn fix(mut self, title: &'static str, edit: Edit) -> Problem {
        self.fix = Some((title, edit));
        self
    }
}

/// Identifies a node within its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A value and its span.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Unique in its document; IDs increase in the order of the file.
    pub id: NodeId,
    /// The value, including quotes and brackets.
    pub span: Span,
    /// The text that represents the node in a report: the opening bracket of a list or an object, or
    /// the whole text of any other value.
    pub head: Span,
    /// The value itself.
    pub value: Value,
}

/// The value of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(Box<str>),
    /// A string.
    String(Text),
    /// A list.
    List(Vec<Node>),
    /// Members in the order of the file, including duplicate keys.
    Map(Vec<Member>),
    /// A value that can't be determined. No lint may guess it.
    Unknown(Why),
    /// A string of which a tool computes parts.
    Template(Box<Template>),
    /// One of these values, which a condition selects when a tool runs; no value at all if there is none.
    /// Which one it is can't be determined.
    Choice(Vec<Node>),
}

/// Why a value is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It contains a placeholder that another program fills in.
    Template,
    /// It is a call of a function, or a reference, that a tool evaluates.
    Expression,
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// The schema rejected it.
    Rejected,
    /// The provider does not document its effect.
    Undocumented,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub key: Text,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The items, if this is a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub fn text(&self) -> Option<&Text> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The string as written, if this is one, even if parts of it are computed.
    pub fn written_text(&self) -> Option<&Text> {
        match &self.value {
            Value::Template(template) => Some(template.text()),
            _ => self.text(),
        }
    }

    /// Returns the member with the given key. If the key is duplicated, the last member wins, as in JSON
    /// parsers.
    pub fn get(&self, key: &str) -> Option<&Member> {
        self.members()?
            .iter()
            .rev()
            .find(|member| member.key.value() == key)
    }

    /// Returns the string or key that contains `span`.
    pub fn text_at(&self, span: Span) -> Option<&Text> {
        match &self.value {
            Value::String(text) => text.span().contains(span).then_some(text),
            Value::Template(template) => {
                let text = template.text();
                text.span().contains(span).then_some(text)
            }
            Value::List(items) => {
                let after = items.partition_point(|item| item.span.start() <= span.start());
                items[..after].last()?.text_at(span)
            }
            Value::Map(members) => {
                let after = members.partition_point(|m| m.key.span().start() <= span.start());
                let mut before = members[..after].iter().rev();
                let nearest = before.next()?;
                // A value that is not written starts where its key ends.
                let key = nearest.key.span();
                if key.contains(span) && span.start() < key.end() {
                    return Some(&nearest.key);
                }
                if span.start() < nearest.value.span.end() {
                    return nearest.value.text_at(span);
                }
                // Elements of one list may be between those of another.
                before.find_map(|member| member.value.text_at(span))
            }
            Value::Choice(branches) => branches.iter().find_map(|branch| branch.text_at(span)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => None,
        }
    }

    /// Returns true if the value can't be determined.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self.value,
            Value::Unknown(_) | Value::Template(_) | Value::Choice(_)
        )
    }

    /// Returns true if the node has no value: a tool leaves it out.
    pub fn is_absent(&self) -> bool {
        matches!(&self.value, Value::Choice(branches) if branches.is_empty())
    }

    /// Hashes the keys and values, in their order; formatting and escapes don't matter.
    pub fn fingerprint(&self) -> u32 {
        let mut hash = crate::hash::Fnv32::new();
        self.add_to(&mut hash);
        hash.finish()
    }

    fn add_to(&self, hash: &mut crate::hash::Fnv32) {
        let mut add = |kind: &str, text: &str| {
            hash.write(kind.as_bytes());
            hash.write(text.as_bytes());
            hash.write(&[0]);
        };
        match &self.value {
            Value::Null => add("n", ""),
            Value::Bool(value) => add("b", if *value { "t" } else { "f" }),
            Value::Number(number) => add("d", number),
            Value::String(text) => add("s", text.value()),
            Value::Unknown(_) | Value::Template(_) => add("?", ""),
            Value::Choice(branches) => {
                add("?", "");
                for branch in branches {
                    branch.add_to(hash);
                }
            }
            Value::List(items) => {
                add("[", "");
                for item in items {
                    item.add_to(hash);
                }
            }
            Value::Map(members) => {
                add("{", "");
                for member in members {
                    hash.write(member.key.value().as_bytes());
                    hash.write(&[0]);
                    member.value.add_to(hash);
                }
            }
        }
    }

    /// The kind of value with its article, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "an object",
            Value::Unknown(_) | Value::Template(_) | Value::Choice(_) => "a value",
        }
    }
}

/// Finds nodes by their IDs, and what contains them.
pub struct Index<'d> {
    /// Sorted by ID.
    nodes: Vec<(&'d Node, Parent<'d>)>,
}

/// What contains a node.
#[derive(Clone, Copy)]
pub enum Parent<'d> {
    /// Nothing: it is a root.
    Root,
    /// A list, at this index.
    List(&'d Node, usize),
    /// An object, in this member.
    Map(&'d Member),
}

impl<'d> Index<'d> {
    /// Indexes a document.
    pub fn new(document: &'d Document) -> Index<'d> {
        let mut index = Index { nodes: Vec::new() };
        for root in &document.roots {
            index.add(root, Parent::Root);
        }
        index.nodes.sort_by_key(|(node, _)| node.id);
        index
    }

    fn add(&mut self, node: &'d Node, parent: Parent<'d>) {
        self.nodes.push((node, parent));
        for (place, item) in node.items().unwrap_or_default().iter().enumerate() {
            self.add(item, Parent::List(node, place));
        }
        for member in node.members().unwrap_or_default() {
            self.add(&member.value, Parent::Map(member));
        }
    }

    /// Returns a node and what contains it.
    pub fn get(&self, id: NodeId) -> Option<(&'d Node, Parent<'d>)> {
        let found = self.nodes.binary_search_by_key(&id, |(node, _)| node.id);
        found.ok().map(|place| self.nodes[place])
    }

    /// Returns a node.
    pub fn node(&self, id: NodeId) -> Option<&'d Node> {
        self.get(id).map(|(node, _)| node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(value: Value) -> Node {
        Node {
            id: NodeId(0),
            span: Span::new(0, 1),
            head: Span::new(0, 1),
            value,
        }
    }

    fn text(value: &str) -> Text {
        Text::plain(&value.into(), Span::new(0, 1), Span::new(0, value.len()))
    }

    #[test]
    fn fingerprint_depends_on_keys_values_and_their_order() {
        let object = |key: &str, value: Value| {
            let member = Member {
                key: text(key),
                value: node(value),
            };
            node(Value::Map(vec![member])).fingerprint()
        };
        let one = object("a", Value::Number("1".into()));
        assert_eq!(one, object("a", Value::Number("1".into())));
        assert_ne!(one, object("b", Value::Number("1".into())));
        assert_ne!(one, object("a", Value::Number("2".into())));
        assert_ne!(one, object("a", Value::String(text("1"))));
    }
}

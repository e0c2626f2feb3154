//! The model that lints work on, independent of provider, dialect, and syntax.

mod read;

use std::collections::HashSet;
use std::ops::Range;

use crate::dialect::{Dialect, Mapped};
use crate::document::{Node, NodeId, Template, Text, Why};
use crate::field::Field;
use crate::finding::Change;
use crate::provider::{Provider, Selection};
use crate::source::Span;

/// The CORS policy of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The dialect that the policy is written in.
    pub dialect: &'static Dialect,
    /// The rules, in file order. If a rule can't be determined, all of its fields are unknown. If a tool may add
    /// rules, the last one represents them.
    pub rules: Vec<Rule>,
    /// False if a tool may add rules that the text doesn't contain.
    pub is_complete: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its index in the policy, from 0.
    pub index: usize,
    /// The span that reports use to mark the rule: its opening bracket.
    pub head: Span,
    /// The rule as a whole.
    pub node: NodeId,
    /// False if no field can be added to the rule.
    pub accepts_fields: bool,
    /// The ID of the rule.
    pub id: Known<Text>,
    /// The origins that may use it.
    pub origins: Known<List>,
    /// The methods (B2: operations) that it allows.
    pub methods: Known<List>,
    /// The request headers that a preflight may ask for. On GCS, this is the same list as `exposed_headers`.
    pub allowed_headers: Known<List>,
    /// The response headers that a page may read.
    pub exposed_headers: Known<List>,
    /// The number of seconds for which browsers cache a preflight.
    pub max_age: Known<MaxAge>,
}

/// The value of a rule's field, as far as it can be determined statically.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The field is not set.
    Absent,
    /// The field is set to a value that can't be determined.
    Unknown(Span, Why),
    /// The field is set to this value.
    Set(T),
}

/// A list and its items.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// The list.
    pub node: NodeId,
    /// Its span, including brackets.
    pub span: Span,
    /// Its items, in the order of the file.
    pub items: Vec<Item>,
    /// The strings of which a tool computes parts. In `items`, they are unknown.
    pub computed: Vec<ComputedItem>,
    /// True if this is a single string in place of a list. The string is the only item.
    pub is_lone: bool,
}

/// An item with computed parts.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedItem {
    /// The item.
    pub node: NodeId,
    /// Its text.
    pub template: Template,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A string.
    Known(Entry),
    /// A value that can't be determined.
    Unknown(NodeId, Why),
}

/// An item whose text is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The item.
    pub node: NodeId,
    /// Its text.
    pub text: Text,
}

/// A max age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge {
    /// The number of seconds; may be negative.
    pub seconds: i64,
    /// The span of the number.
    pub span: Span,
    /// The number.
    pub node: NodeId,
}

impl Policy {
    /// Creates a policy from a mapped one. Values in `rejected`, which violate the schema, become unknown.
    pub fn new(
        dialect: &'static Dialect,
        mapped: &Mapped<'_>,
        rejected: &HashSet<NodeId>,
    ) -> Policy {
        let rules = mapped.rules.iter().enumerate();
        let mut rules: Vec<_> = rules
            .map(|(index, rule)| read::rule(index, rule, dialect, rejected))
            .collect();
        let is_complete = mapped.text.is_complete;
        if !is_complete {
            rules.push(Rule::computed(rules.len(), mapped.text.rules_node));
        }
        Policy {
            dialect,
            rules,
            is_complete,
        }
    }

    /// Returns the provider that evaluates the policy.
    pub fn provider(&self) -> &'static Provider {
        self.dialect.provider
    }
}

impl Policy {
    /// The number of rules that the text contains.
    pub fn written_rules(&self) -> usize {
        self.rules.len() - usize::from(!self.is_complete)
    }

    /// Which of several matching rules decides a request.
    pub fn selection(&self) -> Selection {
        match self.dialect.keeps_order && self.is_complete {
            true => self.provider().selection,
            false => Selection::Undocumented,
        }
    }
}

impl Rule {
    /// Creates the rule that represents all rules that only a running tool can determine.
    fn computed(index: usize, node: &Node) -> Rule {
        let why = Why::Expression;
        Rule {
            index,
            head: node.head,
            node: node.id,
            accepts_fields: false,
            id: Known::Unknown(node.span, why),
            origins: Known::Unknown(node.span, why),
            methods: Known::Unknown(node.span, why),
            allowed_headers: Known::Unknown(node.span, why),
            exposed_headers: Known::Unknown(node.span, why),
            max_age: Known::Unknown(node.span, why),
        }
    }

    /// Returns the name of the rule in messages, with its number counted from 1.
    pub fn name(&self) -> String {
        format!("rule {}", self.index + 1)
    }

    /// Returns the lists of the rule, each with its field.
    pub fn lists(&self) -> [(Field, &Known<List>); 4] {
        [
            (Field::Origins, &self.origins),
            (Field::Methods, &self.methods),
            (Field::AllowedHeaders, &self.allowed_headers),
            (Field::ExposedHeaders, &self.exposed_headers),
        ]
    }
}

impl<T> Known<T> {
    /// The value, if it is known.
    pub fn get(&self) -> Option<&T> {
        match self {
            Known::Set(value) => Some(value),
            Known::Absent | Known::Unknown(..) => None,
        }
    }
}

impl Known<List> {
    /// The items whose text is known.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> + Clone {
        let items = self.get().map_or(&[][..], |list| &list.items);
        items.iter().filter_map(|item| match item {
            Item::Known(entry) => Some(entry),
            Item::Unknown(..) => None,
        })
    }

    /// Returns true if every item is known. An absent list counts as complete.
    pub fn is_complete(&self) -> bool {
        self.unknown().is_none()
    }

    /// Returns why part of the list is unknown; `None` if all of it is known.
    pub fn unknown(&self) -> Option<Why> {
        match self {
            Known::Absent => None,
            Known::Unknown(_, why) => Some(*why),
            Known::Set(list) => list.items.iter().find_map(|item| match item {
                Item::Known(_) => None,
                Item::Unknown(_, why) => Some(*why),
            }),
        }
    }

    /// Returns true if the list is known to contain `value`.
    pub fn has(&self, value: &str) -> bool {
        self.entries().any(|entry| entry.value() == value)
    }
}

impl Item {
    /// The node of the item.
    pub fn node(&self) -> NodeId {
        match self {
            Item::Known(entry) => entry.node,
            Item::Unknown(node, _) => *node,
        }
    }
}

impl ComputedItem {
    /// The string as written.
    pub fn value(&self) -> &str {
        self.template.text().value()
    }

    /// The span of the string, including quotes.
    pub fn span(&self) -> Span {
        self.template.text().span()
    }

    /// Returns the span of a part of the decoded string.
    pub fn at(&self, part: Range<usize>) -> Span {
        self.template.text().at(part)
    }

    /// Returns the change that replaces a part of the text.
    pub fn replace(&self, part: Range<usize>, with: impl Into<String>) -> Change {
        Change::SetText {
            node: self.node,
            part,
            with: with.into(),
        }
    }
}

impl Entry {
    /// The decoded string.
    pub fn value(&self) -> &str {
        self.text.value()
    }

    /// The span of the string, including quotes.
    pub fn span(&self) -> Span {
        self.text.span()
    }

    /// Returns the span of a part of the decoded string.
    pub fn at(&self, part: Range<usize>) -> Span {
        self.text.at(part)
    }

    /// Returns the change that removes the entry from its list.
    pub fn remove(&self) -> [Change; 1] {
        [Change::Remove(self.node)]
    }

    /// Returns the change that replaces the whole text.
    pub fn rewrite(&self, with: impl Into<String>) -> [Change; 1] {
        self.replace(0..self.value().len(), with)
    }

    /// Returns the change that replaces a part of the text.
    pub fn replace(&self, part: Range<usize>, with: impl Into<String>) -> [Change; 1] {
        [Change::SetText {
            node: self.node,
            part,
            with: with.into(),
        }]
    }
}

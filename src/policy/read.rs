//! Reads the rules of a mapped policy.

use std::collections::HashSet;

use super::{ComputedItem, Entry, Item, Known, List, MaxAge, Rule};
use crate::dialect::{Dialect, MappedRule};
use crate::document::{Node, NodeId, Template, Value, Why};
use crate::field::Field;

pub(super) fn rule(
    index: usize,
    rule: &MappedRule<'_>,
    dialect: &Dialect,
    rejected: &HashSet<NodeId>,
) -> Rule {
    let node = rule.node;
    let reader = Reader { rule, rejected };
    let list = |field| reader.field(field, |node| reader.list(node));
    let exposed_headers = list(Field::ExposedHeaders);
    Rule {
        index,
        head: node.head,
        node: node.id,
        // A key without a value, such as null, would be there twice.
        accepts_fields: rule.accepts_fields && rule.field(Field::MaxAge).is_none(),
        id: reader.field(Field::Id, |node| node.text().cloned()),
        origins: list(Field::Origins),
        methods: list(Field::Methods),
        allowed_headers: match dialect.provider.shares_header_list {
            true => exposed_headers.clone(),
            false => list(Field::AllowedHeaders),
        },
        exposed_headers,
        max_age: reader.field(Field::MaxAge, max_age),
    }
}

/// Reads the fields of a rule.
struct Reader<'r> {
    rule: &'r MappedRule<'r>,
    rejected: &'r HashSet<NodeId>,
}

impl Reader<'_> {
    /// Reads a field. Unknown if the schema rejected the value or `read` returns `None`.
    fn field<T>(&self, field: Field, read: impl Fn(&Node) -> Option<T>) -> Known<T> {
        let rule = self.rule.node;
        match &rule.value {
            _ if self.rule.is_object() => {}
            // The fields of a rule that is not an object are unknown.
            Value::Unknown(why) => return Known::Unknown(rule.span, *why),
            Value::Template(_) => return Known::Unknown(rule.span, Why::Template),
            Value::Choice(_) => return Known::Unknown(rule.span, Why::Expression),
            _ => return Known::Unknown(rule.span, Why::Rejected),
        }
        let Some(node) = self.rule.field(field) else {
            return match self.rule.has_computed_keys {
                // One of the computed keys may set it.
                true => Known::Unknown(rule.span, Why::Template),
                false => Known::Absent,
            };
        };
        match &node.value {
            _ if self.rejected.contains(&node.id) => Known::Unknown(node.span, Why::Rejected),
            Value::Unknown(why) => Known::Unknown(node.span, *why),
            Value::Template(_) => Known::Unknown(node.span, Why::Template),
            Value::Choice(branches) if branches.is_empty() => Known::Absent,
            Value::Choice(_) => Known::Unknown(node.span, Why::Expression),
            // Only B2 accepts null, and treats it as an absent list.
            Value::Null => Known::Absent,
            _ => read(node).map_or(Known::Unknown(node.span, Why::Rejected), Known::Set),
        }
    }

    fn list(&self, node: &Node) -> Option<List> {
        let is_lone = node.text().is_some();
        let items = match is_lone {
            // The intent of a single string in place of a list is clear, and some tools accept it.
            true => std::slice::from_ref(node),
            false => node.items()?,
        };
        let items = items.iter().filter(|item| !item.is_absent());
        let computed = items.clone().filter_map(|item| match &item.value {
            Value::Template(template) => Some(ComputedItem {
                node: item.id,
                template: Template::clone(template),
            }),
            _ => None,
        });
        let computed = computed.collect();
        let items = items.map(|item| match &item.value {
            Value::String(text) if !self.rejected.contains(&item.id) => Item::Known(Entry {
                node: item.id,
                text: text.clone(),
            }),
            Value::Unknown(why) => Item::Unknown(item.id, *why),
            Value::Template(_) => Item::Unknown(item.id, Why::Template),
            Value::Choice(_) => Item::Unknown(item.id, Why::Expression),
            _ => Item::Unknown(item.id, Why::Rejected),
        });
        Some(List {
            node: node.id,
            span: node.span,
            items: items.collect(),
            computed,
            is_lone,
        })
    }
}

fn max_age(node: &Node) -> Option<MaxAge> {
    // CloudFormation accepts numbers in quotes. Elsewhere, the schema has rejected them.
    let number = match &node.value {
        Value::Number(number) => number,
        Value::String(text) => text.value(),
        _ => return None,
    };
    Some(MaxAge {
        seconds: number.parse().ok().or_else(|| whole_number(number))?,
        span: node.span,
        node: node.id,
    })
}

/// Parses a whole number such as `1e9` or `600.0`. A number too large for `i64` is clamped to its maximum.
fn whole_number(number: &str) -> Option<i64> {
    let number: f64 = number.parse().ok()?;
    #[allow(clippy::cast_possible_truncation)]
    (number.fract() == 0.0 || number.is_infinite()).then_some(number as i64)
}

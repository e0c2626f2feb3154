//! The canonical copy of a policy, which the schema validates, and the lookup of its original nodes.

use jsonschema::paths::{Location, LocationSegment};
use serde_json::{Map, Value as Json};

use super::mapping::{Mapped, MappedRule};
use super::{Dialect, Wrapping};
use crate::document::{Node, Text, Value};
use crate::field::Field;
use crate::schema::Target;

impl MappedRule<'_> {
    fn to_json(&self, dialect: &Dialect) -> Json {
        if !self.is_object() {
            return node_to_json(self.node);
        }
        let members = |in_group: bool| -> Map<String, Json> {
            let entries = self.entries.iter();
            entries
                .filter(|entry| entry.in_group == in_group)
                .filter(|entry| !dialect.null_is_absent || entry.value.value != Value::Null)
                .filter(|entry| !entry.value.is_absent())
                .map(|entry| (entry.name.to_owned(), node_to_json(entry.value)))
                .collect()
        };
        let mut rule = members(false);
        if let Some(name) = dialect.group() {
            let fields = members(true);
            match self.group {
                Some(group) if group.value.members().is_none() => {
                    rule.insert(name.to_owned(), node_to_json(&group.value));
                }
                None if fields.is_empty() => {}
                _ => {
                    rule.insert(name.to_owned(), Json::Object(fields));
                }
            }
        }
        Json::Object(rule)
    }
}

impl Mapped<'_> {
    /// Returns true if the canonical copy has an object around the list of rules.
    pub(super) fn is_wrapped(&self, dialect: &Dialect) -> bool {
        dialect.field_key(Field::Rules).is_some() && !matches!(self.text.wrapping, Wrapping::List)
    }

    /// Returns the canonical copy that the schema validates: the same values under the dialect's own
    /// keys. An unknown value becomes null, and errors about it are dropped.
    pub(super) fn to_json(&self, dialect: &Dialect) -> Json {
        let rules = || Json::Array(self.rules.iter().map(|r| r.to_json(dialect)).collect());
        let key = dialect.key(Field::Rules);
        match self.text.wrapping {
            Wrapping::List if self.text.node.items().is_none() => node_to_json(self.text.node),
            Wrapping::List | Wrapping::SingleRule | Wrapping::BareList | Wrapping::Block => {
                match self.is_wrapped(dialect) {
                    true => Json::Object(Map::from_iter([(key.to_owned(), rules())])),
                    false => rules(),
                }
            }
            Wrapping::Object(member) => {
                let members = self.text.node.members().unwrap_or_default();
                let others = members
                    .iter()
                    .filter(|other| other.key.value() != key && !std::ptr::eq(*other, member));
                let mut object: Map<String, Json> = others
                    .map(|other| (other.key.value().to_owned(), node_to_json(&other.value)))
                    .collect();
                let value = match self.text.rules_node.value {
                    Value::List(_) => rules(),
                    _ => node_to_json(self.text.rules_node),
                };
                object.insert(key.to_owned(), value);
                Json::Object(object)
            }
        }
    }
}

fn node_to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null | Value::Unknown(_) | Value::Template(_) | Value::Choice(_) => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => number
            .parse()
            .map_or(Json::Null, |number: serde_json::Number| {
                Json::Number(number)
            }),
        Value::String(text) => Json::from(text.value()),
        Value::List(items) => Json::Array(items.iter().map(node_to_json).collect()),
        Value::Map(members) => Json::Object(
            members
                .iter()
                .map(|member| (member.key.value().to_owned(), node_to_json(&member.value)))
                .collect(),
        ),
    }
}

/// The position reached so far while following a path into the canonical copy.
enum Step<'d, 'm> {
    Policy,
    Rules,
    Rule(&'m MappedRule<'d>),
    Group(&'m MappedRule<'d>),
    Node(&'d Node),
}

/// Returns the node that the value at a path in the canonical copy was made from; `None` if the path
/// passes through or ends at an unknown value.
pub(super) fn resolve<'d>(
    mapped: &Mapped<'d>,
    dialect: &Dialect,
    path: &Location,
) -> Option<Target<'d>> {
    let text = &mapped.text;
    let mut step = match mapped.is_wrapped(dialect) {
        true => Step::Policy,
        false => Step::Rules,
    };
    let mut key = None;
    for segment in path.iter() {
        (key, step) = match (step, segment) {
            (Step::Policy, LocationSegment::Property(name)) => {
                if name == dialect.key(Field::Rules) {
                    let key = match text.wrapping {
                        Wrapping::Object(member) => Some(&member.key),
                        _ => None,
                    };
                    (key, Step::Rules)
                } else {
                    let member = text.node.get(&name)?;
                    (Some(&member.key), Step::Node(&member.value))
                }
            }
            (Step::Rules, LocationSegment::Index(index)) => {
                (None, rule_step(mapped.rules.get(index)?))
            }
            (Step::Rules, LocationSegment::Property(name)) => {
                let member = text.node.get(&name)?;
                (Some(&member.key), Step::Node(&member.value))
            }
            (Step::Rule(rule), LocationSegment::Property(name)) => {
                match rule.group.filter(|_| Some(&*name) == dialect.group()) {
                    Some(group) if group.value.members().is_none() => {
                        (Some(&group.key), Step::Node(&group.value))
                    }
                    Some(group) => (Some(&group.key), Step::Group(rule)),
                    None if Some(&*name) == dialect.group() => (None, Step::Group(rule)),
                    None => {
                        let entry = rule.entry(&name, false)?;
                        (Some(entry.key), Step::Node(entry.value))
                    }
                }
            }
            (Step::Group(rule), LocationSegment::Property(name)) => {
                let entry = rule.entry(&name, true)?;
                (Some(entry.key), Step::Node(entry.value))
            }
            (Step::Node(node), LocationSegment::Property(name)) => {
                let member = node.get(&name)?;
                (Some(&member.key), Step::Node(&member.value))
            }
            (Step::Node(node), LocationSegment::Index(index)) => {
                (None, Step::Node(node.items()?.get(index)?))
            }
            _ => return None,
        };
    }
    let (node, keys) = match step {
        Step::Policy => (text.node, member_keys(text.node)),
        Step::Rules => (text.rules_node, Vec::new()),
        // A field that seems to be missing may be set by a computed key.
        Step::Rule(rule) | Step::Group(rule) if rule.has_computed_keys => return None,
        Step::Rule(rule) => (rule.node, rule.keys(false)),
        Step::Group(rule) => {
            let node = rule.group.map_or(rule.node, |group| &group.value);
            (node, rule.keys(true))
        }
        Step::Node(node) => (node, member_keys(node)),
    };
    (!node.is_unknown()).then_some(Target { node, key, keys })
}

fn rule_step<'d, 'm>(rule: &'m MappedRule<'d>) -> Step<'d, 'm> {
    match rule.is_object() {
        true => Step::Rule(rule),
        false => Step::Node(rule.node),
    }
}

fn member_keys(node: &Node) -> Vec<(&str, &Text)> {
    let members = node.members().unwrap_or_default().iter();
    members
        .map(|member| (member.key.value(), &member.key))
        .collect()
}

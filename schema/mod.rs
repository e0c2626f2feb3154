//! One JSON Schema for each dialect, and the validation of a policy against it.
//!
//! Each constraint has its message next to it, in `errorMessage`, which VS Code shows verbatim. The text
//! before the first `; ` is the message of the finding, and the text after it is the help. To keep
//! messages specific, each subschema has one constraint or an `allOf` with several. If a value can
//! violate more than one constraint, the most specific comes first.

mod dialects;
mod generated;

use std::collections::HashSet;
use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::Location;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Json;

use crate::document::{Node, NodeId, Text, Value};
use crate::finding::{Change, Diagnostic, SCHEMA_VIOLATION, Safety};
use crate::level::Severity;
use crate::source::Span;

pub(crate) use generated::of;

pub use dialects::{
    B2, B2_TERRAFORM, GCS, GCS_CONFIG_CONNECTOR, GCS_TERRAFORM, GCS_XML, R2, R2_TERRAFORM,
    S3_ANSIBLE, S3_CLI, S3_CLOUDFORMATION, S3_CONSOLE, S3_KUBERNETES, S3_TERRAFORM,
    S3_TERRAFORM_INLINE, S3_TERRAFORM_SPACES, S3_XML, SCHEMAS,
};

/// The schema of one dialect.
pub struct Schema {
    /// Its name: the dialect's.
    pub name: &'static str,
    /// The file, as `corslint schema` prints it.
    pub text: &'static str,
    /// Returns all errors of an instance; the validator is compiled into the program.
    pub(super) errors: fn(&Json) -> Vec<ValidationError<'_>>,
    /// The parsed file; only needed to explain an error.
    pub(super) parsed: OnceLock<Json>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The result of validating a policy.
#[derive(Debug, Default)]
pub struct Validation {
    /// In the order of the schema.
    pub diagnostics: Vec<Diagnostic>,
    /// The values that were rejected. They are unknown to the lints.
    pub rejected: HashSet<NodeId>,
}

/// The node that an error is about.
pub struct Target<'d> {
    /// The node.
    pub node: &'d Node,
    /// Its key, if it is a member's value.
    pub key: Option<&'d Text>,
    /// The keys of its members, each with the dialect's name for it.
    pub keys: Vec<(&'d str, &'d Text)>,
}

/// Validates the canonical copy of a policy. `resolve` returns the node at a JSON pointer into that
/// copy, or `None` to drop the error because the value is unknown or inside an unknown value. `noun` is what
/// keys are called.
pub fn validate<'d>(
    schema: &Schema,
    policy: &Json,
    noun: &str,
    resolve: &dyn Fn(&Location) -> Option<Target<'d>>,
) -> Validation {
    let mut validation = Validation::default();
    let mut reported = HashSet::new();
    for error in (schema.errors)(policy) {
        let Some(target) = resolve(error.instance_path()) else {
            continue;
        };
        let (message, help) = schema.message(error.schema_path());
        for violation in violations(&error, &target, noun) {
            // Report only one error per rejected value, even if the errors are in different parts of it.
            let is_whole = violation.rejects == Some(target.node.id);
            let span = if is_whole {
                target.node.head
            } else {
                violation.span
            };
            if !reported.insert((span, violation.property.clone())) {
                continue;
            }
            validation.rejected.extend(violation.rejects);
            let message = naming_the_value(&message, &target, &violation);
            let mut diagnostic =
                Diagnostic::new(SCHEMA_VIOLATION, violation.span, message).label(violation.label);
            diagnostic.help = violation.help.or_else(|| help.clone());
            let rejects_it = violation.rejects == Some(target.node.id);
            diagnostic.severity = schema.severity(error.schema_path()).filter(|_| !rejects_it);
            if let Some((title, change)) = violation.fix {
                diagnostic = diagnostic.fix(title, Safety::Unsafe, [change]);
            }
            validation.diagnostics.push(diagnostic);
        }
    }
    validation
}

/// Adds the key or the list entry to the message, since some reports show only the message.
fn naming_the_value(message: &str, target: &Target<'_>, violation: &Violation) -> String {
    let value = match (&violation.key, target.key, target.node.text()) {
        (Some(key), ..) => key,
        (None, None, Some(entry)) => entry.value(),
        _ => return message.to_owned(),
    };
    match message.contains(value) {
        true => message.to_owned(),
        false => format!("{message}: {value}"),
    }
}

impl Schema {
    /// The title: what file it is for, in one line.
    pub fn title(&self) -> &str {
        self.parsed()["title"].as_str().unwrap_or_default()
    }

    /// Returns what the schema says about a key of a policy; `None` if it says nothing.
    pub fn description(&self, key: &str) -> Option<&str> {
        let mut next = vec![self.parsed()];
        while let Some(schema) = next.pop() {
            let property = schema.get("properties").and_then(|all| all.get(key));
            if let Some(text) = property.and_then(|property| self.text_of(property)) {
                return Some(text);
            }
            match schema {
                Json::Object(members) => next.extend(members.values()),
                Json::Array(items) => next.extend(items),
                _ => {}
            }
        }
        None
    }

    /// Returns the description of a subschema, or of the one that it refers to.
    fn text_of<'s>(&'s self, schema: &'s Json) -> Option<&'s str> {
        let text = |schema: &'s Json| schema.get("description")?.as_str();
        let reference = schema.get("$ref").and_then(Json::as_str);
        let referred = reference.and_then(|reference| {
            let pointer = reference.strip_prefix('#')?;
            self.parsed().pointer(pointer)
        });
        text(schema).or_else(|| referred.and_then(text))
    }

    fn parsed(&self) -> &Json {
        self.parsed.get_or_init(|| {
            serde_json::from_str(self.text).expect("the schemas in this program are JSON")
        })
    }

    /// Returns what the schema says next to the constraint at `path`.
    fn annotation(&self, path: &Location, keyword: &str) -> Option<&str> {
        let constraint = path.as_str();
        let subschema = constraint.rsplit_once('/').map_or("", |(parent, _)| parent);
        let subschema = self.parsed().pointer(subschema)?;
        subschema.get(keyword)?.as_str()
    }

    /// Returns the severity of a violation if it is lower than the lint's. Values that the provider or its
    /// tools accept despite the violation are warnings.
    fn severity(&self, path: &Location) -> Option<Severity> {
        let severity = self.annotation(path, "severity");
        (severity == Some("warning")).then_some(Severity::Warning)
    }

    /// Returns what is wrong and what to do: the message of the constraint at `path`.
    fn message(&self, path: &Location) -> (String, Option<String>) {
        let sentence = self
            .annotation(path, "errorMessage")
            .unwrap_or("the provider does not accept this value");
        match sentence.split_once("; ") {
            Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
            None => (sentence.to_owned(), None),
        }
    }
}

/// One violation of a constraint.
struct Violation {
    span: Span,
    /// The field that is missing, if one is: an object may lack several.
    property: Option<String>,
    /// The key, if that is unknown.
    key: Option<String>,
    label: String,
    help: Option<String>,
    /// What a fix does, and the fix.
    fix: Option<(&'static str, Change)>,
    /// The value that is rejected.
    rejects: Option<NodeId>,
}

/// Returns the violations with their locations: usually the value, but the key if the key is unknown, the
/// first item over a limit, or the head of an object with a missing field.
fn violations(error: &ValidationError<'_>, target: &Target<'_>, noun: &str) -> Vec<Violation> {
    let node = target.node;
    let at = |span: Span, label: String, rejects: Option<NodeId>| Violation {
        span,
        property: None,
        key: None,
        label,
        help: None,
        fix: None,
        rejects,
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let keys = target.keys.iter();
            let names: HashSet<&str> = unexpected.iter().map(String::as_str).collect();
            let unexpected = keys.filter(|(name, _)| names.contains(name));
            unexpected
                .map(|(_, key)| Violation {
                    key: Some(key.value().to_owned()),
                    ..at(key.span(), format!("unknown {noun}"), None)
                })
                .collect()
        }
        ValidationErrorKind::Not { schema } if schema.as_object().is_some_and(|s| s.is_empty()) => {
            let span = target.key.map_or(node.span, Text::span);
            vec![at(span, format!("unknown {noun}"), None)]
        }
        ValidationErrorKind::Required { property } => vec![Violation {
            property: property.as_str().map(str::to_owned),
            ..at(node.head, "missing here".to_owned(), None)
        }],
        ValidationErrorKind::MaxItems { limit } => {
            let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
            let items = node.items().unwrap_or_default();
            // Where a wildcard must be the only entry, the wildcard is the one to remove.
            let is_star = |item: &&Node| item.text().is_some_and(|text| text.value() == "*");
            let star = items.iter().find(is_star).filter(|_| limit == 1);
            let span = star
                .or(items.get(limit))
                .map_or(node.head, |item| item.head);
            vec![at(
                span,
                match star {
                    Some(_) => format!("one of {} entries", items.len()),
                    None => format!("item {} of {}", limit.saturating_add(1), items.len()),
                },
                star.map(|star| star.id),
            )]
        }
        ValidationErrorKind::MinItems { .. } => {
            vec![at(node.span, "empty".to_owned(), None)]
        }
        ValidationErrorKind::Type { kind } => {
            let is_lone = is_lone_entry(kind, node);
            vec![Violation {
                help: type_help(kind, node).filter(|_| noun != "element"),
                fix: type_fix(kind, node),
                // The lints still check a lone string, since its meaning is clear.
                ..at(
                    node.head,
                    match (noun, &node.value) {
                        ("element", Value::Map(_)) => "contains elements".to_owned(),
                        ("element", _) => "contains text".to_owned(),
                        _ => format!("this is {}", node.kind()),
                    },
                    (!is_lone).then_some(node.id),
                )
            }]
        }
        ValidationErrorKind::MaxLength { .. } | ValidationErrorKind::MinLength { .. } => {
            let length = node.text().map_or(0, |text| text.value().chars().count());
            vec![at(node.head, format!("{length} characters"), Some(node.id))]
        }
        kind => vec![Violation {
            fix: value_fix(kind, node),
            ..at(violation_span(kind, node), String::new(), Some(node.id))
        }],
    }
}

/// Returns the span of the rejected wildcard: the second `*`, or the first if no `*` is allowed.
fn violation_span(kind: &ValidationErrorKind, node: &Node) -> Span {
    let nth = match kind {
        ValidationErrorKind::Pattern { .. } => 1,
        ValidationErrorKind::Not { schema } if schema.get("pattern").is_some() => 0,
        _ => return node.head,
    };
    let star = |text: &Text| {
        let (at, _) = text.value().match_indices('*').nth(nth)?;
        Some(text.at(at..at + 1))
    };
    node.text().and_then(star).unwrap_or(node.head)
}

/// Splits a string that was meant as a list.
fn split_list(text: &str) -> Vec<&str> {
    let entries = text.split([',', ';']).flat_map(str::split_whitespace);
    entries.collect()
}

/// Returns the expected type; list, if either a list or null is allowed.
fn expected_type(kind: &TypeKind) -> Option<JsonType> {
    match kind {
        TypeKind::Single(expected) => Some(*expected),
        TypeKind::Multiple(expected) => expected.iter().next(),
    }
}

/// Returns true for a string with one entry where a list belongs.
fn is_lone_entry(kind: &TypeKind, node: &Node) -> bool {
    let is_list = matches!(expected_type(kind), Some(JsonType::Array));
    let entries = node.text().map(|text| split_list(text.value()).len());
    is_list && entries == Some(1)
}

/// Puts a lone string into a list, and removes the quotes around a number.
fn type_fix(kind: &TypeKind, node: &Node) -> Option<(&'static str, Change)> {
    match (expected_type(kind)?, &node.value) {
        // Elements have no brackets and no quotes.
        (_, Value::String(text)) if !text.is_quoted() => None,
        (JsonType::Array, Value::String(text)) if split_list(text.value()).len() == 1 => {
            Some(("put it into a list", Change::WrapInList(node.id)))
        }
        (JsonType::Integer, Value::String(text)) => Some((
            "remove the quotes",
            Change::SetNumber {
                node: node.id,
                number: text.value().trim().parse().ok()?,
            },
        )),
        _ => None,
    }
}

/// Writes a method in upper case, and removes OPTIONS.
fn value_fix(kind: &ValidationErrorKind, node: &Node) -> Option<(&'static str, Change)> {
    let ValidationErrorKind::Not { schema } = kind else {
        return None;
    };
    let method = node.text()?.value();
    if schema.get("pattern").is_some() && schema.get("not").is_some() {
        let capitals = Change::SetText {
            node: node.id,
            part: 0..method.len(),
            with: method.to_ascii_uppercase(),
        };
        return Some(("write it in upper case", capitals));
    }
    method
        .eq_ignore_ascii_case("OPTIONS")
        .then_some(("remove OPTIONS", Change::Remove(node.id)))
}

/// Says what to write instead of a value of the wrong type, based on that value.
fn type_help(kind: &TypeKind, node: &Node) -> Option<String> {
    let expected = expected_type(kind)?;
    match (expected, &node.value) {
        (_, Value::String(text)) if !text.is_quoted() => None,
        (JsonType::Array, Value::String(text)) if text.value().len() < 60 => {
            Some(format!("write {}", Json::from(split_list(text.value()))))
        }
        (JsonType::Integer, Value::String(text)) => {
            Some(match text.value().trim().parse::<i64>() {
                Ok(number) => format!("write {number} without quotes"),
                Err(_) => "write a whole number without quotes".to_owned(),
            })
        }
        (JsonType::Integer, _) => Some("write a whole number".to_owned()),
        (JsonType::String, Value::Number(number)) => Some(format!("write \"{number}\"")),
        (JsonType::String, Value::Null) => Some("write a string, or remove it".to_owned()),
        (JsonType::String, Value::List(_) | Value::Map(_)) => {
            Some("write a string instead".to_owned())
        }
        _ => None,
    }
}

//! One JSON Schema for each shape of file, and the check of a policy against its own.
//!
//! Each constraint carries its sentence as `errorMessage`, which VS Code shows as it is. Up to the
//! first `; ` it says what is wrong, after it what to do: the message and the help of a finding.
//! So that a sentence fits, every subschema holds one constraint, or several in an `allOf`, whose
//! order is the order of precedence where one value breaks more than one.

use std::collections::HashSet;
use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Json;

use crate::document::{Node, NodeId, Text, Value, View};
use crate::finding::{Change, Finding, Fix, Safety};
use crate::source::Span;

/// The lint that the check's findings belong to.
pub const SCHEMA_VIOLATION: &str = "schema-violation";

/// The schema of one shape.
pub struct Schema {
    /// What `corslint schema` calls it.
    pub name: &'static str,
    /// The file, as it is printed.
    pub text: &'static str,
    /// All errors of an instance, from the validator that was compiled into the program.
    errors: fn(&Json) -> Vec<ValidationError<'_>>,
    /// The file, read; only where there is an error to explain.
    parsed: OnceLock<Json>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The schema of the S3 console's list of rules.
pub static S3_CONSOLE: Schema = Schema {
    name: "s3-console",
    text: include_str!("s3-console.json"),
    errors: |instance| S3Console::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of the AWS CLI's object.
pub static S3_CLI: Schema = Schema {
    name: "s3-cli",
    text: include_str!("s3-cli.json"),
    errors: |instance| S3Cli::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of GCS's list of rules.
pub static GCS: Schema = Schema {
    name: "gcs",
    text: include_str!("gcs.json"),
    errors: |instance| Gcs::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of R2's object.
pub static R2: Schema = Schema {
    name: "r2",
    text: include_str!("r2.json"),
    errors: |instance| R2Object::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of B2's list of rules.
pub static B2: Schema = Schema {
    name: "b2",
    text: include_str!("b2.json"),
    errors: |instance| B2List::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// All of them, in the order in which they are listed.
pub static SCHEMAS: &[&Schema] = &[&S3_CONSOLE, &S3_CLI, &GCS, &R2, &B2];

#[jsonschema::validator(path = "schema/s3-console.json")]
struct S3Console;

#[jsonschema::validator(path = "schema/s3-cli.json")]
struct S3Cli;

#[jsonschema::validator(path = "schema/gcs.json")]
struct Gcs;

#[jsonschema::validator(path = "schema/r2.json")]
struct R2Object;

#[jsonschema::validator(path = "schema/b2.json")]
struct B2List;

/// What the check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// In the order of the schema.
    pub findings: Vec<Finding>,
    /// The values that were refused for what they are. They are unknown to the lints: of what is
    /// wrong already, nothing more is said.
    pub refused: HashSet<NodeId>,
}

/// Checks a policy under its provider's keys.
pub fn check(schema: &Schema, view: &View<'_>) -> Checked {
    let instance = to_json(view);
    let mut checked = Checked::default();
    let mut places = HashSet::new();
    for error in (schema.errors)(&instance) {
        let Some(place) = resolve(view, error.instance_path()) else {
            continue;
        };
        let (message, help) = schema.sentence(error.schema_path());
        for found in locate(&error, &place) {
            // Of a value that is refused, wherever in it, one reason is enough.
            let is_whole = found.refuses == Some(place.node.id);
            let span = if is_whole {
                place.node.span
            } else {
                found.span
            };
            if !places.insert((span, found.property.clone())) {
                continue;
            }
            checked.refused.extend(found.refuses);
            let mut finding =
                Finding::new(SCHEMA_VIOLATION, found.span, message.clone()).label(found.label);
            finding.help = found.help.or_else(|| help.clone());
            finding.fix = found.fix.map(|(title, change)| Fix {
                title: title.to_owned(),
                safety: Safety::Unsafe,
                changes: vec![change],
            });
            checked.findings.push(finding);
        }
    }
    checked
}

impl Schema {
    /// What file it is for, in one line.
    pub fn title(&self) -> &str {
        self.parsed()["title"].as_str().unwrap_or_default()
    }

    fn parsed(&self) -> &Json {
        self.parsed.get_or_init(|| {
            serde_json::from_str(self.text).expect("the schemas of this program are JSON")
        })
    }

    /// What is wrong and what to do, from the sentence beside the constraint at `path`.
    fn sentence(&self, path: &Location) -> (String, Option<String>) {
        let constraint = path.as_str();
        let subschema = constraint.rsplit_once('/').map_or("", |(parent, _)| parent);
        let sentence = self
            .parsed()
            .pointer(subschema)
            .and_then(|subschema| subschema.get("errorMessage"))
            .and_then(Json::as_str)
            .unwrap_or("this is not what the provider takes");
        match sentence.split_once("; ") {
            Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
            None => (sentence.to_owned(), None),
        }
    }
}

/// The node that an error is about.
struct Place<'d> {
    node: &'d Node<'d>,
    /// Its key, where it is a member's value.
    key: Option<&'d Text<'d>>,
    /// The keys of its members under the provider's names.
    keys: Vec<(&'d str, &'d Text<'d>)>,
}

/// A finding's place and what is there.
struct Located {
    span: Span,
    /// The field that is missing there, where one is: an object may lack several.
    property: Option<String>,
    label: String,
    help: Option<String>,
    /// What it does, and how it is mended.
    fix: Option<(&'static str, Change)>,
    /// The value that is refused for what it is.
    refuses: Option<NodeId>,
}

/// Where an error is shown: mostly at the value, but at the key if that is at fault, at the first
/// item too many, at the opening bracket if something is missing.
fn locate(error: &ValidationError<'_>, place: &Place<'_>) -> Vec<Located> {
    let node = place.node;
    let at = |span: Span, label: String, refuses: Option<NodeId>| Located {
        span,
        property: None,
        label,
        help: None,
        fix: None,
        refuses,
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let keys = place.keys.iter();
            let unexpected = keys.filter(|(name, _)| unexpected.iter().any(|key| key == name));
            unexpected
                .map(|(_, key)| at(key.span(), "unknown key".to_owned(), None))
                .collect()
        }
        ValidationErrorKind::Not { schema } if schema.as_object().is_some_and(|s| s.is_empty()) => {
            let span = place.key.map_or(node.span, Text::span);
            vec![at(span, "unknown key".to_owned(), None)]
        }
        ValidationErrorKind::Required { property } => vec![Located {
            property: property.as_str().map(str::to_owned),
            ..at(node.head(), "in this object".to_owned(), None)
        }],
        ValidationErrorKind::MaxItems { limit } => {
            let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
            let items = node.items().unwrap_or_default();
            // Where a wildcard wants to be alone, it is the wildcard that is too many.
            let is_star = |item: &&Node<'_>| item.text().is_some_and(|text| text.value() == "*");
            let star = items.iter().find(is_star).filter(|_| limit == 1);
            let span = star.or(items.get(limit)).map_or(node.head(), Node::head);
            vec![at(
                span,
                match star {
                    Some(_) => format!("one of {} entries", items.len()),
                    None => format!("number {} of {}", limit.saturating_add(1), items.len()),
                },
                star.map(|star| star.id),
            )]
        }
        ValidationErrorKind::MinItems { .. } => {
            vec![at(node.span, "nothing is in it".to_owned(), None)]
        }
        ValidationErrorKind::Type { kind } => vec![Located {
            help: type_help(kind, node),
            fix: type_fix(kind, node),
            ..at(
                node.head(),
                format!("this is {}", node.kind()),
                Some(node.id),
            )
        }],
        ValidationErrorKind::MaxLength { .. } | ValidationErrorKind::MinLength { .. } => {
            let length = node.text().map_or(0, |text| text.value().chars().count());
            vec![at(node.span, format!("{length} characters"), Some(node.id))]
        }
        kind => vec![Located {
            fix: value_fix(kind, node),
            ..at(part_at_fault(kind, node), String::new(), Some(node.id))
        }],
    }
}

/// The wildcard, where that is what was refused: the second, or one where none may be.
fn part_at_fault(kind: &ValidationErrorKind, node: &Node<'_>) -> Span {
    let nth = match kind {
        ValidationErrorKind::Pattern { .. } => 1,
        ValidationErrorKind::Not { schema } if schema.get("pattern").is_some() => 0,
        _ => return node.span,
    };
    let star = |text: &Text<'_>| {
        let (at, _) = text.value().match_indices('*').nth(nth)?;
        Some(text.at(at..at + 1))
    };
    node.text().and_then(star).unwrap_or(node.span)
}

/// The entries of a lone string that was meant as a list.
fn listed(text: &str) -> Vec<&str> {
    let entries = text.split([',', ';']).flat_map(str::split_whitespace);
    entries.collect()
}

/// The type that is wanted; where null may stand for a list, the list.
fn wanted(kind: &TypeKind) -> Option<JsonType> {
    match kind {
        TypeKind::Single(wanted) => Some(*wanted),
        TypeKind::Multiple(wanted) => wanted.iter().next(),
    }
}

/// A lone string becomes a list, a number loses its quotes.
fn type_fix(kind: &TypeKind, node: &Node<'_>) -> Option<(&'static str, Change)> {
    match (wanted(kind)?, &node.value) {
        (JsonType::Array, Value::String(text)) if listed(text.value()).len() == 1 => {
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

/// A method gets its capitals, and OPTIONS goes.
fn value_fix(kind: &ValidationErrorKind, node: &Node<'_>) -> Option<(&'static str, Change)> {
    let ValidationErrorKind::Not { schema } = kind else {
        return None;
    };
    let method = node.text()?.value();
    if schema.get("pattern").is_some() && schema.get("not").is_some() {
        let capitals = Change::ReplaceText {
            node: node.id,
            part: 0..method.len(),
            with: method.to_ascii_uppercase(),
        };
        return Some(("write it in capitals", capitals));
    }
    method.eq_ignore_ascii_case("OPTIONS").then_some((
        "remove OPTIONS",
        Change::RemoveItem {
            item: node.id,
            may_empty: false,
        },
    ))
}

/// What to write instead of a value of the wrong type, with the author's own value in it.
fn type_help(kind: &TypeKind, node: &Node<'_>) -> Option<String> {
    let wanted = self::wanted(kind)?;
    match (wanted, &node.value) {
        (JsonType::Array, Value::String(text)) if text.value().len() < 60 => {
            Some(format!("write {}", Json::from(listed(text.value()))))
        }
        (JsonType::Integer, Value::String(text)) => {
            Some(match text.value().trim().parse::<i64>() {
                Ok(number) => format!("write {number}, without quotes"),
                Err(_) => "write a whole number, without quotes".to_owned(),
            })
        }
        (JsonType::Integer, _) => Some("write a whole number".to_owned()),
        (JsonType::String, Value::Number(number)) => Some(format!("write \"{number}\"")),
        (JsonType::String, Value::Null) => Some("write a string, or remove it".to_owned()),
        (JsonType::String, Value::Array(_) | Value::Object(_)) => {
            Some("write a string in its place".to_owned())
        }
        _ => None,
    }
}

/// Where a path has come to: views end where nothing was mapped, and from there on the nodes lead.
enum Step<'v, 'd> {
    View(&'v View<'d>),
    Node(&'d Node<'d>),
}

impl<'v, 'd> Step<'v, 'd> {
    fn into(view: &'v View<'d>) -> Step<'v, 'd> {
        match view {
            View::Node(node) => Step::Node(node),
            View::Array(..) | View::Object(..) => Step::View(view),
        }
    }
}

/// Follows an error's path through a view. None where it passes an unknown value, or ends at one:
/// what is computed elsewhere cannot be refused.
fn resolve<'d>(view: &View<'d>, path: &Location) -> Option<Place<'d>> {
    let mut key = None;
    let mut step = Step::into(view);
    for segment in path.iter() {
        (key, step) = match (segment, step) {
            (LocationSegment::Property(name), Step::Node(node)) => {
                let member = node.get(&name)?;
                (Some(&member.key), Step::Node(&member.value))
            }
            (LocationSegment::Property(name), Step::View(view)) => {
                let member = view.get(&name)?;
                (member.key, Step::into(&member.value))
            }
            (LocationSegment::Index(index), Step::Node(node)) => {
                (None, Step::Node(node.items()?.get(index)?))
            }
            (LocationSegment::Index(index), Step::View(View::Array(_, items))) => {
                (None, Step::into(items.get(index)?))
            }
            (LocationSegment::Index(_), Step::View(_)) => return None,
        };
    }
    let (node, keys) = match step {
        Step::View(View::Object(node, members)) => {
            let keys = members.iter();
            let keys = keys.filter_map(|member| Some((member.name, member.key?)));
            (*node, keys.collect())
        }
        Step::View(view) => (view.node(), Vec::new()),
        Step::Node(node) => {
            let members = node.members().unwrap_or_default().iter();
            let keys = members.map(|member| (member.key.value(), &member.key));
            (node, keys.collect())
        }
    };
    (node.value != Value::Unknown).then_some(Place { node, key, keys })
}

/// A copy that the validator can read. An unknown value becomes null; [`resolve`] drops what is
/// said of it.
fn to_json(view: &View<'_>) -> Json {
    match view {
        View::Node(node) => node_to_json(node),
        View::Array(_, items) => Json::Array(items.iter().map(to_json).collect()),
        View::Object(_, members) => Json::Object(
            members
                .iter()
                .map(|member| (member.name.to_owned(), to_json(&member.value)))
                .collect(),
        ),
    }
}

fn node_to_json(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => number
            .parse()
            .map_or(Json::Null, |number: serde_json::Number| {
                Json::Number(number)
            }),
        Value::String(text) => Json::from(text.value()),
        Value::Array(items) => Json::Array(items.iter().map(node_to_json).collect()),
        Value::Object(members) => Json::Object(
            members
                .iter()
                .map(|member| (member.key.value().to_owned(), node_to_json(&member.value)))
                .collect(),
        ),
    }
}

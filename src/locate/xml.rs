//! XML files that are a policy: the requests of S3's and GCS's XML APIs. The root element decides.
//!
//! Sources: AWS API_PutBucketCors; Google Cloud Storage, 'PUT bucket CORS'.

use std::collections::HashMap;

use super::Location;
use super::tree::members_mut;
use crate::dialect::{Dialect, GCS_XML, PolicyText, S3_XML};
use crate::document::{Document, Member, Node, NodeId, Text, Value};
use crate::field::Field;
use crate::finding::{Diagnostic, SCHEMA_VIOLATION};
use crate::provider::Provider;

/// The XML of one provider.
struct Format {
    dialect: &'static Dialect,
    /// The root element.
    root: &'static str,
    /// The elements inside the containers that hold lists; empty if the elements of a list are in the rule.
    items: &'static [(Field, &'static str)],
}

const FORMATS: &[Format] = &[
    Format {
        dialect: &S3_XML,
        root: "CORSConfiguration",
        items: &[],
    },
    Format {
        dialect: &GCS_XML,
        root: "CorsConfig",
        items: &[
            (Field::Origins, "Origin"),
            (Field::Methods, "Method"),
            (Field::ExposedHeaders, "ResponseHeader"),
        ],
    },
];

/// Returns the policy of a file. Without one, the whole file is treated as a policy of the `forced` provider.
pub(super) fn find<'d>(
    document: &'d Document,
    forced: Option<&'static Provider>,
) -> Vec<Location<'d>> {
    let root = document.roots.first().and_then(|root| root.members());
    let Some([root]) = root else {
        return Vec::new();
    };
    let format = format_of(root).or_else(|| {
        let mut formats = FORMATS.iter();
        formats.find(|format| Some(format.dialect.provider) == forced)
    });
    let Some(format) = format else {
        return Vec::new();
    };
    let key = format.dialect.key(Field::Rules);
    let is_rules = |member: &&Member| is_similar(member.key.value(), key);
    let members = root.value.members().unwrap_or_default();
    let rules = members.iter().find(is_rules);
    let text = match rules {
        Some(rules) => PolicyText::object(&root.value, rules),
        None => PolicyText::block(&root.value),
    };
    let problem = match rules {
        None if root.key.value() == format.root => Some(without_rule(&root.value, format)),
        _ => wrong_root(&root.key, format),
    };
    vec![Location {
        is_recognized: format_of(root).is_some(),
        problems: problem.into_iter().collect(),
        ..Location::new(format.dialect, text)
    }]
}

/// Returns the format of a file: by its root element, or by the rules in it.
fn format_of(root: &Member) -> Option<&'static Format> {
    let name = root.key.value();
    let is_named = |format: &&Format| name.eq_ignore_ascii_case(format.root);
    let has_rules = |format: &&Format| {
        let key = format.dialect.key(Field::Rules);
        let is_rule = |rule: &Node| {
            [Field::Origins, Field::Methods]
                .iter()
                .any(|field| rule.get(format.dialect.key(*field)).is_some())
        };
        let rules = root.value.get(key);
        let rules = rules.map_or(&[][..], |rules| items(&rules.value));
        rules.iter().any(is_rule) || name == key && is_rule(&root.value)
    };
    let mut formats = FORMATS.iter();
    // Names that differ in case only may be those of another format.
    formats
        .clone()
        .find(|format| format.root == name)
        .or_else(|| formats.clone().find(has_rules))
        .or_else(|| formats.find(is_named))
}

fn items(node: &Node) -> &[Node] {
    node.items().unwrap_or(std::slice::from_ref(node))
}

/// Returns true for a name that differs in case, or is plural.
fn is_similar(name: &str, wanted: &str) -> bool {
    let singular = |name: &str| name.to_ascii_lowercase().trim_end_matches('s').to_owned();
    singular(name) == singular(wanted)
}

/// Reports a root element with another name.
fn wrong_root(name: &Text, format: &Format) -> Option<Diagnostic> {
    let (name, span) = (name.value(), name.span());
    if name == format.root {
        return None;
    }
    let (root, dialect) = (format.root, format.dialect);
    let (message, help) = match name == dialect.key(Field::Rules) {
        true => (
            format!(
                "expected a <{root}> for {}, found a single rule",
                dialect.tool
            ),
            format!("put it into <{root}>"),
        ),
        false => (
            format!(
                "unknown root element {name}: {} uses {root}",
                dialect.keys_owner
            ),
            format!("write <{root}>"),
        ),
    };
    Some(
        Diagnostic::new(SCHEMA_VIOLATION, span, message)
            .label(format!("{} rejects it", dialect.tool))
            .help(help),
    )
}

/// Reports a rule that is directly in the root element.
fn without_rule(root: &Node, format: &Format) -> Diagnostic {
    let (dialect, key) = (format.dialect, format.dialect.key(Field::Rules));
    let message = format!(
        "expected <{key}> in <{}>, found the elements of a rule",
        format.root
    );
    Diagnostic::new(SCHEMA_VIOLATION, root.head, message)
        .label(format!("{} rejects it", dialect.tool))
        .help(format!("put the elements into <{key}>"))
}

/// Turns the elements of the rules into lists and numbers.
pub(super) fn resolve(document: &mut Document) {
    let Some(members) = document.roots.first_mut().and_then(members_mut) else {
        return;
    };
    let [root] = &mut members[..] else {
        return;
    };
    let Some(format) = format_of(root) else {
        return;
    };
    let key = format.dialect.key(Field::Rules);
    as_object(&mut root.value);
    let Node { id, span, head, .. } = root.value;
    let Some(members) = members_mut(&mut root.value) else {
        return;
    };
    collect(members, |name| is_similar(name, key));
    if members.is_empty() {
        // An empty list, so that it is reported as one.
        members.push(Member {
            key: root.key.renamed(key),
            value: Node {
                id: NodeId(id.0 + 1),
                span,
                head,
                value: Value::List(Vec::new()),
            },
        });
        return;
    }
    let rules = members
        .iter_mut()
        .find_map(|member| match &mut member.value.value {
            Value::List(rules) => Some(rules),
            _ => None,
        });
    match rules {
        Some(rules) => rules.iter_mut().for_each(|rule| resolve_rule(rule, format)),
        None => resolve_rule(&mut root.value, format),
    }
}

fn resolve_rule(rule: &mut Node, format: &Format) {
    as_object(rule);
    let Some(members) = members_mut(rule) else {
        return;
    };
    let field = |name: &str| format.dialect.look_up(name, false).field();
    if format.items.is_empty() {
        collect(members, |name| {
            matches!(
                field(name),
                Some(
                    Field::Origins | Field::Methods | Field::AllowedHeaders | Field::ExposedHeaders
                )
            )
        });
    }
    for member in members.iter_mut() {
        let field = field(member.key.value());
        let item = format.items.iter().find(|(of, _)| Some(*of) == field);
        if let Some((_, item)) = item {
            as_list(&mut member.value, item);
        } else if field == Some(Field::MaxAge) {
            as_number(&mut member.value);
        }
    }
    join_containers(members);
}

/// Moves the items of containers with the same name to the last of them, so that none is missed.
fn join_containers(members: &mut [Member]) {
    let mut items: HashMap<String, (usize, Vec<Node>)> = HashMap::new();
    for (place, member) in members.iter_mut().enumerate() {
        if let Value::List(list) = &mut member.value.value {
            let name = member.key.value().to_owned();
            let (last, joined) = items.entry(name).or_default();
            *last = place;
            joined.append(list);
        }
    }
    for (last, joined) in items.into_values() {
        members[last].value.value = Value::List(joined);
    }
}

/// Turns an element without content into one without elements.
fn as_object(node: &mut Node) {
    if node.text().is_some_and(|text| text.value().is_empty()) {
        node.value = Value::Map(Vec::new());
    }
}

/// Turns a container into a list, if all its elements have the right name.
fn as_list(container: &mut Node, item: &str) {
    as_object(container);
    let Some(members) = members_mut(container) else {
        return;
    };
    if members.iter().all(|member| member.key.value() == item) {
        let items = std::mem::take(members).into_iter();
        container.value = Value::List(items.map(|member| member.value).collect());
    }
}

fn as_number(node: &mut Node) {
    let Some(text) = node.text() else {
        return;
    };
    let is_number = serde_json::from_str::<serde_json::Number>(text.value()).is_ok();
    if is_number {
        let number = text.value().into();
        node.head = text.span();
        node.value = Value::Number(number);
    }
}

/// Joins the elements with the same name into a list, if their name is one of a list.
fn collect(members: &mut Vec<Member>, is_list: impl Fn(&str) -> bool) {
    let mut joined: Vec<Member> = Vec::new();
    let mut places = HashMap::new();
    for member in std::mem::take(members) {
        if !is_list(member.key.value()) {
            joined.push(member);
            continue;
        }
        let place = places.get(member.key.value()).copied();
        let Some(place) = place else {
            places.insert(member.key.value().to_owned(), joined.len());
            joined.push(Member {
                key: member.key,
                value: Node {
                    // The parser leaves an ID free before each element.
                    id: NodeId(member.value.id.0 - 1),
                    span: member.value.span,
                    head: member.value.head,
                    value: Value::List(vec![member.value]),
                },
            });
            continue;
        };
        let list = &mut joined[place].value;
        list.span = crate::source::Span::new(list.span.start(), member.value.span.end());
        if let Value::List(items) = &mut list.value {
            items.push(member.value);
        }
    }
    *members = joined;
}

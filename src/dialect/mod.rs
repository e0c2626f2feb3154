//! Recognises the policies in a document and maps what their authors wrote to the provider's own
//! keys. One file for each provider.
//!
//! Content decides, a file's name does not. Each key of an object is looked up ([`keys`]): the
//! provider's own spelling, another reader's, a slip, or something else. A dialect then weighs what
//! it found, so that a policy with a mistake is still one, and the settings of a server, which
//! share some of the words, are none.

mod keys;
mod s3;

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::document::{Document, Member, Node, Value, View, ViewMember};
use crate::finding::Finding;
use crate::policy::{Field, Item, List, MaxAge, Policy, Provider, Rule};
use crate::schema::{Checked, SCHEMA_VIOLATION, Schema};
use crate::source::Span;
use keys::{Known, Meaning, look_up};

/// The lint of doubled keys.
pub const DUPLICATE_KEY: &str = "duplicate-key";

/// A provider's way to write a policy.
pub struct Dialect {
    /// Who reads it.
    pub provider: Provider,
    /// What `--provider` calls it.
    pub name: &'static str,
    /// The keys of a rule.
    keys: &'static [(Meaning, &'static str)],
    /// Letters of its keys for origins, and of those for methods, in lower case: what a file that
    /// cannot be read must hold both of to be called a policy.
    marks: (&'static [&'static str], &'static [&'static str]),
    /// What a file lacks that is no policy of this provider.
    pub needs: &'static str,
    /// Finds its policies.
    find: for<'d> fn(&'d Node<'d>) -> Vec<Place<'d>>,
}

/// The dialects, in the order in which they are asked.
pub const DIALECTS: &[Dialect] = &[s3::DIALECT];

/// One policy in a file.
#[derive(Debug)]
pub struct Site<'d> {
    /// Who reads it.
    pub provider: Provider,
    /// The schema of its shape.
    pub schema: &'static Schema,
    /// Where in the document it is, where the document holds more than the policy; else empty.
    pub address: String,
    /// The bracket that opens it.
    pub head: Span,
    /// The policy under the provider's own keys.
    pub view: View<'d>,
    /// What was wrong with the keys.
    pub findings: Vec<Finding>,
    rules: Vec<MappedRule<'d>>,
}

/// A rule and the values of its fields.
#[derive(Debug)]
struct MappedRule<'d> {
    node: &'d Node<'d>,
    fields: Vec<(Meaning, &'d Node<'d>)>,
}

/// Where a dialect saw a policy.
struct Place<'d> {
    /// The list, or the object that holds it under [`Place::wrapper`].
    node: &'d Node<'d>,
    /// The provider's key for the rules, and the member that holds them.
    wrapper: Option<(&'static str, &'d Member<'d>)>,
    /// The rules.
    rules: &'d [Node<'d>],
    /// The rule stands without the list around it.
    lone: bool,
    address: String,
    schema: &'static Schema,
}

impl<'d> Place<'d> {
    fn list(node: &'d Node<'d>, schema: &'static Schema) -> Place<'d> {
        Place {
            node,
            wrapper: None,
            rules: node.items().unwrap_or_default(),
            lone: false,
            address: String::new(),
            schema,
        }
    }

    fn wrapped(
        node: &'d Node<'d>,
        key: &'static str,
        member: &'d Member<'d>,
        schema: &'static Schema,
    ) -> Place<'d> {
        Place {
            wrapper: Some((key, member)),
            rules: member.value.items().unwrap_or_default(),
            ..Place::list(node, schema)
        }
    }

    fn lone(node: &'d Node<'d>, schema: &'static Schema) -> Place<'d> {
        Place {
            rules: std::slice::from_ref(node),
            lone: true,
            ..Place::list(node, schema)
        }
    }
}

/// What the keys of one object, or of several, say for a dialect.
#[derive(Debug, Default)]
struct Evidence<'d> {
    /// Keys that are the dialect's own.
    exact: usize,
    /// Keys that mean a field, however they are spelled.
    known: usize,
    /// Of these, those for origins or methods.
    decisive: usize,
    /// Keys that mean nothing to a rule.
    unknown: usize,
    keys: Vec<&'d str>,
}

impl<'d> Evidence<'d> {
    fn of(object: &'d Node<'d>, dialect: &Dialect) -> Evidence<'d> {
        Evidence::of_all(std::slice::from_ref(object), dialect)
    }

    fn of_all(objects: &'d [Node<'d>], dialect: &Dialect) -> Evidence<'d> {
        let mut evidence = Evidence::default();
        for member in objects.iter().flat_map(|o| o.members().unwrap_or_default()) {
            let known = look_up(member.key.value(), dialect.keys);
            evidence.exact += usize::from(matches!(known, Known::Own(_)));
            match known.meaning() {
                Some(meaning) => {
                    evidence.known += 1;
                    evidence.decisive +=
                        usize::from(matches!(meaning, Meaning::Origins | Meaning::Methods));
                    evidence.keys.push(member.key.value());
                }
                None => evidence.unknown += 1,
            }
        }
        evidence
    }

    /// Whether one of the keys that mean a field is so.
    fn has(&self, so: impl Fn(&str) -> bool) -> bool {
        self.keys.iter().any(|key| so(key))
    }
}

/// Whether two keys are one word, case aside.
fn same_word(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The policies of a document.
pub fn find<'d>(document: &'d Document<'d>) -> Vec<Site<'d>> {
    for dialect in DIALECTS {
        let places = (dialect.find)(&document.root);
        if !places.is_empty() {
            return places
                .into_iter()
                .map(|place| map(place, dialect))
                .collect();
        }
    }
    Vec::new()
}

/// The letters that a file must hold to be worth reading: of a key for origins or for methods, or
/// of a wrapper. Any one is enough, for any other may be what is missing or misspelt.
static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let marks = DIALECTS.iter().flat_map(|dialect| {
        let (origins, methods) = dialect.marks;
        origins.iter().chain(methods)
    });
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(marks.chain(&["corsrule"]))
        .expect("a handful of short words")
});

/// Whether a file may hold a policy.
pub fn may_hold_policy(bytes: &[u8]) -> bool {
    MARKS.is_match(bytes)
}

/// Whether a file that cannot be read is meant as a policy: it has a key for origins and one for
/// methods, both of one provider.
pub fn is_meant_as_policy(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    DIALECTS.iter().any(|dialect| {
        let (origins, methods) = dialect.marks;
        let holds = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
        holds(origins) && holds(methods)
    })
}

/// Maps the keys of a policy to the provider's own and says what was wrong with them.
fn map<'d>(place: Place<'d>, dialect: &Dialect) -> Site<'d> {
    let mut findings = Vec::new();
    let mut rules = Vec::new();
    let mut views = Vec::new();
    if place.lone {
        findings.push(
            Finding::new(
                SCHEMA_VIOLATION,
                place.node.head(),
                format!(
                    "this is one rule, and {} reads a list of rules",
                    dialect.provider
                ),
            )
            .label("not in a list")
            .help("write [ before it and ] after it"),
        );
    }
    if let Some(parts) = split_rule(place.rules, dialect) {
        findings.push(parts);
        let members = place
            .rules
            .iter()
            .flat_map(|o| o.members().unwrap_or_default());
        let (view, rule) = map_rule(&place.rules[0], members, dialect, &mut findings);
        views.push(view);
        rules.push(rule);
    } else {
        for node in place.rules {
            match node.members() {
                Some(members) => {
                    let (view, rule) = map_rule(node, members.iter(), dialect, &mut findings);
                    views.push(view);
                    rules.push(rule);
                }
                None => views.push(View::Node(node)),
            }
        }
    }
    let view = match place.wrapper {
        None => View::Array(place.node, views),
        Some((name, rules_member)) => {
            find_doubles(place.node.members().unwrap_or_default(), &mut findings);
            let members = place.node.members().unwrap_or_default().iter();
            View::Object(
                place.node,
                members
                    .filter(|member| {
                        std::ptr::eq(*member, rules_member) || member.key.value() != name
                    })
                    .map(|member| wrapper_member(member, name, rules_member, &mut views))
                    .collect(),
            )
        }
    };
    if let Some((name, member)) = place.wrapper
        && member.key.value() != name
    {
        findings.push(
            Finding::new(
                SCHEMA_VIOLATION,
                member.key.span(),
                format!(
                    "{} is misspelt: {} says {name}",
                    member.key.value(),
                    dialect.provider
                ),
            )
            .label(format!("write {name}")),
        );
    }
    Site {
        provider: dialect.provider,
        schema: place.schema,
        address: place.address,
        head: place.node.head(),
        view,
        findings,
        rules,
    }
}

fn wrapper_member<'d>(
    member: &'d Member<'d>,
    name: &'static str,
    rules_member: &Member<'_>,
    views: &mut Vec<View<'d>>,
) -> ViewMember<'d> {
    let holds_rules = std::ptr::eq(member, rules_member);
    ViewMember {
        name: if holds_rules {
            name
        } else {
            member.key.value()
        },
        key: Some(&member.key),
        value: match member.value.value {
            Value::Array(_) if holds_rules => View::Array(&member.value, std::mem::take(views)),
            _ => View::Node(&member.value),
        },
    }
}

/// The finding for one rule whose keys stand in objects of their own, as in
/// `[{"AllowedOrigins": []}, {"AllowedMethods": []}]`: each would be a rule that lacks the rest.
fn split_rule(objects: &[Node<'_>], dialect: &Dialect) -> Option<Finding> {
    if objects.len() < 2 {
        return None;
    }
    let mut meanings = Vec::new();
    for object in objects {
        let [member] = object.members()? else {
            return None;
        };
        let meaning = look_up(member.key.value(), dialect.keys).meaning()?;
        if meanings.contains(&meaning) {
            return None;
        }
        meanings.push(meaning);
    }
    let finding = Finding::new(
        SCHEMA_VIOLATION,
        objects[0].head(),
        format!(
            "one rule is split into {} objects, and {} reads each as a rule of its own",
            objects.len(),
            dialect.provider
        ),
    );
    Some(
        finding
            .label("the first of them")
            .help("put all keys into one object"),
    )
}

/// Maps one rule. `members` are those of `node`, or of all the objects that a rule was split into.
fn map_rule<'d>(
    node: &'d Node<'d>,
    members: impl Iterator<Item = &'d Member<'d>> + Clone,
    dialect: &Dialect,
    findings: &mut Vec<Finding>,
) -> (View<'d>, MappedRule<'d>) {
    find_doubles_in(members.clone(), findings);
    let known: Vec<_> = members
        .map(|member| (member, look_up(member.key.value(), dialect.keys)))
        .collect();
    let spelled = known.iter().filter(|(_, known)| known.meaning().is_some());
    let wrong = spelled
        .clone()
        .filter(|(_, known)| !matches!(known, Known::Own(_)));
    let wrong_count = wrong.clone().count();
    // A rule without one right key was written for another reader: one fault, not one for each key.
    let wholly_wrong = wrong_count > 1 && wrong_count == spelled.count();
    if wholly_wrong && let Some((first, known)) = wrong.clone().next() {
        findings.push(wholly_foreign(first, *known, dialect));
    }
    // Of several spellings of one field the provider's own is read, else the first.
    let mut winners: Vec<(Meaning, &str, bool)> = Vec::new();
    for (member, known_as) in &known {
        let Some(meaning) = known_as.meaning() else {
            continue;
        };
        let is_own = matches!(known_as, Known::Own(_));
        match winners.iter_mut().find(|(other, ..)| *other == meaning) {
            Some(winner) if is_own && !winner.2 => *winner = (meaning, member.key.value(), true),
            Some(_) => {}
            None => winners.push((meaning, member.key.value(), is_own)),
        }
    }
    let winner = |meaning| {
        let found = winners.iter().find(|(other, ..)| *other == meaning);
        found.map_or("", |(_, key, _)| *key)
    };
    let mut mapped = Vec::new();
    let mut fields: Vec<(Meaning, &'d Node<'d>)> = Vec::new();
    for &(member, known_as) in &known {
        let key = member.key.value();
        let Some(meaning) = known_as.meaning() else {
            mapped.push(ViewMember {
                name: key,
                key: Some(&member.key),
                value: View::Node(&member.value),
            });
            continue;
        };
        let name = dialect.spelling(meaning);
        let is_own = matches!(known_as, Known::Own(_));
        if !is_own && winner(meaning) != key {
            findings.push(
                Finding::new(
                    SCHEMA_VIOLATION,
                    member.key.span(),
                    format!("{key} means {name}, which this rule sets already"),
                )
                .label("unknown key")
                .help("keep one of the two"),
            );
            continue;
        }
        if !is_own && !wholly_wrong {
            findings.push(wrong_key(member, known_as, name, dialect));
        }
        mapped.push(ViewMember {
            name,
            key: Some(&member.key),
            value: View::Node(&member.value),
        });
        // Of doubles the last counts.
        fields.retain(|(other, _)| *other != meaning);
        fields.push((meaning, &member.value));
    }
    (View::Object(node, mapped), MappedRule { node, fields })
}

fn wrong_key(member: &Member<'_>, known: Known, name: &'static str, dialect: &Dialect) -> Finding {
    let key = member.key.value();
    let provider = dialect.provider;
    let message = match known {
        Known::Foreign(_, owner) => {
            format!("{key} is how {owner} spells it; {provider} says {name}")
        }
        _ => format!("{key} is misspelt: {provider} says {name}"),
    };
    Finding::new(SCHEMA_VIOLATION, member.key.span(), message)
        .label(format!("{provider} refuses this key"))
        .help(format!("write \"{name}\""))
}

/// The one finding for a rule none of whose keys is the provider's.
fn wholly_foreign(first: &Member<'_>, known: Known, dialect: &Dialect) -> Finding {
    let provider = dialect.provider;
    let names: Vec<_> = dialect.keys.iter().map(|(_, name)| *name).collect();
    let right = known
        .meaning()
        .map_or("", |meaning| dialect.spelling(meaning));
    let message = match known {
        Known::Foreign(_, owner) if !same_word(first.key.value(), right) => {
            format!("this rule is spelled as for {owner}, and {provider} reads none of its keys")
        }
        _ => format!("{provider} reads none of this rule's keys as they are spelled"),
    };
    Finding::new(SCHEMA_VIOLATION, first.key.span(), message)
        .label(format!("{provider} says {right}"))
        .help(format!("{provider}'s keys are {}", names.join(", ")))
}

fn find_doubles(members: &[Member<'_>], findings: &mut Vec<Finding>) {
    find_doubles_in(members.iter(), findings);
}

/// A finding for each key that stands in an object before.
fn find_doubles_in<'d>(members: impl Iterator<Item = &'d Member<'d>>, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<&str, &Member<'_>> = HashMap::new();
    for member in members {
        let key = member.key.value();
        match seen.get(key) {
            Some(first) => findings.push(
                Finding::new(
                    DUPLICATE_KEY,
                    member.key.span(),
                    format!("{key} stands twice in one object, and only the last one counts"),
                )
                .label("this one counts")
                .also(first.key.span(), "this one is dropped without a word")
                .help("keep one of the two"),
            ),
            None => {
                seen.insert(key, member);
            }
        }
    }
}

impl Dialect {
    /// The provider's key for a field.
    fn spelling(&self, meaning: Meaning) -> &'static str {
        let found = self.keys.iter().find(|(known, _)| *known == meaning);
        found.map_or("", |(_, name)| name)
    }
}

impl<'d> Site<'d> {
    /// The policy, after the schema check: what was refused is unknown.
    pub fn policy(&self, checked: &Checked) -> Policy<'d> {
        let rules = self.rules.iter().enumerate();
        Policy {
            provider: self.provider,
            rules: rules
                .map(|(index, rule)| rule.read(index, checked))
                .collect(),
        }
    }

    /// How many rules it has.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }
}

impl<'d> MappedRule<'d> {
    fn read(&self, index: usize, checked: &Checked) -> Rule<'d> {
        let field = |meaning| {
            let found = self.fields.iter().find(|(known, _)| *known == meaning);
            found.map(|(_, node)| *node)
        };
        let list = |meaning| read_field(field(meaning), checked, |node| read_list(node, checked));
        Rule {
            index,
            head: self.node.head(),
            id: read_field(field(Meaning::Id), checked, Node::text),
            origins: list(Meaning::Origins),
            methods: list(Meaning::Methods),
            allowed_headers: list(Meaning::AllowedHeaders),
            exposed_headers: list(Meaning::ExposedHeaders),
            max_age: read_field(field(Meaning::MaxAge), checked, read_max_age),
        }
    }
}

/// A field's value; unknown where it was refused, or `read` makes nothing of it.
fn read_field<'d, T>(
    node: Option<&'d Node<'d>>,
    checked: &Checked,
    read: impl Fn(&'d Node<'d>) -> Option<T>,
) -> Field<T> {
    let Some(node) = node else {
        return Field::Absent;
    };
    if checked.refused.contains(&node.id) {
        return Field::Unknown(node.span);
    }
    read(node).map_or(Field::Unknown(node.span), Field::Set)
}

fn read_list<'d>(node: &'d Node<'d>, checked: &Checked) -> Option<List<'d>> {
    let items = node.items()?.iter().map(|item| match item.text() {
        Some(text) if !checked.refused.contains(&item.id) => Item::Known {
            node: item.id,
            text,
        },
        _ => Item::Unknown(item.span),
    });
    Some(List {
        span: node.span,
        items: items.collect(),
    })
}

fn read_max_age(node: &Node<'_>) -> Option<MaxAge> {
    let Value::Number(number) = node.value else {
        return None;
    };
    Some(MaxAge {
        seconds: number.parse().ok()?,
        span: node.span,
    })
}

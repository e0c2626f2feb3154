//! Maps the keys that an author wrote to the provider's own, and says what was wrong with them.

use std::collections::{HashMap, HashSet};

use super::evidence::same_word;
use super::keys::{Known as KnownKey, Meaning};
use super::{DIALECTS, DUPLICATE_KEY, Dialect, Place, Shape, Site};
use crate::document::{Member, Node, Value, View, ViewMember};
use crate::finding::{Change, Finding, Fix, Safety};
use crate::policy::{self, Field, Item, Known, List, MaxAge, Provider};
use crate::schema::{Checked, SCHEMA_VIOLATION};

/// A rule and the values of its fields.
#[derive(Debug)]
pub(super) struct Rule<'d> {
    node: &'d Node<'d>,
    /// Whether its provider reads all its keys in that object.
    is_whole: bool,
    fields: Vec<(Meaning, &'d Node<'d>)>,
}

/// Maps a policy.
pub(super) fn map<'d>(place: Place<'d>, dialect: &Dialect) -> Site<'d> {
    let mut findings = Vec::new();
    findings.extend(misshapen(&place, dialect));
    let mut rules = Vec::new();
    let mut views = Vec::new();
    if let Some(split) = split_rule(place.rules, dialect) {
        findings.push(split);
        let members = place.rules.iter().filter_map(Node::members).flatten();
        let (view, mut rule) = map_rule(&place.rules[0], members, dialect, &mut findings);
        rule.is_whole = false;
        views.push(view);
        rules.push(rule);
    } else {
        for node in place.rules {
            let Some(members) = node.members() else {
                views.push(View::Node(node));
                continue;
            };
            let (view, rule) = map_rule(node, members.iter(), dialect, &mut findings);
            views.push(view);
            rules.push(rule);
        }
    }
    Site {
        provider: dialect.provider,
        schema: place.schema,
        head: place.node.head(),
        view: map_wrapper(&place, views, dialect, &mut findings),
        address: place.address,
        findings,
        rules,
        also_refused: dialect.also_refused,
    }
}

/// What is wrong with the shape, before any key is looked at.
fn misshapen(place: &Place<'_>, dialect: &Dialect) -> Option<Finding> {
    let provider = dialect.provider;
    let (message, help) = match place.shape {
        Shape::List | Shape::Wrapped(..) => return None,
        Shape::Lone => (
            format!("this is one rule, and {provider} reads a list of rules"),
            "write [ before it and ] after it".to_owned(),
        ),
        Shape::Unwrapped(key) => (
            format!("this is a bare list, and {provider} reads an object that holds it as {key}"),
            format!("write {{\"{key}\": before it and }} after it"),
        ),
    };
    let finding = Finding::new(SCHEMA_VIOLATION, place.node.head(), message);
    Some(
        finding
            .label(format!("{} does not read this", dialect.command))
            .help(help),
    )
}

/// The list of rules, or the object around it.
fn map_wrapper<'d>(
    place: &Place<'d>,
    views: Vec<View<'d>>,
    dialect: &Dialect,
    findings: &mut Vec<Finding>,
) -> View<'d> {
    let (name, rules) = match place.shape {
        Shape::Wrapped(name, rules) => (name, rules),
        Shape::List if place.node.items().is_none() => return View::Node(place.node),
        Shape::List | Shape::Lone => return View::Array(place.node, views),
        Shape::Unwrapped(name) => {
            let value = View::Array(place.node, views);
            let rules = ViewMember {
                name,
                key: None,
                value,
            };
            return View::Object(place.node, vec![rules]);
        }
    };
    let members = place.node.members().unwrap_or_default();
    find_doubles(members.iter(), findings);
    let key = rules.key.value();
    if key != name {
        let message = format!("{key} is misspelt: {} says {name}", dialect.provider);
        findings.push(
            Finding::new(SCHEMA_VIOLATION, rules.key.span(), message)
                .label("the rules stand under this key")
                .help(format!("write \"{name}\""))
                .fix(
                    format!("rename {key} to {name}"),
                    Safety::Unsafe,
                    Change::RenameKey {
                        value: rules.value.id,
                        key: name.to_owned(),
                    },
                ),
        );
    }
    let others = members
        .iter()
        .filter(|member| member.key.value() != name && !std::ptr::eq(*member, rules));
    let mut mapped: Vec<_> = others.map(as_it_is).collect();
    mapped.push(ViewMember {
        name,
        key: Some(&rules.key),
        value: match rules.value.value {
            Value::Array(_) => View::Array(&rules.value, views),
            _ => View::Node(&rules.value),
        },
    });
    View::Object(place.node, mapped)
}

fn as_it_is<'d>(member: &'d Member<'d>) -> ViewMember<'d> {
    ViewMember {
        name: member.key.value(),
        key: Some(&member.key),
        value: View::Node(&member.value),
    }
}

/// The finding for one rule whose keys stand in objects of their own, as in
/// `[{"AllowedOrigins": []}, {"AllowedMethods": []}]`: each would be a rule that lacks the rest.
fn split_rule(objects: &[Node<'_>], dialect: &Dialect) -> Option<Finding> {
    let (first, others) = objects.split_first()?;
    if others.is_empty() {
        return None;
    }
    let mut meanings = Vec::new();
    for object in objects {
        let [member] = object.members()? else {
            return None;
        };
        let meaning = dialect.look_up(member.key.value()).meaning()?;
        if meanings.contains(&meaning) {
            return None;
        }
        meanings.push(meaning);
    }
    let message = format!(
        "one rule is split into {} objects, and {} reads each as a rule of its own",
        objects.len(),
        dialect.provider
    );
    Some(
        Finding::new(SCHEMA_VIOLATION, first.head(), message)
            .label("the first of them")
            .help("put all keys into one object"),
    )
}

/// A member of a rule, and what its key is.
#[derive(Clone, Copy)]
struct Entry<'d> {
    member: &'d Member<'d>,
    known: KnownKey,
    /// Whether it stands in the nested object.
    nested: bool,
}

impl Entry<'_> {
    fn key(&self) -> &str {
        self.member.key.value()
    }

    fn is_own(&self) -> bool {
        matches!(self.known, KnownKey::Own(_))
    }
}

/// Maps one rule. `members` are those of `node`, or of all the objects that a rule was split into.
fn map_rule<'d>(
    node: &'d Node<'d>,
    members: impl Iterator<Item = &'d Member<'d>> + Clone,
    dialect: &Dialect,
    findings: &mut Vec<Finding>,
) -> (View<'d>, Rule<'d>) {
    find_doubles(members.clone(), findings);
    let (object, entries) = entries(members, dialect, findings);
    let unread = unread(&entries, dialect);
    if let Unread::Rule(finding) | Unread::Nested(finding) = &unread {
        findings.push(finding.clone());
    }
    let readers = readers(&entries);
    let mut at_top = Vec::new();
    let mut inside = Vec::new();
    let mut fields: Vec<(Meaning, &'d Node<'d>)> = Vec::new();
    for entry in &entries {
        let Some(meaning) = entry.known.meaning() else {
            let level = if entry.nested {
                &mut inside
            } else {
                &mut at_top
            };
            level.push(as_it_is(entry.member));
            continue;
        };
        if !entry.is_own() && readers.get(&meaning) != Some(&entry.key()) {
            findings.push(said_twice(entry, meaning, dialect));
            continue;
        }
        let is_said = match unread {
            Unread::Rule(_) => true,
            Unread::Nested(_) => !entry.nested && dialect.nested_spelling(meaning).is_some(),
            Unread::Nothing => false,
        };
        if !entry.is_own() && !is_said {
            findings.push(wrong_key(entry, meaning, dialect));
        }
        let (name, level) = match dialect.nested_spelling(meaning) {
            Some(name) => (name, &mut inside),
            None => (dialect.spelling(meaning), &mut at_top),
        };
        level.push(ViewMember {
            name,
            key: Some(&entry.member.key),
            value: View::Node(&entry.member.value),
        });
        // Of doubles the last counts.
        fields.retain(|(other, _)| *other != meaning);
        fields.push((meaning, &entry.member.value));
    }
    if let Some((name, _)) = dialect.nested {
        let is_object = object.is_none_or(|object| object.value.members().is_some());
        match object {
            Some(object) if !is_object => at_top.push(as_it_is(object)),
            None if inside.is_empty() => {}
            _ => at_top.push(ViewMember {
                name,
                key: object.map(|object| &object.key),
                value: View::Object(object.map_or(node, |object| &object.value), inside),
            }),
        }
    }
    let rule = Rule {
        node,
        // To a rule that is not read nothing can be added.
        is_whole: !matches!(unread, Unread::Rule(_)),
        fields,
    };
    (View::Object(node, at_top), rule)
}

/// The members of a rule and of the object that some of its fields are in.
fn entries<'d>(
    members: impl Iterator<Item = &'d Member<'d>>,
    dialect: &Dialect,
    findings: &mut Vec<Finding>,
) -> (Option<&'d Member<'d>>, Vec<Entry<'d>>) {
    let mut object = None;
    let mut entries = Vec::new();
    for member in members {
        let key = member.key.value();
        if dialect.nested.is_some_and(|(name, _)| name == key) {
            object = Some(member);
            continue;
        }
        entries.push(Entry {
            member,
            known: dialect.look_up(key),
            nested: false,
        });
    }
    let inside = object.and_then(|object| object.value.members());
    let inside = inside.unwrap_or_default();
    find_doubles(inside.iter(), findings);
    entries.extend(inside.iter().map(|member| Entry {
        member,
        known: dialect.look_up_nested(member.key.value()),
        nested: true,
    }));
    (object, entries)
}

/// For each field the key that is read: of several spellings the provider's own, else the first.
fn readers<'e>(entries: &'e [Entry<'_>]) -> HashMap<Meaning, &'e str> {
    let mut readers = HashMap::new();
    for own in [true, false] {
        for entry in entries.iter().filter(|entry| entry.is_own() == own) {
            if let Some(meaning) = entry.known.meaning() {
                readers.entry(meaning).or_insert(entry.key());
            }
        }
    }
    readers
}

/// A rule that the provider does not read, or of which it does not read the nested part: one fault,
/// not one for each key.
enum Unread {
    Nothing,
    Rule(Finding),
    Nested(Finding),
}

fn unread(entries: &[Entry<'_>], dialect: &Dialect) -> Unread {
    let spelled = || {
        entries
            .iter()
            .filter(|entry| entry.known.meaning().is_some())
    };
    let wrong = || spelled().filter(|entry| !entry.is_own());
    let count = wrong().count();
    if let Some(first) = wrong().next()
        && count > 1
        && count == spelled().count()
    {
        let owner = owner(wrong(), dialect);
        let mut finding = wholly_foreign(first, owner, dialect);
        // Where all keys are meant as the provider's own, they can be mended where they stand.
        let changes = wrong().filter(|_| owner.is_none());
        let changes = changes.filter_map(|entry| rename(entry, entry.known.meaning()?, dialect));
        let changes: Vec<_> = changes.collect();
        let meanings: HashSet<_> = wrong().filter_map(|entry| entry.known.meaning()).collect();
        if changes.len() == count && meanings.len() == count {
            finding.fix = Some(Fix {
                title: format!("write the keys as {} does", dialect.provider),
                safety: Safety::Unsafe,
                changes,
            });
        }
        return Unread::Rule(finding);
    }
    let Some((object, _)) = dialect.nested else {
        return Unread::Nothing;
    };
    let mut outside = wrong().filter(|entry| {
        let meaning = entry.known.meaning();
        !entry.nested && meaning.is_some_and(|meaning| dialect.nested_spelling(meaning).is_some())
    });
    let (Some(first), Some(_)) = (outside.next(), outside.next()) else {
        return Unread::Nothing;
    };
    let message = format!(
        "{} stands outside {object}, where {} does not read it",
        first.key(),
        dialect.provider
    );
    Unread::Nested(
        Finding::new(SCHEMA_VIOLATION, first.member.key.span(), message)
            .label("the first of such keys")
            .help(format!("write {}", dialect.shape)),
    )
}

/// The one finding for a rule none of whose keys is the provider's: it names both shapes and the
/// commands that read them.
fn wholly_foreign(first: &Entry<'_>, owner: Option<&Dialect>, dialect: &Dialect) -> Finding {
    let provider = dialect.provider;
    let right = first
        .known
        .meaning()
        .map(|meaning| dialect.full_spelling(meaning));
    let right = right.unwrap_or_default();
    let reads = format!("{} reads {}", dialect.command, dialect.shape);
    let (message, help) = match owner {
        Some(other) => (
            format!(
                "this rule is spelled as for {}, and {provider} reads none of its keys",
                other.provider
            ),
            format!("{reads}; {} reads {}", other.command, other.shape),
        ),
        _ => (
            format!("{provider} reads none of this rule's keys as they are spelled"),
            reads,
        ),
    };
    Finding::new(SCHEMA_VIOLATION, first.member.key.span(), message)
        .label(format!("{provider} says {right}"))
        .help(help)
}

/// The other provider whose own spellings the keys for origins and methods are; none if they are
/// this one's but for their case.
fn owner<'e>(
    entries: impl Iterator<Item = &'e Entry<'e>>,
    dialect: &Dialect,
) -> Option<&'static Dialect> {
    let is_decisive = |entry: &&Entry<'_>| {
        matches!(
            entry.known.meaning(),
            Some(Meaning::Origins | Meaning::Methods)
        )
    };
    let entries: Vec<_> = entries.filter(is_decisive).collect();
    let differs_in_case = |entry: &&Entry<'_>| {
        let meaning = entry.known.meaning();
        meaning.is_some_and(|meaning| same_word(entry.key(), dialect.spelling(meaning)))
    };
    if entries.is_empty() || entries.iter().any(differs_in_case) {
        return None;
    }
    DIALECTS.iter().find(|other| {
        let nested = other.nested.map_or(&[][..], |(_, keys)| keys);
        let keys = || other.keys.iter().chain(nested);
        let is_its_own = |entry: &&Entry<'_>| keys().any(|(_, name)| *name == entry.key());
        other.provider != dialect.provider && entries.iter().all(is_its_own)
    })
}

fn said_twice(entry: &Entry<'_>, meaning: Meaning, dialect: &Dialect) -> Finding {
    let message = format!(
        "{} means {}, which this rule sets already",
        entry.key(),
        dialect.full_spelling(meaning)
    );
    Finding::new(SCHEMA_VIOLATION, entry.member.key.span(), message)
        .label(format!("{} does not read this key", dialect.provider))
        .help("keep one of the two")
}

fn wrong_key(entry: &Entry<'_>, meaning: Meaning, dialect: &Dialect) -> Finding {
    let key = entry.key();
    let provider = dialect.provider;
    let name = dialect.full_spelling(meaning);
    let here = |message: String, help: String| {
        Finding::new(SCHEMA_VIOLATION, entry.member.key.span(), message)
            .label(format!("{provider} does not read this key"))
            .help(help)
    };
    // One that has to move, as well as to be renamed.
    match (dialect.nested, dialect.nested_spelling(meaning)) {
        (Some((object, _)), Some(right)) if !entry.nested && key == right => {
            return here(
                format!("{key} stands beside {object}, and {provider} reads it inside"),
                format!("move it into \"{object}\""),
            );
        }
        (Some((object, _)), Some(right)) if !entry.nested => {
            return here(
                format!("{provider} does not read {key} here: it says {name}"),
                format!("write it as \"{right}\", inside \"{object}\""),
            );
        }
        (Some((object, _)), None) if entry.nested && key == name => {
            return here(
                format!("{key} stands inside {object}, and {provider} reads it beside"),
                format!("move it out of \"{object}\""),
            );
        }
        (Some((object, _)), None) if entry.nested => {
            return here(
                format!("{provider} does not read {key} here: it says {name}"),
                format!("write it as \"{name}\", beside \"{object}\""),
            );
        }
        _ => {}
    }
    let message = match entry.known {
        KnownKey::Foreign(_, owner) => {
            let spell = if owner.contains(" and ") {
                "spell"
            } else {
                "spells"
            };
            format!("{key} is how {owner} {spell} it; {provider} says {name}")
        }
        _ => format!("{key} is misspelt: {provider} says {name}"),
    };
    let finding = here(message, format!("write \"{name}\""));
    match rename(entry, meaning, dialect) {
        Some(change) => finding.fix(format!("rename {key} to {name}"), Safety::Unsafe, change),
        None => finding,
    }
}

/// The change that gives a member the provider's key; none where it would have to move as well.
fn rename(entry: &Entry<'_>, meaning: Meaning, dialect: &Dialect) -> Option<Change> {
    let nested = dialect.nested_spelling(meaning);
    let key = match (entry.nested, nested) {
        (true, Some(name)) => name,
        (false, None) => dialect.spelling(meaning),
        _ => return None,
    };
    Some(Change::RenameKey {
        value: entry.member.value.id,
        key: key.to_owned(),
    })
}

/// A finding for each key that stands in an object before.
fn find_doubles<'d>(members: impl Iterator<Item = &'d Member<'d>>, findings: &mut Vec<Finding>) {
    let mut by_key: Vec<_> = members.collect();
    by_key.sort_by_key(|member| member.key.value());
    let doubles = by_key.chunk_by(|one, other| one.key.value() == other.key.value());
    let doubles = doubles.flat_map(|same| {
        let last = same.len() - 1;
        let others = same.iter().enumerate().skip(1);
        others.map(move |(place, other)| (same[0], other, place == last))
    });
    for (first, member, is_last) in doubles {
        let key = member.key.value();
        let message = format!("{key} stands twice in one object, and only the last one counts");
        findings.push(
            Finding::new(DUPLICATE_KEY, member.key.span(), message)
                .label(if is_last {
                    "this one counts"
                } else {
                    "nor does this one"
                })
                .also(first.key.span(), "this one is dropped without a word")
                .help("keep one of the two"),
        );
    }
}

impl<'d> Rule<'d> {
    pub(super) fn node(&self) -> &'d Node<'d> {
        self.node
    }

    /// The rule for the lints; what was refused is unknown.
    pub(super) fn read(
        &self,
        index: usize,
        provider: Provider,
        checked: &Checked,
    ) -> policy::Rule<'d> {
        let field = |meaning| {
            let found = self.fields.iter().find(|(known, _)| *known == meaning);
            found.map(|(_, node)| *node)
        };
        let list = |meaning| read_field(field(meaning), checked, |node| read_list(node, checked));
        let exposed_headers = list(Meaning::ExposedHeaders);
        policy::Rule {
            index,
            head: self.node.head(),
            node: self.is_whole.then_some(self.node.id),
            id: read_field(field(Meaning::Id), checked, Node::text),
            origins: list(Meaning::Origins),
            methods: list(Meaning::Methods),
            allowed_headers: match provider {
                Provider::Gcs => exposed_headers.clone(),
                Provider::S3 | Provider::R2 | Provider::B2 => list(Meaning::AllowedHeaders),
            },
            exposed_headers,
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
    // Only B2 takes null, for a list that is not set.
    if node.value == Value::Null {
        return Field::Absent;
    }
    read(node).map_or(Field::Unknown(node.span), Field::Set)
}

fn read_list<'d>(node: &'d Node<'d>, checked: &Checked) -> Option<List<'d>> {
    let items = node.items()?.iter().map(|item| match item.text() {
        Some(text) if !checked.refused.contains(&item.id) => Item::Known(Known {
            node: item.id,
            text,
        }),
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
        seconds: number.parse().ok().or_else(|| whole(number))?,
        span: node.span,
        node: node.id,
    })
}

/// A whole number that is written as `1e9` or `600.0`, or is too large for the type: then its largest.
fn whole(number: &str) -> Option<i64> {
    let number: f64 = number.parse().ok()?;
    #[allow(clippy::cast_possible_truncation)]
    (number.fract() == 0.0 || number.is_infinite()).then_some(number as i64)
}

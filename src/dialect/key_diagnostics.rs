//! Diagnostics about the keys of a policy and about the list or object around its rules.

use std::collections::HashSet;

use super::keys::{KeyMatch, join, owners};
use super::mapping::KeyUse;
use super::{DIALECTS, Dialect, KeyStyle, PolicyText, Wrapping};
use crate::document::{Member, Node};
use crate::field::Field;
use crate::finding::{Change, DUPLICATE_KEY, Diagnostic, SCHEMA_VIOLATION, Safety};

/// Reports a missing list or object around the rules.
pub(super) fn wrapping_diagnostic(text: &PolicyText<'_>, dialect: &Dialect) -> Option<Diagnostic> {
    let provider = dialect.keys_owner;
    let (message, help) = match text.wrapping {
        Wrapping::List | Wrapping::Object(_) | Wrapping::Block => return None,
        Wrapping::SingleRule => (
            format!("expected a list of rules for {provider}, found a single rule"),
            match dialect.field_key(Field::Rules) {
                Some(rules) => format!("wrap it in {{\"{}\": [ ]}}", rules.key),
                None => match wrapped_form(dialect) {
                    Some((key, tool)) => {
                        format!("wrap it in [ ], or in {{\"{key}\": [ ]}} for {tool}")
                    }
                    None => "wrap it in [ ]".to_owned(),
                },
            },
        ),
        Wrapping::BareList => {
            let key = dialect.key(Field::Rules);
            (
                format!("expected {{\"{key}\": [...]}} for {provider}, found a list"),
                format!("wrap it in {{\"{key}\": }}"),
            )
        }
    };
    Some(
        Diagnostic::new(SCHEMA_VIOLATION, text.node.head, message)
            .label(format!("{} rejects it", dialect.tool))
            .help(help),
    )
}

/// Returns the key around the rules in another format with the same keys, and the tool that reads it.
fn wrapped_form(dialect: &Dialect) -> Option<(&'static str, &'static str)> {
    let mut others = DIALECTS
        .iter()
        .filter(|other| other.keys_owner == dialect.keys_owner);
    others.find_map(|other| Some((other.field_key(Field::Rules)?.key, other.tool)))
}

pub(super) fn misspelled_wrapper(member: &Member, dialect: &Dialect) -> Option<Diagnostic> {
    let (key, name) = (member.key.value(), dialect.key(Field::Rules));
    if key == name {
        return None;
    }
    let message = format!(
        "unknown {} {key}: {} uses {name}",
        dialect.keys.noun, dialect.keys_owner
    );
    let rename = Change::RenameKey {
        value: member.value.id,
        to: Field::Rules,
    };
    Some(
        Diagnostic::new(SCHEMA_VIOLATION, member.key.span(), message)
            .label(format!("the rules are under this {}", dialect.keys.noun))
            .help(format!("write {}", (dialect.keys.write)(name)))
            .fix(format!("rename {key} to {name}"), Safety::Unsafe, [rename]),
    )
}

/// Reports a single rule whose keys are split across several objects, as in `[{"AllowedOrigins": []},
/// {"AllowedMethods": []}]`. The provider would treat each object as an incomplete rule.
pub(super) fn split_rule(objects: &[Node], dialect: &Dialect) -> Option<Diagnostic> {
    let (first, others) = objects.split_first()?;
    if others.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    for object in objects {
        let [member] = object.members()? else {
            return None;
        };
        let field = dialect.look_up(member.key.value(), false).field()?;
        if fields.contains(&field) {
            return None;
        }
        fields.push(field);
    }
    let message = format!(
        "one rule is split across {} objects; {} treats each as a separate rule",
        objects.len(),
        dialect.keys_owner
    );
    Some(
        Diagnostic::new(SCHEMA_VIOLATION, first.head, message)
            .label("the first object")
            .help("put all keys into one object"),
    )
}

/// The part of a rule that the provider ignores entirely. It is reported once, not once for each key.
pub(super) enum Ignored {
    Nothing,
    Rule(Diagnostic),
    Group(Diagnostic),
}

pub(super) fn ignored_part(keys: &[KeyUse<'_>], dialect: &Dialect) -> Ignored {
    let known = || keys.iter().filter(|used| used.meaning.field().is_some());
    let wrong = || known().filter(|used| !used.meaning.is_own());
    let count = wrong().count();
    if let Some(first) = wrong().next()
        && count > 1
        && count == known().count()
    {
        let owner = owner_dialect(wrong(), dialect);
        let mut diagnostic = foreign_rule(first, owner, dialect);
        // Keys that are all misspelled can be renamed where they are.
        let changes = wrong().filter(|_| owner.is_none());
        let changes: Vec<_> = changes
            .filter_map(|used| rename(used, used.meaning.field()?, dialect))
            .collect();
        let fields: HashSet<_> = wrong().filter_map(|used| used.meaning.field()).collect();
        if changes.len() == count && fields.len() == count {
            let title = format!("rename the keys to those of {}", dialect.keys_owner);
            diagnostic = diagnostic.fix(title, Safety::Unsafe, changes);
        }
        return Ignored::Rule(diagnostic);
    }
    let Some(group) = dialect.group() else {
        return Ignored::Nothing;
    };
    let outside = wrong().filter(|used| !used.in_group).filter_map(|used| {
        let own = dialect.field_key(used.meaning.field()?)?;
        own.group.is_some().then_some((used, own.key))
    });
    let outside: Vec<_> = outside.collect();
    let [(first, _), others @ ..] = &outside[..] else {
        return Ignored::Nothing;
    };
    if others.is_empty() {
        return Ignored::Nothing;
    }
    let names: Vec<_> = outside.iter().map(|(used, _)| used.key()).collect();
    let (names, provider) = (join(&names), dialect.keys_owner);
    let message = format!("{names} must be inside {group} in {provider}");
    let label = || format!("not inside {group}");
    let inside: Vec<_> = outside
        .iter()
        .map(|(_, own)| format!("\"{own}\": [...]"))
        .collect();
    let mut diagnostic =
        Diagnostic::new(SCHEMA_VIOLATION, first.member.key.span(), message).label(label());
    for (used, _) in others {
        diagnostic = diagnostic.secondary(used.member.key.span(), label());
    }
    let inside = inside.join(", ");
    Ignored::Group(diagnostic.help(format!("write \"{group}\": {{{inside}}}")))
}

/// Reports a rule without any keys of the dialect. The message names both forms and their tools.
fn foreign_rule(first: &KeyUse<'_>, owner: Option<&Dialect>, dialect: &Dialect) -> Diagnostic {
    let provider = dialect.keys_owner;
    let field = first.meaning.field();
    let right = field.map(|field| dialect.path(field)).unwrap_or_default();
    let reads = format!("{} expects {}", dialect.tool, dialect.example);
    let (message, help) = match owner {
        Some(other) => (
            format!(
                "this rule uses {}'s key names, which {} does not accept",
                other.keys_owner, dialect.tool
            ),
            format!("{reads}; {} expects {}", other.tool, other.example),
        ),
        None => (
            format!("none of this rule's keys are valid in {provider}"),
            reads,
        ),
    };
    Diagnostic::new(SCHEMA_VIOLATION, first.member.key.span(), message)
        .label(format!("{provider} uses {right}"))
        .help(help)
}

/// Returns the dialect of another provider that defines these origin and method keys; `None` if the
/// keys differ from this dialect's only in case.
fn owner_dialect<'u>(
    keys: impl Iterator<Item = &'u KeyUse<'u>>,
    dialect: &Dialect,
) -> Option<&'static Dialect> {
    let is_decisive =
        |used: &&KeyUse<'_>| matches!(used.meaning.field(), Some(Field::Origins | Field::Methods));
    let keys: Vec<_> = keys.filter(is_decisive).collect();
    let differs_in_case = |used: &&KeyUse<'_>| {
        let own = used.meaning.field().and_then(|f| dialect.field_key(f));
        own.is_some_and(|own| own.group.is_none() && own.key.eq_ignore_ascii_case(used.key()))
    };
    if keys.is_empty() || keys.iter().any(differs_in_case) {
        return None;
    }
    DIALECTS.iter().copied().find(|other| {
        let is_its_own = |used: &&KeyUse<'_>| other.fields.iter().any(|own| own.key == used.key());
        other.provider != dialect.provider
            && other.keys_owner == other.provider.name
            && keys.iter().all(is_its_own)
    })
}

pub(super) fn conflicting_key(used: &KeyUse<'_>, field: Field, dialect: &Dialect) -> Diagnostic {
    let message = format!(
        "unknown {} {}: it means {}, which this rule sets already",
        dialect.keys.noun,
        used.key(),
        dialect.path(field)
    );
    Diagnostic::new(SCHEMA_VIOLATION, used.member.key.span(), message)
        .label(format!(
            "{} rejects or ignores this {}",
            dialect.reader(),
            dialect.keys.noun
        ))
        .help(format!(
            "move its value to {}, and remove it",
            dialect.path(field)
        ))
}

pub(super) fn wrong_key(used: &KeyUse<'_>, field: Field, dialect: &Dialect) -> Diagnostic {
    let key = used.key();
    let (provider, noun) = (dialect.keys_owner, dialect.keys.noun);
    let name = dialect.path(field);
    let here = |message: String, help: String| {
        Diagnostic::new(SCHEMA_VIOLATION, used.member.key.span(), message)
            .label(format!(
                "{} rejects or ignores this {noun}",
                dialect.reader()
            ))
            .help(help)
    };
    // The key has to be moved as well as renamed.
    let own = dialect.field_key(field);
    match (dialect.group(), own.filter(|own| own.group.is_some())) {
        (Some(group), Some(own)) if !used.in_group && key == own.key => {
            return here(
                format!("{key} must be inside {group}; {provider} ignores it here"),
                format!("move it into \"{group}\""),
            );
        }
        (Some(group), Some(own)) if !used.in_group => {
            return here(
                format!("unknown key {key}: {provider} uses {name}"),
                format!("write \"{}\" inside \"{group}\"", own.key),
            );
        }
        (Some(group), None) if used.in_group && key == name => {
            return here(
                format!("{key} must be next to {group}, not inside it"),
                format!("move it out of \"{group}\""),
            );
        }
        (Some(group), None) if used.in_group => {
            return here(
                format!("unknown key {key}: {provider} uses {name}"),
                format!("write \"{name}\" next to \"{group}\""),
            );
        }
        _ => {}
    }
    let message = match used.meaning {
        KeyMatch::Foreign(_) => {
            let owners = owners(key);
            format!("unknown {noun} {key}: that is the {owners} name, {provider} uses {name}")
        }
        _ => format!("unknown {noun} {key}: {provider} uses {name}"),
    };
    let diagnostic = here(message, format!("write {}", (dialect.keys.write)(&name)));
    match rename(used, field, dialect) {
        Some(change) => diagnostic.fix(format!("rename {key} to {name}"), Safety::Unsafe, [change]),
        None => diagnostic,
    }
}

/// Returns the change that renames a key to the dialect's own; `None` if the key must also be moved.
fn rename(used: &KeyUse<'_>, field: Field, dialect: &Dialect) -> Option<Change> {
    let own = dialect.field_key(field)?;
    let value = &used.member.value;
    // Other elements would have to be moved as well.
    let is_text = |item: &Node| item.members().is_none();
    let is_as_expected = match field {
        Field::Id | Field::MaxAge | Field::Rules => is_text(value),
        _ => value.items().is_some_and(|items| items.iter().all(is_text)),
    };
    if dialect.keys.noun == "element" && !is_as_expected {
        return None;
    }
    (own.group.is_some() == used.in_group).then_some(Change::RenameKey {
        value: used.member.value.id,
        to: field,
    })
}

/// Reports each key that already appeared earlier in the same object.
pub fn find_duplicates<'d>(
    members: impl Iterator<Item = &'d Member>,
    keys: &KeyStyle,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut by_key: Vec<_> = members.collect();
    by_key.sort_by_key(|member| member.key.value());
    let groups = by_key.chunk_by(|one, other| one.key.value() == other.key.value());
    let duplicates = groups.flat_map(|same| {
        let last = same.len() - 1;
        let others = same.iter().enumerate().skip(1);
        others.map(move |(place, other)| (same[0], other, place == last))
    });
    for (first, member, is_last) in duplicates {
        let key = member.key.value();
        let (rule, first_label, label) = match (keys.last_wins, is_last) {
            (false, _) => ("there can be only one", "the first one", "another one"),
            (true, true) => ("only the last value is used", "silently ignored", "used"),
            (true, false) => (
                "only the last value is used",
                "silently ignored",
                "also ignored",
            ),
        };
        let message = format!("duplicate {} {key}: {rule}", keys.noun);
        diagnostics.push(
            Diagnostic::new(DUPLICATE_KEY, member.key.span(), message)
                .label(label)
                .secondary(first.key.span(), first_label)
                .help("keep one of them"),
        );
    }
}

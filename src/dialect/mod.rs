//! Dialects: the formats in which tools write the rules of a provider, each with its table of fields.
//!
//! Each key is matched to the intended field ([`keys`]), each rule is mapped to its fields
//! (`mapping`), and the result is validated against the dialect's schema. This module doesn't depend
//! on where in a file the policy appears.

mod canonical;
mod key_diagnostics;
pub mod keys;
mod mapping;
mod tables;

use std::collections::HashMap;

use crate::document::{Member, Node, Value};
use crate::field::Field;
use crate::finding::{Change, Diagnostic, SCHEMA_VIOLATION, Safety};
use crate::provider::Provider;
use crate::schema::{self, Schema, Validation};
use canonical::resolve;
use keys::KeyMatch;

pub use key_diagnostics::find_duplicates;
pub use mapping::{Mapped, MappedRule, map};
pub use tables::{
    B2_JSON, B2_TERRAFORM, DIALECTS, GCS_CONFIG_CONNECTOR, GCS_JSON, GCS_TERRAFORM, GCS_XML,
    R2_JSON, R2_TERRAFORM, S3_ANSIBLE, S3_CLI_JSON, S3_CLOUDFORMATION, S3_CONSOLE_JSON,
    S3_KUBERNETES, S3_TERRAFORM, S3_TERRAFORM_INLINE, S3_TERRAFORM_SPACES, S3_XML,
};

/// The format in which one tool writes a provider's rules.
pub struct Dialect {
    /// The provider that evaluates the rules.
    pub provider: &'static Provider,
    /// The schema, which also names the dialect.
    pub schema: &'static Schema,
    /// Who uses the keys, for messages: the provider, or a tool with keys of its own.
    pub keys_owner: &'static str,
    /// The name of the tool that uses this dialect, for messages.
    pub tool: &'static str,
    /// How its keys are written, for messages.
    pub keys: &'static KeyStyle,
    /// An example of a valid policy, for messages.
    pub example: &'static str,
    /// The fields and their keys.
    pub fields: &'static [FieldKey],
    /// What the tool does with a list that contains an item twice.
    pub duplicates: Duplicates,
    /// True if the order of rules is kept. If it is not, which of several matching rules decides is unknown.
    pub keeps_order: bool,
    /// True if a null has the same meaning as an absent key.
    pub null_is_absent: bool,
    /// True if the key `//` is a comment.
    pub ignores_comment_keys: bool,
    /// True if the tool writes a max age of 0 where a rule sets none.
    pub absent_max_age_is_zero: bool,
    /// Reports what the provider rejects but a schema can't express.
    pub extra_check: fn(&MappedRule<'_>, &mut Validation),
}

/// How keys are written in a syntax, for messages.
#[derive(Debug)]
pub struct KeyStyle {
    /// What they are called.
    pub noun: &'static str,
    /// Writes a key.
    pub write: fn(&str) -> String,
    /// True if parsers keep the last of several values with the same key.
    pub last_wins: bool,
}

/// Keys in quotes.
pub static QUOTED: KeyStyle = KeyStyle {
    noun: "key",
    write: |key| format!("\"{key}\""),
    last_wins: true,
};

/// The arguments of Terraform, which rejects duplicates.
pub static ARGUMENTS: KeyStyle = KeyStyle {
    noun: "key",
    write: |key| format!("\"{key}\""),
    last_wins: false,
};

/// The elements of XML.
pub static ELEMENTS: KeyStyle = KeyStyle {
    noun: "element",
    write: |name| format!("<{name}>"),
    last_wins: false,
};

/// What a tool does with a list that contains an item twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// It keeps both, so that one of them is redundant.
    Kept,
    /// It rejects the list.
    Rejected,
    /// It drops one of them, because the list is a set.
    Dropped,
}

/// The key of a field.
#[derive(Debug)]
pub struct FieldKey {
    /// The field.
    pub field: Field,
    /// The object in the rule that contains the field, if it isn't the rule itself.
    pub group: Option<&'static str>,
    /// The key.
    pub key: &'static str,
}

/// The text of a policy that was found in a file.
#[derive(Debug, Clone)]
pub struct PolicyText<'d> {
    /// The list of rules, or the object that contains it.
    pub node: &'d Node,
    /// How the rules are wrapped.
    pub wrapping: Wrapping<'d>,
    /// The node that contains the rules: the list, or the single rule.
    pub rules_node: &'d Node,
    /// The rules.
    pub rules: &'d [Node],
    /// False if a tool may add rules that the text doesn't contain.
    pub is_complete: bool,
}

/// How the rules of a policy are wrapped.
#[derive(Debug, Clone, Copy)]
pub enum Wrapping<'d> {
    /// The node is the list of rules.
    List,
    /// The node is an object that contains the rules in this member, whose key may be misspelled.
    Object(&'d Member),
    /// The node is a single rule; the list around it is missing.
    SingleRule,
    /// The node is a list, but the dialect requires an object around it.
    BareList,
    /// The node is a single rule, written without a list as the tool allows.
    Block,
}

impl<'d> PolicyText<'d> {
    /// A list of rules.
    pub fn list(node: &'d Node) -> PolicyText<'d> {
        PolicyText {
            node,
            wrapping: Wrapping::List,
            rules_node: node,
            rules: node.items().unwrap_or_default(),
            is_complete: true,
        }
    }

    /// An object that contains the rules in one of its members.
    pub fn object(node: &'d Node, member: &'d Member) -> PolicyText<'d> {
        PolicyText {
            node,
            wrapping: Wrapping::Object(member),
            ..PolicyText::list(&member.value)
        }
    }

    /// A rule without the list around it.
    pub fn single_rule(node: &'d Node) -> PolicyText<'d> {
        PolicyText {
            wrapping: Wrapping::SingleRule,
            rules: std::slice::from_ref(node),
            ..PolicyText::list(node)
        }
    }

    /// A rule that needs no list around it.
    pub fn block(node: &'d Node) -> PolicyText<'d> {
        PolicyText {
            wrapping: Wrapping::Block,
            ..PolicyText::single_rule(node)
        }
    }

    /// A list of rules, or a single rule, in a syntax that allows both.
    pub fn blocks(node: &'d Node) -> PolicyText<'d> {
        match node.members() {
            Some(_) => PolicyText::block(node),
            None => PolicyText::list(node),
        }
    }

    /// A list of rules without the object around it.
    pub fn bare_list(node: &'d Node) -> PolicyText<'d> {
        PolicyText {
            wrapping: Wrapping::BareList,
            ..PolicyText::list(node)
        }
    }

    /// Rules that only a running tool can determine.
    pub fn computed(node: &'d Node) -> PolicyText<'d> {
        PolicyText {
            rules: &[],
            is_complete: false,
            ..PolicyText::list(node)
        }
    }
}

impl Dialect {
    /// The dialect's name.
    pub fn name(&self) -> &'static str {
        self.schema.name
    }

    /// Who reads the policy, for messages: the provider, or a tool with keys of its own.
    pub fn reader(&self) -> &'static str {
        match self.keys.noun {
            "element" => self.provider.name,
            _ => self.keys_owner,
        }
    }

    /// Returns the key of a field and the object that contains it; `None` if the dialect lacks the
    /// field.
    pub fn field_key(&self, field: Field) -> Option<&'static FieldKey> {
        self.fields.iter().find(|key| key.field == field)
    }

    /// Returns the key of a field without its group; empty if the dialect lacks the field.
    pub fn key(&self, field: Field) -> &'static str {
        self.field_key(field).map_or("", |key| key.key)
    }

    /// Returns the key of a field as messages name it, with the object that contains it.
    pub fn path(&self, field: Field) -> String {
        match self.field_key(field) {
            Some(FieldKey {
                group: Some(group),
                key,
                ..
            }) => format!("{group}.{key}"),
            Some(key) => key.key.to_owned(),
            None => String::new(),
        }
    }

    /// The key of the object that contains some of a rule's fields, if there is one.
    pub fn group(&self) -> Option<&'static str> {
        self.fields.iter().find_map(|key| key.group)
    }

    /// Classifies a key of a rule, or of the rule's group of fields if `in_group` is set.
    pub fn look_up(&self, key: &str, in_group: bool) -> KeyMatch {
        match keys::look_up(key, self, in_group) {
            // A single list holds both allowed and exposed headers, so either key refers to that list.
            KeyMatch::Foreign(Field::AllowedHeaders) if self.provider.shares_header_list => {
                KeyMatch::Foreign(Field::ExposedHeaders)
            }
            KeyMatch::Misspelled(Field::AllowedHeaders) if self.provider.shares_header_list => {
                KeyMatch::Misspelled(Field::ExposedHeaders)
            }
            // A key for a field that this dialect lacks can't be renamed.
            KeyMatch::Foreign(field) | KeyMatch::Misspelled(field)
                if self.field_key(field).is_none() =>
            {
                KeyMatch::Unknown
            }
            known => known,
        }
    }

    /// Validates a mapped policy against the schema and the checks that a schema can't express.
    pub fn validate(&self, mapped: &Mapped<'_>) -> Validation {
        // A tool may add the rules that are missing.
        if mapped.rules.is_empty() && !mapped.text.is_complete {
            return Validation::default();
        }
        let policy = mapped.to_json(self);
        let mut validation = schema::validate(self.schema, &policy, self.keys.noun, &|path| {
            resolve(mapped, self, path)
        });
        for rule in &mapped.rules {
            self.check_max_age(rule, &mut validation);
            self.check_duplicates(rule, &mut validation);
            (self.extra_check)(rule, &mut validation);
        }
        validation
    }

    /// Rejects the second of two equal items, if the tool does.
    fn check_duplicates(&self, rule: &MappedRule<'_>, validation: &mut Validation) {
        if self.duplicates != Duplicates::Rejected {
            return;
        }
        for field in [
            Field::Origins,
            Field::Methods,
            Field::AllowedHeaders,
            Field::ExposedHeaders,
        ] {
            let items = rule.field(field).and_then(Node::items).unwrap_or_default();
            let mut seen = HashMap::new();
            for text in items.iter().filter_map(|item| Some((item, item.text()?))) {
                let (item, text) = text;
                let Some(first) = seen.get(text.value()) else {
                    seen.insert(text.value(), text.span());
                    continue;
                };
                let message = format!(
                    "duplicate {} in {}: {} rejects it",
                    text.value(),
                    self.path(field),
                    self.tool
                );
                validation.diagnostics.push(
                    Diagnostic::new(SCHEMA_VIOLATION, text.span(), message)
                        .label("duplicate")
                        .secondary(*first, "first occurrence")
                        .help("remove it")
                        .fix(
                            "remove the duplicate",
                            Safety::Unsafe,
                            [Change::Remove(item.id)],
                        ),
                );
            }
        }
    }

    /// Rejects `3600.0` and `3.6e3`: JSON Schema treats them as integers, but the tools don't
    /// (botocore: "Invalid type for parameter ... type: <class 'float'>").
    fn check_max_age(&self, rule: &MappedRule<'_>, validation: &mut Validation) {
        let Some(node) = rule.field(Field::MaxAge) else {
            return;
        };
        let Value::Number(number) = &node.value else {
            return;
        };
        let is_whole = !number.contains(['.', 'e', 'E']);
        if is_whole || validation.rejected.contains(&node.id) {
            return;
        }
        let message = format!(
            "{} must be a whole number of seconds",
            self.path(Field::MaxAge)
        );
        let mut diagnostic = Diagnostic::new(SCHEMA_VIOLATION, node.span, message)
            .label("not written as a whole number");
        let seconds: Option<f64> = number.parse().ok();
        diagnostic = match seconds.filter(|s| (0.0..=1e9).contains(s)) {
            Some(seconds) => {
                #[allow(clippy::cast_possible_truncation)]
                let number = seconds.round() as i64;
                let change = Change::SetNumber {
                    node: node.id,
                    number,
                };
                let write = format!("write {number}");
                diagnostic
                    .help(write.clone())
                    .fix(write, Safety::Unsafe, [change])
            }
            None => diagnostic.help("write a whole number"),
        };
        validation.rejected.insert(node.id);
        validation.diagnostics.push(diagnostic);
    }
}

impl PartialEq for Dialect {
    fn eq(&self, other: &Dialect) -> bool {
        self.name() == other.name()
    }
}

impl std::fmt::Debug for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

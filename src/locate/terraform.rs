//! Terraform's JSON: plans (`terraform show -json`, `tofu show -json`) and configurations (`.tf.json`). The
//! policies are those of the resources in one table.
//!
//! Source: HashiCorp, 'JSON output format' and 'JSON configuration syntax'.

use std::collections::HashMap;

use super::tree::{is_like, member_mut, members_mut};
use super::{Branch, Location, branches, bucket};
use crate::dialect::{
    B2_TERRAFORM, Dialect, GCS_TERRAFORM, PolicyText, R2_TERRAFORM, S3_TERRAFORM,
    S3_TERRAFORM_INLINE, S3_TERRAFORM_SPACES,
};
use crate::document::{Member, Node, Value, Why};
use crate::field::Field;
use crate::finding::{Diagnostic, SCHEMA_VIOLATION};

/// A kind of resource with CORS rules.
struct Resource {
    kind: &'static str,
    /// The block or attribute that holds the rules.
    rules: &'static str,
    dialect: &'static Dialect,
}

const RESOURCES: &[Resource] = &[
    Resource {
        kind: "aws_s3_bucket_cors_configuration",
        rules: "cors_rule",
        dialect: &S3_TERRAFORM,
    },
    Resource {
        kind: "aws_s3_bucket",
        rules: "cors_rule",
        dialect: &S3_TERRAFORM_INLINE,
    },
    Resource {
        kind: "digitalocean_spaces_bucket_cors_configuration",
        rules: "cors_rule",
        dialect: &S3_TERRAFORM,
    },
    Resource {
        kind: "digitalocean_spaces_bucket",
        rules: "cors_rule",
        dialect: &S3_TERRAFORM_SPACES,
    },
    Resource {
        kind: "scaleway_object_bucket",
        rules: "cors_rule",
        dialect: &S3_TERRAFORM_INLINE,
    },
    Resource {
        kind: "google_storage_bucket",
        rules: "cors",
        dialect: &GCS_TERRAFORM,
    },
    Resource {
        kind: "cloudflare_r2_bucket_cors",
        rules: "rules",
        dialect: &R2_TERRAFORM,
    },
    Resource {
        kind: "b2_bucket",
        rules: "cors_rules",
        dialect: &B2_TERRAFORM,
    },
];

/// Returns the policies of a plan or of a configuration.
pub(super) fn find(root: &Node) -> Vec<Location<'_>> {
    match is_plan(root) {
        true => planned(root),
        false => configured(root),
    }
}

fn by_kind(kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.kind == kind)
}

/// The keys on the way to the planned resources.
const PLANNED: [&str; 2] = ["planned_values", "root_module"];
/// The maximum depth of modules to follow; deeper ones are not read.
const MAX_MODULES: usize = 64;

fn is_plan(root: &Node) -> bool {
    root.get("format_version").is_some() && root.get(PLANNED[0]).is_some()
}

/// Returns the policies of a plan. It is generated, so they get no fixes.
fn planned(root: &Node) -> Vec<Location<'_>> {
    let module = root
        .get(PLANNED[0])
        .and_then(|member| member.value.get(PLANNED[1]));
    let mut locations = Vec::new();
    let mut modules: Vec<_> = module
        .map(|module| (&module.value, 0))
        .into_iter()
        .collect();
    while let Some((module, depth)) = modules.pop() {
        let list = |key: &str| {
            let list = module.get(key).and_then(|member| member.value.items());
            list.unwrap_or_default()
        };
        for resource in list("resources") {
            let text = |key: &str| resource.get(key)?.value.text();
            let (Some(kind), Some(address)) = (text("type"), text("address")) else {
                continue;
            };
            let values = resource.get("values").map(|values| &values.value);
            let Some(location) = values.and_then(|values| location(values, kind.value())) else {
                continue;
            };
            locations.push(Location {
                generated_from: Some(format!("the configuration of {}", address.value())),
                ..location.at(address.value())
            });
        }
        if depth < MAX_MODULES {
            modules.extend(list("child_modules").iter().map(|child| (child, depth + 1)));
        }
    }
    locations
}

/// Returns the policies of a configuration.
fn configured(root: &Node) -> Vec<Location<'_>> {
    let mut locations = Vec::new();
    // Objects may be written as lists of objects.
    for root in blocks(root) {
        locations.extend(in_modules(root));
        // The CDK for Terraform writes its metadata under this key.
        let comment = root.get("//").map(|comment| &comment.value);
        let is_synthesized = comment.is_some_and(|comment| comment.get("metadata").is_some());
        let resources = all(root, "resource").flat_map(blocks);
        for (kind, named) in resources.flat_map(members) {
            if by_kind(kind).is_none() {
                continue;
            }
            for (name, resource) in blocks(named).flat_map(members) {
                for resource in blocks(resource) {
                    let Some(location) = location(resource, kind) else {
                        continue;
                    };
                    let address = format!("{kind}.{name}");
                    locations.push(Location {
                        generated_from: is_synthesized
                            .then(|| format!("the construct of {address}")),
                        resource: Some(resource.span),
                        bucket: bucket::of_resource(resource, kind, location.text.is_complete),
                        ..location.at(address)
                    });
                }
            }
        }
    }
    locations
}

/// Returns the policies that are given to modules: lists of rules, all keys of which are those of one dialect.
fn in_modules(root: &Node) -> Vec<Location<'_>> {
    let modules = all(root, "module").flat_map(blocks).flat_map(members);
    let mut locations = Vec::new();
    for (name, module) in modules {
        let arguments = blocks(module).flat_map(|module| module.members().unwrap_or_default());
        for argument in arguments {
            let dialects = [&S3_TERRAFORM_INLINE, &GCS_TERRAFORM];
            let dialect = dialects
                .into_iter()
                .find(|dialect| are_rules(&argument.value, dialect));
            if let Some(dialect) = dialect {
                let location = Location::new(dialect, PolicyText::blocks(&argument.value));
                locations.push(location.at(format!("module.{name}")));
            }
        }
    }
    locations
}

/// Returns true for a list of objects with origins and methods, and with no key that is not a rule's.
fn are_rules(node: &Node, dialect: &Dialect) -> bool {
    let is_rule = |rule: &Node| {
        let members = rule.members().unwrap_or_default();
        let has = |field| rule.get(dialect.key(field)).is_some();
        let is_known = |member: &Member| dialect.look_up(member.key.value(), false).is_own();
        has(Field::Origins) && has(Field::Methods) && members.iter().all(is_known)
    };
    let is_empty = node.items().is_some_and(<[Node]>::is_empty);
    !is_empty && blocks(node).all(is_rule)
}

/// Returns the policy of a resource; `None` if it sets none, or if all of it is unknown.
fn location<'d>(resource: &'d Node, kind: &str) -> Option<Location<'d>> {
    let kind = by_kind(kind)?;
    let written = rules_of(resource, kind).filter(|member| {
        let rules = &member.value;
        rules.members().is_some() || rules.items().is_some_and(|rules| !rules.is_empty())
    });
    let generated = dynamic_blocks(resource, kind);
    let text = match (written, generated.first()) {
        (Some(rules), _) => PolicyText {
            is_complete: generated.is_empty(),
            ..PolicyText::blocks(&rules.value)
        },
        (None, Some(content)) => PolicyText::computed(content),
        (None, None) => return None,
    };
    let mut found = branches::of_rules(text.rules);
    // Blocks of one type are merged if their key is there several times.
    let others = all(resource, kind.rules)
        .filter(|rules| rules.id != text.rules_node.id)
        .flat_map(blocks);
    for rule in others.filter(|rule| rule.members().is_some()) {
        found.push(Branch {
            rule: rule.clone(),
            value: rule.span,
        });
    }
    for content in generated {
        found.push(Branch {
            rule: content.clone(),
            value: content.span,
        });
        found.extend(branches::of_rules(std::slice::from_ref(content)));
    }
    let problem = written.and_then(|member| misspelled(member, kind));
    Some(Location {
        branches: found,
        problems: problem.into_iter().collect(),
        ..Location::new(kind.dialect, text)
    })
}

/// Returns the rules of a resource. Their key may be misspelled.
fn rules_of<'d>(resource: &'d Node, kind: &Resource) -> Option<&'d Member> {
    resource.get(kind.rules).or_else(|| {
        let mut members = resource.members()?.iter();
        members.find(|member| is_like(member.key.value(), kind.rules))
    })
}

/// Reports a misspelled key for the rules.
fn misspelled(member: &Member, kind: &Resource) -> Option<Diagnostic> {
    let (key, name) = (member.key.value(), kind.rules);
    if key == name {
        return None;
    }
    let message = format!("unknown key {key}: {} uses {name}", kind.kind);
    let diagnostic = Diagnostic::new(SCHEMA_VIOLATION, member.key.span(), message)
        .label("Terraform rejects this key")
        .help(format!("write \"{name}\""));
    Some(diagnostic)
}

/// Returns the contents of the `dynamic` blocks that generate rules.
fn dynamic_blocks<'d>(resource: &'d Node, kind: &Resource) -> Vec<&'d Node> {
    let inside = |node: &'d Node, key: &'static str| {
        let values: Vec<_> = blocks(node).flat_map(|block| all(block, key)).collect();
        values.into_iter()
    };
    let labels = inside(resource, "dynamic").flat_map(blocks);
    let labelled = labels.flat_map(|labels| {
        let members = labels.members().unwrap_or_default().iter();
        members.filter(|member| is_like(member.key.value(), kind.rules))
    });
    let contents = labelled
        .map(|member| &member.value)
        .flat_map(|block| inside(block, "content"))
        .flat_map(blocks);
    contents
        .filter(|content| content.members().is_some())
        .collect()
}

/// Returns the values of a key, which Terraform merges if there are several.
fn all<'d>(node: &'d Node, key: &str) -> impl Iterator<Item = &'d Node> {
    let members = node.members().unwrap_or_default().iter();
    members
        .filter(move |member| member.key.value() == key)
        .map(|member| &member.value)
}

/// Returns a block, or each block of a list.
fn blocks(node: &Node) -> impl Iterator<Item = &Node> {
    node.items().unwrap_or(std::slice::from_ref(node)).iter()
}

fn members(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let members = node.members().unwrap_or_default().iter();
    members.map(|member| (member.key.value(), &member.value))
}

/// Makes rules of a plan unknown that depend on values which are known only after applying it. The plan leaves
/// these values out, or writes null.
pub(super) fn resolve_unknown(root: &mut Node) {
    if !is_plan(root) {
        return;
    }
    let unknown = unknown_rules(root);
    if unknown.is_empty() {
        return;
    }
    let module = member_mut(root, PLANNED[0]).and_then(|values| member_mut(values, PLANNED[1]));
    let mut modules: Vec<_> = module.map(|module| (module, 0)).into_iter().collect();
    while let Some((module, depth)) = modules.pop() {
        for member in members_mut(module).into_iter().flatten() {
            let Value::List(items) = &mut member.value.value else {
                continue;
            };
            match member.key.value() {
                "resources" => items
                    .iter_mut()
                    .for_each(|resource| hide(resource, &unknown)),
                "child_modules" if depth < MAX_MODULES => {
                    modules.extend(items.iter_mut().map(|child| (child, depth + 1)));
                }
                _ => {}
            }
        }
    }
}

/// For each resource, by its address, whether each of its rules is unknown; `None` if all are.
type UnknownRules = HashMap<String, Option<Vec<bool>>>;

fn unknown_rules(root: &Node) -> UnknownRules {
    let changes = root
        .get("resource_changes")
        .and_then(|member| member.value.items());
    let unknown = changes.unwrap_or_default().iter().filter_map(|change| {
        let text = |key: &str| change.get(key)?.value.text();
        let kind = by_kind(text("type")?.value())?;
        let after = change.get("change")?.value.get("after_unknown")?;
        let rules = &after.value.get(kind.rules)?.value;
        let unknown = rules.items();
        let unknown = unknown.map(|rules| rules.iter().map(contains_true).collect());
        Some((text("address")?.value().to_owned(), unknown))
    });
    unknown.collect()
}

fn contains_true(node: &Node) -> bool {
    match &node.value {
        Value::Bool(value) => *value,
        Value::List(items) => items.iter().any(contains_true),
        Value::Map(members) => members.iter().any(|member| contains_true(&member.value)),
        _ => false,
    }
}

fn hide(resource: &mut Node, unknown: &UnknownRules) {
    let text = |key: &str| Some(resource.get(key)?.value.text()?.value().to_owned());
    let (Some(kind), Some(address)) = (text("type"), text("address")) else {
        return;
    };
    let (Some(kind), Some(unknown)) = (by_kind(&kind), unknown.get(&address)) else {
        return;
    };
    let values = member_mut(resource, "values");
    let Some(rules) = values.and_then(|values| member_mut(values, kind.rules)) else {
        return;
    };
    match (&mut rules.value, unknown) {
        (Value::List(rules), Some(unknown)) => {
            for (rule, _) in rules
                .iter_mut()
                .zip(unknown)
                .filter(|(_, unknown)| **unknown)
            {
                rule.value = Value::Unknown(Why::Expression);
            }
        }
        (value, None) => *value = Value::Unknown(Why::Expression),
        _ => {}
    }
}

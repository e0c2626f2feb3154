//! Terraform's JSON: plans (`terraform show -json`, `tofu show -json`) and configurations (`.tf.json`). The
//! policies are those of the resources in one table.
//!
//! Source: HashiCorp, 'JSON output format' and 'JSON configuration syntax'.

use std::collections::HashMap;

use super::Location;
use super::tree::{member_mut, members_mut};
use crate::dialect::{
    B2_TERRAFORM, Dialect, GCS_TERRAFORM, PolicyText, S3_TERRAFORM, S3_TERRAFORM_INLINE,
};
use crate::document::{Node, Value, Why};

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
    let Some(resources) = root.get("resource") else {
        return locations;
    };
    // The CDK for Terraform writes its metadata under this key.
    let comment = root.get("//").map(|comment| &comment.value);
    let is_synthesized = comment.is_some_and(|comment| comment.get("metadata").is_some());
    // Objects may be written as lists of objects.
    for (kind, named) in blocks(&resources.value).flat_map(members) {
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
                    generated_from: is_synthesized.then(|| format!("the construct of {address}")),
                    ..location.at(address)
                });
            }
        }
    }
    locations
}

/// Returns the policy of a resource; `None` if it sets none, or if all of it is unknown.
fn location<'d>(resource: &'d Node, kind: &str) -> Option<Location<'d>> {
    let kind = by_kind(kind)?;
    let rules = &resource.get(kind.rules)?.value;
    let is_set = rules.members().is_some() || rules.items().is_some_and(|rules| !rules.is_empty());
    is_set.then(|| Location::new(kind.dialect, PolicyText::blocks(rules)))
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

//! CloudFormation templates: also those of SAM, CDK, Amplify and the Serverless Framework. The policies are those of the buckets
//! under `Resources`.
//!
//! Source: AWS, 'AWS::S3::Bucket CorsConfiguration' and 'Intrinsic function reference'.

mod resolve;

use std::collections::HashSet;

use super::tree::{duplicates_of, is_like};
use super::{Location, branches};
use crate::dialect::{PolicyText, QUOTED, S3_CLOUDFORMATION, find_duplicates};
use crate::document::{Member, Node, Value};
use crate::field::Field;
use crate::finding::{Diagnostic, SCHEMA_VIOLATION};
use crate::source::Span;

pub(super) use resolve::resolve;

const RESOURCES: &str = "Resources";
const PROPERTIES: &str = "Properties";
const BUCKET: &str = "AWS::S3::Bucket";
const CONFIGURATION: &str = "CorsConfiguration";
/// The key that the CDK writes into every resource.
const CDK_PATH: &str = "aws:cdk:path";
/// Where the Serverless Framework has a template, or a list of them.
const SERVERLESS_RESOURCES: &str = "resources";
const SERVERLESS_CONFIGURATION: &str = "corsConfiguration";
const IF: &str = "Fn::If";
/// The maximum number of conditions around one another to follow; rules inside more are not read.
const MAX_CONDITIONS: usize = 8;

/// Returns the policies of the buckets in a template, or in a file of the Serverless Framework.
pub(super) fn find(root: &Node) -> Vec<Location<'_>> {
    if !is_serverless(root) {
        return in_template(root);
    }
    let resources = root.get(SERVERLESS_RESOURCES);
    let templates = resources.map(|member| items(&member.value));
    let templates = templates.unwrap_or_default().iter().flat_map(in_template);
    templates.chain(of_provider(root)).collect()
}

/// Returns true for a file of the Serverless Framework, `serverless.yml`.
fn is_serverless(root: &Node) -> bool {
    root.get("service").is_some() && root.get("provider").is_some()
}

fn items(node: &Node) -> &[Node] {
    node.items().unwrap_or(std::slice::from_ref(node))
}

/// Returns the policies of the buckets that a serverless file configures under `provider.s3`.
///
/// Source: Serverless Framework, 'S3'.
fn of_provider(root: &Node) -> Vec<Location<'_>> {
    let buckets = root
        .get("provider")
        .and_then(|provider| provider.value.get("s3")?.value.members());
    let buckets = buckets.unwrap_or_default().iter();
    let policies = buckets.flat_map(|bucket| {
        let configuration = bucket.value.get(SERVERLESS_CONFIGURATION);
        let address = format!("provider.s3.{}", bucket.key.value());
        let locations = configuration.map(|member| located(&member.value, &address));
        let locations = locations.unwrap_or_default().into_iter();
        locations.map(|location| Location {
            resource: Some(whole(bucket)),
            ..location
        })
    });
    policies.collect()
}

/// Returns the policies of a template's buckets.
fn in_template(root: &Node) -> Vec<Location<'_>> {
    let resources = root
        .get(RESOURCES)
        .and_then(|member| member.value.members());
    let resources = resources.unwrap_or_default();
    let mut locations = Vec::new();
    for resource in resources {
        locations.extend(policies_of(resource));
    }
    report_duplicates(root, resources, &mut locations);
    locations
}

/// Returns the policies of a resource: one, or one for each branch of the conditions around its rules.
fn policies_of(resource: &Member) -> Vec<Location<'_>> {
    let Some(configuration) = configuration(&resource.value) else {
        return Vec::new();
    };
    let address = format!("{RESOURCES}.{}", resource.key.value());
    let mut locations = located(&configuration.value, &address);
    for location in &mut locations {
        location.generated_from = cdk_construct(&resource.value);
        location.resource = Some(whole(resource));
    }
    if let Some(first) = locations.first_mut() {
        let properties = resource.value.get(PROPERTIES);
        if let Some(properties) = properties {
            let duplicates = duplicates_of(CONFIGURATION, &properties.value);
            first.problems.extend(duplicates);
        }
        first.problems.extend(misspelled(&configuration.key));
    }
    locations
}

fn whole(member: &Member) -> Span {
    Span::new(member.key.span().start(), member.value.span.end())
}

/// Returns the policies of a configuration: one, or one for each branch of the conditions around its rules.
fn located<'d>(configuration: &'d Node, address: &str) -> Vec<Location<'d>> {
    let mut texts = Vec::new();
    alternatives(configuration, Vec::new(), &mut texts);
    let is_only = texts.len() == 1;
    let locations = texts.into_iter().map(|(conditions, text)| {
        let address = match is_only {
            true => address.to_owned(),
            false => format!("{address} ({})", conditions.join(", ")),
        };
        Location {
            branches: branches::of_rules(text.rules),
            ..Location::new(&S3_CLOUDFORMATION, text).at(address)
        }
    });
    locations.collect()
}

/// Returns the CORS configuration of a bucket. Its key may be in another case.
fn configuration(resource: &Node) -> Option<&Member> {
    let kind = resource.get("Type")?.value.text()?;
    if kind.value() != BUCKET {
        return None;
    }
    let properties = &resource.get(PROPERTIES)?.value;
    properties.get(CONFIGURATION).or_else(|| {
        let mut members = properties.members()?.iter();
        members.find(|member| is_like(member.key.value(), CONFIGURATION))
    })
}

/// Reports a key for the configuration that is in another case.
fn misspelled(key: &crate::document::Text) -> Option<Diagnostic> {
    let name = key.value();
    if name == CONFIGURATION {
        return None;
    }
    let message = format!("unknown key {name}: CloudFormation uses {CONFIGURATION}");
    let diagnostic = Diagnostic::new(SCHEMA_VIOLATION, key.span(), message)
        .label("CloudFormation rejects this key")
        .help(format!("write \"{CONFIGURATION}\""));
    Some(diagnostic)
}

/// Reports keys that are there twice above the configurations of buckets.
fn report_duplicates(root: &Node, resources: &[Member], locations: &mut [Location<'_>]) {
    let Some(first) = locations.first_mut() else {
        return;
    };
    first.problems.extend(duplicates_of(RESOURCES, root));
    let buckets = resources
        .iter()
        .filter(|resource| configuration(&resource.value).is_some());
    let names: HashSet<&str> = buckets.map(|resource| resource.key.value()).collect();
    let with_these = resources
        .iter()
        .filter(|resource| names.contains(resource.key.value()));
    let mut duplicates = Vec::new();
    find_duplicates(with_these, &QUOTED, &mut duplicates);
    for duplicate in duplicates {
        let is_after = |location: &&mut Location<'_>| {
            location.text.node.span.start() > duplicate.span().start()
        };
        // The policy of the second one, if it has any.
        let location = locations.iter_mut().find(is_after);
        if let Some(location) = location {
            location.problems.push(duplicate);
        }
    }
}

/// Adds the rules of a configuration, for each combination of branches of the conditions around them, with the
/// conditions.
fn alternatives<'d>(
    node: &'d Node,
    conditions: Vec<String>,
    found: &mut Vec<(Vec<String>, PolicyText<'d>)>,
) {
    if each_branch(node, &conditions, |branch, conditions| {
        alternatives(branch, conditions, found);
    }) {
        return;
    }
    match &node.value {
        Value::Unknown(_) | Value::Template(_) => {
            found.push((conditions, PolicyText::computed(node)));
        }
        Value::List(_) => found.push((conditions, PolicyText::bare_list(node))),
        Value::Map(members) => {
            let key = S3_CLOUDFORMATION.key(Field::Rules);
            let is_rules = |member: &&Member| is_like(member.key.value(), key);
            match members.iter().rev().find(is_rules) {
                Some(rules) => rules_of(node, rules, &rules.value, conditions, found),
                // One rule without the object and the list around it.
                None if members.iter().any(is_rule_key) => {
                    found.push((conditions, PolicyText::single_rule(node)));
                }
                None => {}
            }
        }
        _ => {}
    }
}

/// Adds the rules under `CorsRules`, for each combination of branches of the conditions around them.
fn rules_of<'d>(
    configuration: &'d Node,
    member: &'d Member,
    rules: &'d Node,
    conditions: Vec<String>,
    found: &mut Vec<(Vec<String>, PolicyText<'d>)>,
) {
    if each_branch(rules, &conditions, |branch, conditions| {
        rules_of(configuration, member, branch, conditions, found);
    }) || rules.is_absent()
    {
        return;
    }
    let text = PolicyText {
        rules_node: rules,
        rules: rules.items().unwrap_or_default(),
        is_complete: !rules.is_unknown(),
        ..PolicyText::object(configuration, member)
    };
    found.push((conditions, text));
}

/// Calls a function with each branch of a condition and the conditions under which it applies. Returns false if
/// the node is not a condition.
fn each_branch<'d>(
    node: &'d Node,
    conditions: &[String],
    mut with: impl FnMut(&'d Node, Vec<String>),
) -> bool {
    let Some((condition, branches)) = condition(node) else {
        return false;
    };
    if conditions.len() < MAX_CONDITIONS {
        for (branch, word) in branches.iter().zip(["if", "if not"]) {
            let opposite = match word {
                "if" => format!("if not {condition}"),
                _ => format!("if {condition}"),
            };
            // Inside of the other branch of the same condition, this one is never used.
            if conditions.contains(&opposite) {
                continue;
            }
            let mut conditions = conditions.to_vec();
            let this = format!("{word} {condition}");
            if !conditions.contains(&this) {
                conditions.push(this);
            }
            with(branch, conditions);
        }
    }
    true
}

/// Returns the name of the condition of an `Fn::If`, and its two branches.
fn condition(node: &Node) -> Option<(&str, &[Node])> {
    let [member] = node.members()? else {
        return None;
    };
    if member.key.value() != IF {
        return None;
    }
    let (condition, branches) = member.value.items()?.split_first()?;
    (branches.len() == 2).then_some((condition.text()?.value(), branches))
}

fn is_rule_key(member: &Member) -> bool {
    S3_CLOUDFORMATION
        .look_up(member.key.value(), false)
        .is_own()
}

/// Returns the construct that the CDK generated a resource from; `None` if the CDK did not.
fn cdk_construct(resource: &Node) -> Option<String> {
    let metadata = resource.get("Metadata")?;
    let path = metadata.value.get(CDK_PATH)?.value.text()?;
    Some(format!("the CDK construct {}", path.value()))
}

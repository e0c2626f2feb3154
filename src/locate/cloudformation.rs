//! CloudFormation templates in JSON: also those of SAM, CDK and Amplify. The policies are those of the buckets
//! under `Resources`.
//!
//! Source: AWS, 'AWS::S3::Bucket CorsConfiguration' and 'Intrinsic function reference'.

use std::collections::HashSet;

use super::tree::{duplicates_of, member_mut, members_mut};
use super::{Location, branches};
use crate::dialect::{PolicyText, QUOTED, S3_CLOUDFORMATION, find_duplicates};
use crate::document::{Member, Node, Value, Why, has_template_mark};
use crate::field::Field;
use crate::finding::{Diagnostic, SCHEMA_VIOLATION};

const RESOURCES: &str = "Resources";
const PROPERTIES: &str = "Properties";
const BUCKET: &str = "AWS::S3::Bucket";
const CONFIGURATION: &str = "CorsConfiguration";
/// The key that the CDK writes into every resource.
const CDK_PATH: &str = "aws:cdk:path";
const IF: &str = "Fn::If";
/// The maximum number of conditions around one another to follow; rules inside more are not read.
const MAX_CONDITIONS: usize = 8;

/// Returns the policies of a template's buckets.
pub(super) fn find(root: &Node) -> Vec<Location<'_>> {
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
    let mut texts = Vec::new();
    alternatives(&configuration.value, Vec::new(), &mut texts);
    let is_only = texts.len() == 1;
    let texts = texts.into_iter().map(|(conditions, text)| {
        let mut address = format!("{RESOURCES}.{}", resource.key.value());
        if !is_only {
            address.push_str(&format!(" ({})", conditions.join(", ")));
        }
        Location {
            branches: branches::of_rules(text.rules),
            generated_from: cdk_construct(&resource.value),
            ..Location::new(&S3_CLOUDFORMATION, text).at(address)
        }
    });
    let mut locations: Vec<_> = texts.collect();
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

/// Returns the CORS configuration of a bucket. Its key may be in another case.
fn configuration(resource: &Node) -> Option<&Member> {
    let kind = resource.get("Type")?.value.text()?;
    if kind.value() != BUCKET {
        return None;
    }
    let properties = &resource.get(PROPERTIES)?.value;
    properties.get(CONFIGURATION).or_else(|| {
        let mut members = properties.members()?.iter();
        members.find(|member| member.key.value().eq_ignore_ascii_case(CONFIGURATION))
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
        Value::Unknown(_) => found.push((conditions, PolicyText::computed(node))),
        Value::List(_) => found.push((conditions, PolicyText::bare_list(node))),
        Value::Map(members) => {
            let key = S3_CLOUDFORMATION.key(Field::Rules);
            let is_rules = |member: &&Member| member.key.value().eq_ignore_ascii_case(key);
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
            let mut conditions = conditions.to_vec();
            conditions.push(format!("{word} {condition}"));
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

/// Makes values of the policies unknown that only CloudFormation can determine. Returns false if the document
/// is not a template with such policies.
pub(super) fn resolve(root: &mut Node) -> bool {
    let names = declared_names(root);
    let Some(resources) = member_mut(root, RESOURCES).and_then(members_mut) else {
        return false;
    };
    let mut is_template = false;
    for resource in resources {
        let Some(configuration) = configuration(&resource.value) else {
            continue;
        };
        let key = configuration.key.value().to_owned();
        let properties = member_mut(&mut resource.value, PROPERTIES);
        if let Some(configuration) = properties.and_then(|node| member_mut(node, &key)) {
            is_template = true;
            resolve_rules(configuration, &names, MAX_CONDITIONS);
        }
    }
    is_template
}

/// The names that a template may refer to: those of its parameters and resources.
fn declared_names(root: &Node) -> HashSet<String> {
    let names = ["Parameters", RESOURCES].into_iter().flat_map(|section| {
        let members = root.get(section).and_then(|member| member.value.members());
        members.unwrap_or_default().iter()
    });
    names.map(|member| member.key.value().to_owned()).collect()
}

/// Resolves a configuration. Conditions around it and around its rules stay, because their branches are
/// policies of their own.
fn resolve_rules(node: &mut Node, names: &HashSet<String>, depth: usize) {
    if condition(node).is_some() && depth > 0 {
        let arguments = member_mut(node, IF).map(|arguments| &mut arguments.value);
        if let Some(Value::List(arguments)) = arguments {
            let branches = arguments.iter_mut().skip(1);
            branches.for_each(|branch| resolve_rules(branch, names, depth - 1));
        }
        return;
    }
    if is_function(node) {
        resolve_value(node, names);
        return;
    }
    match &mut node.value {
        Value::Map(members) => {
            let key = S3_CLOUDFORMATION.key(Field::Rules);
            for member in members {
                match member.key.value().eq_ignore_ascii_case(key) {
                    true => resolve_rules(&mut member.value, names, depth),
                    false => resolve_value(&mut member.value, names),
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| resolve_value(item, names)),
        _ => {}
    }
}

fn resolve_value(node: &mut Node, names: &HashSet<String>) {
    if is_function(node) {
        node.value = function_value(node, names);
        return;
    }
    match &mut node.value {
        Value::String(text) => {
            let text = text.value();
            if has_template_mark(text) || text.contains("${") && !is_unsubstituted(text, names) {
                node.value = Value::Unknown(Why::Template);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| resolve_value(item, names)),
        Value::Map(members) => members
            .iter_mut()
            .for_each(|member| resolve_value(&mut member.value, names)),
        _ => {}
    }
}

/// What is known of the value of a function.
fn function_value(node: &mut Node, names: &HashSet<String>) -> Value {
    if condition(node).is_some()
        && let Some(arguments) = member_mut(node, IF)
        && let Value::List(arguments) = &mut arguments.value
    {
        let mut branches = arguments.split_off(1);
        branches
            .iter_mut()
            .for_each(|branch| resolve_value(branch, names));
        branches.retain(|branch| !branch.is_absent());
        return Value::Choice(branches);
    }
    let argument = |function: &str| node.get(function)?.value.text();
    if argument("Ref").is_some_and(|name| name.value() == "AWS::NoValue") {
        return Value::Choice(Vec::new());
    }
    match argument("Fn::Sub") {
        Some(text) if !text.value().contains("${") && !has_template_mark(text.value()) => {
            Value::String(text.clone())
        }
        _ => Value::Unknown(Why::Expression),
    }
}

/// Returns true for an object whose only key is that of a function.
fn is_function(node: &Node) -> bool {
    match node.members() {
        Some([member]) => {
            let key = member.key.value();
            key == "Ref" || key == "Condition" || key.starts_with("Fn::")
        }
        _ => false,
    }
}

/// Returns true if a text refers only to names of the template, but outside of `Fn::Sub`, so that CloudFormation
/// takes it literally. Other names are probably those of another program, which renders the template.
fn is_unsubstituted(text: &str, names: &HashSet<String>) -> bool {
    text.split("${").skip(1).all(|rest| {
        let name = rest.split_once('}').map_or("", |(name, _)| name);
        let resource = name.split('.').next().unwrap_or(name);
        name.starts_with("AWS::") || names.contains(resource)
    })
}

//! What is known of the values that functions of CloudFormation compute.

use std::collections::HashSet;

use super::{
    IF, MAX_CONDITIONS, PROPERTIES, RESOURCES, SERVERLESS_CONFIGURATION, SERVERLESS_RESOURCES,
    condition, configuration, is_serverless,
};
use crate::dialect::S3_CLOUDFORMATION;
use crate::document::{Node, Template, Value, Why, has_template_mark};
use crate::field::Field;
use crate::locate::computed_text;
use crate::locate::tree::{is_like, member_mut, members_mut};

/// Makes values of the policies unknown that only CloudFormation can determine. Returns false if the document
/// is not a template with such policies.
pub(in crate::locate) fn resolve(root: &mut Node) -> bool {
    if !is_serverless(root) {
        let names = declared_names(root);
        return resolve_template(root, &names);
    }
    // What looks like a reference is a variable of the Serverless Framework.
    let names = HashSet::new();
    let mut is_template = false;
    if let Some(templates) = member_mut(root, SERVERLESS_RESOURCES) {
        let templates = match &mut templates.value {
            Value::List(items) => &mut items[..],
            _ => std::slice::from_mut(templates),
        };
        for template in templates {
            is_template |= resolve_template(template, &names);
        }
    }
    let buckets = member_mut(root, "provider").and_then(|provider| member_mut(provider, "s3"));
    for bucket in buckets.and_then(members_mut).into_iter().flatten() {
        if let Some(configuration) = member_mut(&mut bucket.value, SERVERLESS_CONFIGURATION) {
            is_template = true;
            resolve_rules(configuration, &names, MAX_CONDITIONS);
        }
    }
    is_template
}

fn resolve_template(root: &mut Node, names: &HashSet<String>) -> bool {
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
            resolve_rules(configuration, names, MAX_CONDITIONS);
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
                match is_like(member.key.value(), key) {
                    true => resolve_rules(&mut member.value, names, depth),
                    false => resolve_value(&mut member.value, names),
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| resolve_value(item, names)),
        // A variable of the Serverless Framework.
        Value::String(_) => resolve_value(node, names),
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
            let value = text.value();
            if has_template_mark(value) || value.contains("${") && !is_unsubstituted(value, names) {
                node.value = computed_text(text);
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
    let argument = |function: &str| {
        let argument = &node.get(function)?.value;
        // The values of variables may follow the text.
        argument
            .text()
            .or_else(|| argument.items()?.first()?.text())
    };
    if argument("Ref").is_some_and(|name| name.value() == "AWS::NoValue") {
        return Value::Choice(Vec::new());
    }
    match argument("Fn::Sub") {
        Some(text) if !text.value().contains("${") && !has_template_mark(text.value()) => {
            Value::String(text.clone())
        }
        Some(text) => match Template::parse(text) {
            Some(template) => Value::Template(Box::new(template)),
            None => Value::Unknown(Why::Expression),
        },
        None => Value::Unknown(Why::Expression),
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
        !names.is_empty() && name.starts_with("AWS::") || names.contains(resource)
    })
}

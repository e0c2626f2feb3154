//! CloudFormation templates in JSON: also those of SAM, CDK and Amplify. The policies are those of the buckets
//! under `Resources`.
//!
//! Source: AWS, 'AWS::S3::Bucket CorsConfiguration' and 'Intrinsic function reference'.

use super::Location;
use super::tree::{member_mut, members_mut};
use crate::dialect::{PolicyText, S3_CLOUDFORMATION};
use crate::document::{Node, Value, Why};
use crate::field::Field;

const RESOURCES: &str = "Resources";
const BUCKET: &str = "AWS::S3::Bucket";
const CONFIGURATION: &str = "CorsConfiguration";
/// The key that the CDK writes into every resource.
const CDK_PATH: &str = "aws:cdk:path";

/// Returns the policies of a template's buckets.
pub(super) fn find(root: &Node) -> Vec<Location<'_>> {
    let resources = root
        .get(RESOURCES)
        .and_then(|member| member.value.members());
    let resources = resources.unwrap_or_default().iter();
    let policies = resources.filter_map(|resource| {
        let configuration = configuration(&resource.value)?;
        let members = configuration.members()?;
        let key = S3_CLOUDFORMATION.key(Field::Rules);
        let rules = members
            .iter()
            .rev()
            .find(|member| member.key.value().eq_ignore_ascii_case(key))?;
        // Rules that a function returns are unknown as a whole.
        if matches!(rules.value.value, Value::Unknown(_)) {
            return None;
        }
        let text = PolicyText::object(configuration, rules);
        let location = Location::new(&S3_CLOUDFORMATION, text);
        let address = format!("{RESOURCES}.{}", resource.key.value());
        Some(Location {
            generated_from: cdk_construct(&resource.value),
            ..location.at(address)
        })
    });
    policies.collect()
}

/// Returns the CORS configuration of a bucket.
fn configuration(resource: &Node) -> Option<&Node> {
    let kind = resource.get("Type")?.value.text()?;
    if kind.value() != BUCKET {
        return None;
    }
    let properties = resource.get("Properties")?;
    properties
        .value
        .get(CONFIGURATION)
        .map(|member| &member.value)
}

/// Returns the construct that the CDK generated a resource from; `None` if the CDK did not.
fn cdk_construct(resource: &Node) -> Option<String> {
    let metadata = resource.get("Metadata")?;
    let path = metadata.value.get(CDK_PATH)?.value.text()?;
    Some(format!("the CDK construct {}", path.value()))
}

/// Makes values unknown that only CloudFormation can determine: calls of functions in the policies.
pub(super) fn resolve_functions(root: &mut Node) {
    let Some(resources) = member_mut(root, RESOURCES).and_then(members_mut) else {
        return;
    };
    for resource in resources {
        if configuration(&resource.value).is_none() {
            continue;
        }
        let properties = member_mut(&mut resource.value, "Properties");
        if let Some(configuration) = properties.and_then(|node| member_mut(node, CONFIGURATION)) {
            resolve(configuration);
        }
    }
}

fn resolve(node: &mut Node) {
    if is_function(node) {
        node.value = Value::Unknown(Why::Expression);
        return;
    }
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(resolve),
        Value::Map(members) => members
            .iter_mut()
            .for_each(|member| resolve(&mut member.value)),
        _ => {}
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

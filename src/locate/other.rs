//! Recognizes other kinds of files, to say why a file with some of a policy's keys contains no policy.

use crate::document::Node;

/// Returns what a file is, as the reason for skipping it; `None` if it is not known.
pub(super) fn kind(root: &Node) -> Option<&'static str> {
    let has = |key: &str| root.get(key).is_some();
    let text = |key: &str| root.get(key).and_then(|member| member.value.text());
    let schema = text("$schema").map_or("", |text| text.value());
    if has("AWSTemplateFormatVersion") || is_cloudformation(root) {
        return Some("a CloudFormation template without CORS rules that corslint reads");
    }
    if has("terraform_version") && has("planned_values") {
        return Some("a Terraform plan without CORS rules that corslint reads");
    }
    if has("terraform_version") && (has("resources") || has("values")) {
        return Some("a Terraform state, which corslint does not read");
    }
    if has("format_version") && has("resource_changes") {
        return Some(
            "part of a Terraform plan: its planned_values, which corslint reads, are missing",
        );
    }
    let sections = [
        "resource",
        "module",
        "variable",
        "locals",
        "output",
        "terraform",
    ];
    if sections.iter().any(|key| has(key)) {
        return Some("a Terraform configuration without CORS rules that corslint reads");
    }
    if schema.contains("deploymentTemplate.json") {
        return Some("an Azure Resource Manager template; corslint does not check Azure Storage");
    }
    if schema.contains("json-schema.org") {
        return Some("a JSON Schema");
    }
    if has("openapi") || has("swagger") {
        return Some("an API description; corslint checks the CORS policies of buckets");
    }
    if ["Logging", "AllowedHosts", "ConnectionStrings"]
        .iter()
        .any(|key| has(key))
    {
        return Some(
            "settings of a .NET application; corslint checks the CORS policies of buckets",
        );
    }
    if root
        .get("CORSRule")
        .is_some_and(|member| is_alibaba(&member.value))
    {
        return Some("a policy for Alibaba Cloud OSS, which corslint does not check");
    }
    None
}

/// Returns true if an object has resources with CloudFormation types.
fn is_cloudformation(root: &Node) -> bool {
    let resources = root
        .get("Resources")
        .and_then(|resources| resources.value.members());
    resources.unwrap_or_default().iter().any(|resource| {
        let kind = resource
            .value
            .get("Type")
            .and_then(|kind| kind.value.text());
        kind.is_some_and(|kind| kind.value().starts_with("AWS::"))
    })
}

/// Returns true if rules are written as the tools of Alibaba Cloud OSS expect: with the names of the XML
/// elements, all singular.
pub(super) fn is_alibaba(rules: &Node) -> bool {
    let keys = [
        "AllowedOrigin",
        "AllowedMethod",
        "AllowedHeader",
        "ExposeHeader",
        "MaxAgeSeconds",
    ];
    let is_rule = |rule: &Node| {
        let members = rule.members().unwrap_or_default();
        !members.is_empty()
            && members
                .iter()
                .all(|member| keys.contains(&member.key.value()))
    };
    let rules = rules.items().unwrap_or_default();
    !rules.is_empty() && rules.iter().all(is_rule)
}

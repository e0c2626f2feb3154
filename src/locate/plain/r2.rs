//! R2's JSON: `{"rules": [{"allowed": {...}}]}`, by itself or in the response of Cloudflare's REST API.

use super::Recognizer;
use super::evidence::{Evidence, any_key, are_objects};
use crate::dialect::{PolicyText, R2_JSON};
use crate::document::Node;
use crate::field::Field;
use crate::locate::Location;
use crate::provider::R2;

pub(super) static RECOGNIZER: Recognizer = Recognizer {
    provider: &R2,
    find,
    bucket_keys: &[],
    origins: &[
        "\"origins",
        "'origins",
        "“origins",
        "allowedorigin",
        "allowed_origin",
    ],
    methods: &[
        "\"methods",
        "'methods",
        "“methods",
        "allowedmethod",
        "allowed_method",
    ],
    others: &["\"rules", "'rules", "“rules"],
    requirement: "an R2 policy is {\"rules\": [...]}, and each rule needs allowed.origins and allowed.methods",
};

const RULES: &str = "rules";
/// A key that people write by mixing up several tools. No tool accepts it.
const SNAKE_CASE_RULES: &str = "cors_rules";
const RESULT: &str = "result";
const ALLOWED: &str = "allowed";

fn find(root: &Node) -> Vec<Location<'_>> {
    if let Some(location) = wrapped(root) {
        return vec![location];
    }
    if let Some(result) = root.get(RESULT)
        && let Some(location) = wrapped(&result.value)
    {
        return vec![location.at(RESULT)];
    }
    let is_bare = |rules: &[Node]| {
        let has_allowed = |rule: &Node| rule.is_unknown() || has_allowed(rule);
        are_objects(rules) && rules.iter().all(has_allowed)
    };
    if root.items().is_some_and(is_bare) {
        return vec![Location::new(&R2_JSON, PolicyText::bare_list(root))];
    }
    if is_single_rule(root) {
        return vec![Location::new(&R2_JSON, PolicyText::single_rule(root))];
    }
    Vec::new()
}

/// Returns true if an object is a single rule without the enclosing list and wrapper object.
fn is_single_rule(object: &Node) -> bool {
    // `allowed`, the key of the group, counts as one unknown key.
    has_allowed(object) && Evidence::of(object, &R2_JSON).unknown <= 1
}

fn wrapped(object: &Node) -> Option<Location<'_>> {
    let mut members = object.members()?.iter().rev();
    let member = members.find(|member| {
        let key = member.key.value();
        key.eq_ignore_ascii_case(RULES) || key == SNAKE_CASE_RULES
    })?;
    let rules = member.value.items()?;
    let is_policy = rules.iter().any(has_allowed) || are_objects(rules) && are_flat_rules(rules);
    is_policy.then(|| Location::new(&R2_JSON, PolicyText::object(object, member)))
}

/// Returns true if a rule has an `allowed` object with a key for origins or methods, as only R2 rules do.
fn has_allowed(rule: &Node) -> bool {
    let Some(allowed) = rule.get(ALLOWED) else {
        return false;
    };
    let members = allowed.value.members().unwrap_or_default().iter();
    let mut fields = members.filter_map(|member| R2_JSON.look_up(member.key.value(), true).field());
    fields.any(|field| matches!(field, Field::Origins | Field::Methods))
}

/// Returns true for rules with S3 or B2 keys instead of an `allowed` object. Many settings files use
/// the key `rules`, so every key must be known, and one must be an explicit key for origins or methods.
fn are_flat_rules(rules: &[Node]) -> bool {
    let is_plain = |key: &str| {
        matches!(
            key,
            "AllowedOrigins"
                | "allowedOrigins"
                | "allowed_origins"
                | "AllowedMethods"
                | "allowedMethods"
                | "allowed_methods"
        )
    };
    if !any_key(rules, is_plain) {
        return false;
    }
    let all = Evidence::of_all(rules, &R2_JSON);
    all.unknown == 0 && all.decisive > 1
}

//! GCS's JSON: a list of rules, by itself or in a bucket as `gcloud storage buckets describe` and the
//! JSON API print it.

use super::evidence::{Evidence, any_key, are_objects};
use super::{Recognizer, in_buckets};
use crate::dialect::{GCS_JSON, PolicyText};
use crate::document::Node;
use crate::locate::Location;
use crate::provider::GCS;

pub(super) static RECOGNIZER: Recognizer = Recognizer {
    provider: &GCS,
    find,
    bucket_keys: BUCKET_KEYS,
    origins: &["\"origin", "'origin", "“origin"],
    methods: &["\"method", "'method", "“method"],
    others: &["responseheader", "maxageseconds"],
    requirement: "a GCS policy is a list of rules with origin, method, and responseHeader or maxAgeSeconds",
};

/// The keys of the rules in a bucket, in the output of gcloud and of the JSON API.
const BUCKET_KEYS: &[&str] = &["cors_config", "cors"];

fn find(root: &Node) -> Vec<Location<'_>> {
    if root.items().is_some_and(is_list_of_rules) {
        return vec![Location::new(&GCS_JSON, PolicyText::list(root))];
    }
    let in_buckets = in_buckets(root, BUCKET_KEYS, is_list_of_rules, &GCS_JSON);
    if in_buckets.is_empty() && is_single_rule(root) {
        return vec![Location::new(&GCS_JSON, PolicyText::single_rule(root))];
    }
    in_buckets
}

/// Returns true if a list contains GCS rules. `origin` and `method` also appear in request logs, so
/// they count only next to a key that is unique to GCS, or if they are written as GCS expects: as a
/// list, with methods in upper case.
fn is_list_of_rules(rules: &[Node]) -> bool {
    let is_rule_like = |rule: &Node| {
        let evidence = Evidence::of(rule, &GCS_JSON);
        rule.is_unknown() || evidence.unknown <= evidence.known && evidence.known > 0
    };
    let is_plain = |rule: &Node| rule.is_unknown() || is_plain_rule(rule);
    are_objects(rules)
        && (rules.iter().any(has_own_key) || rules.iter().all(is_plain) || is_split(rules))
        && rules.iter().all(is_rule_like)
}

/// Returns true if a rule has a key for origins or methods and a key that is unique to GCS.
fn has_own_key(rule: &Node) -> bool {
    let rule = std::slice::from_ref(rule);
    any_key(rule, |key| {
        matches!(key, "origin" | "origins" | "method" | "methods")
    }) && any_key(rule, |key| {
        matches!(key, "responseHeader" | "maxAgeSeconds")
    })
}

/// Returns true if a rule has both `origin` and `method`, at least one as a list, and upper-case methods.
fn is_plain_rule(rule: &Node) -> bool {
    let (Some(origin), Some(method)) = (rule.get("origin"), rule.get("method")) else {
        return false;
    };
    let has_list = origin.value.items().is_some() || method.value.items().is_some();
    let are_methods = match method.value.items() {
        Some(items) => items.iter().all(is_method),
        None => is_method(&method.value),
    };
    has_list && are_methods
}

fn is_method(node: &Node) -> bool {
    node.text().is_some_and(|text| {
        let method = text.value();
        let in_capitals = |c: char| c.is_ascii_uppercase() || c == '-' || c == '_';
        method == "*" || !method.is_empty() && method.chars().all(in_capitals)
    })
}

/// Returns true if the objects are one rule split into one-key objects, with only GCS keys, at least
/// one of which is unique to GCS.
fn is_split(rules: &[Node]) -> bool {
    let has_one_key = |rule: &Node| rule.members().is_some_and(|members| members.len() == 1);
    if !rules.iter().all(has_one_key) {
        return false;
    }
    let all = Evidence::of_all(rules, &GCS_JSON);
    all.own == rules.len()
        && all.decisive > 0
        && all.any(|key| matches!(key, "responseHeader" | "maxAgeSeconds"))
}

/// Returns true if an object is one rule, without the list around it.
fn is_single_rule(object: &Node) -> bool {
    if !is_plain_rule(object) {
        return false;
    }
    let evidence = Evidence::of(object, &GCS_JSON);
    evidence.unknown == 0
}

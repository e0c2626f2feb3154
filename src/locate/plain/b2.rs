//! B2's JSON: a list of rules, by itself or in a bucket as `b2 bucket get` prints it.

use super::evidence::{Evidence, any_key, are_objects};
use super::{Recognizer, in_buckets};
use crate::dialect::{B2_JSON, PolicyText};
use crate::document::Node;
use crate::locate::Location;
use crate::provider::B2;

pub(super) static RECOGNIZER: Recognizer = Recognizer {
    provider: &B2,
    find,
    bucket_keys: BUCKET_KEYS,
    origins: &["allowedorigin"],
    methods: &["allowedoperation"],
    others: &[],
    requirement: "a B2 policy is a list of rules with corsRuleName, allowedOrigins and allowedOperations, and few other keys",
};

/// The key of the rules in a bucket.
const BUCKET_KEYS: &[&str] = &["corsRules"];

fn find(root: &Node) -> Vec<Location<'_>> {
    if root.items().is_some_and(is_list_of_rules) {
        return vec![Location::new(&B2_JSON, PolicyText::list(root))];
    }
    let in_buckets = in_buckets(root, BUCKET_KEYS, is_list_of_rules, &B2_JSON);
    if in_buckets.is_empty() && is_single_rule(root) {
        return vec![Location::new(&B2_JSON, PolicyText::single_rule(root))];
    }
    in_buckets
}

/// Returns true if a list contains B2 rules. Only the keys for operations and for the rule name are
/// unique to B2.
fn is_list_of_rules(rules: &[Node]) -> bool {
    let starts_with = |key: &str, start: &str| {
        let own = key.get(..start.len());
        own.is_some_and(|own| own.eq_ignore_ascii_case(start))
    };
    let is_own = |key: &str| {
        starts_with(key, "allowedOperation") || key.eq_ignore_ascii_case("corsRuleName")
    };
    if !are_objects(rules) || !any_key(rules, is_own) {
        return false;
    }
    let all = Evidence::of_all(rules, &B2_JSON);
    all.decisive > 0 && all.unknown <= all.known && all.any(is_own)
}

/// Returns true if an object is a single B2 rule without the list around it, that is, if it has one of
/// the two keys that are unique to B2, and another one that every rule needs.
fn is_single_rule(object: &Node) -> bool {
    let own_keys = ["allowedOperations", "corsRuleName"];
    if !own_keys.iter().any(|key| object.get(key).is_some()) {
        return false;
    }
    let evidence = Evidence::of(object, &B2_JSON);
    evidence.own >= 2 && evidence.unknown == 0
}

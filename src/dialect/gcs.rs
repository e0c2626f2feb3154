//! GCS's JSON: a list of rules, by itself (`gcloud storage buckets update --cors-file`, `gsutil cors
//! set`) or in a bucket as `gcloud storage buckets describe` and the JSON API print it.
//!
//! Sources: Google Cloud Storage, 'Set up and view CORS configurations' and 'Bucket resource'.

use super::evidence::{Evidence, are_objects};
use super::keys::Meaning;
use super::{Dialect, Place, in_buckets};
use crate::document::Node;
use crate::policy::Provider;
use crate::schema::GCS;

pub(super) const DIALECT: Dialect = Dialect {
    provider: Provider::Gcs,
    name: "gcs",
    keys: &[
        (Meaning::Origins, "origin"),
        (Meaning::Methods, "method"),
        (Meaning::ExposedHeaders, "responseHeader"),
        (Meaning::MaxAge, "maxAgeSeconds"),
    ],
    nested: None,
    marks: [
        &["\"origin", "'origin", "“origin"],
        &["\"method", "'method", "“method"],
        &["responseheader", "maxageseconds"],
    ],
    needs: "a GCS policy is a list of rules with origin and method, and responseHeader or maxAgeSeconds",
    shape: r#"[{"origin": [], "method": []}]"#,
    command: "gcloud storage buckets update --cors-file",
    find,
    force,
    also_refused: |_, _| {},
};

/// What a bucket's rules are called: by gcloud, and by the JSON API.
const WRAPPERS: &[&str] = &["cors_config", "cors"];

fn find<'d>(root: &'d Node<'d>) -> Vec<Place<'d>> {
    if root.items().is_some_and(is_list_of_rules) {
        return vec![Place::list(root, &GCS)];
    }
    let in_buckets = in_buckets(root, WRAPPERS, is_list_of_rules, &GCS);
    if in_buckets.is_empty() && is_lone_rule(root) {
        return vec![Place::lone(root, &GCS)];
    }
    in_buckets
}

/// Whether the rules of a list are GCS's. `origin` and `method` are words of every log of requests,
/// so they count only beside a key that is GCS's alone, or where they are written as GCS wants them:
/// as a list, with methods in capitals.
fn is_list_of_rules(rules: &[Node<'_>]) -> bool {
    let is_rule_like = |rule: &Node<'_>| {
        let keys = Evidence::of(rule, &DIALECT);
        keys.unknown <= keys.known && keys.known > 0
    };
    are_objects(rules)
        && rules.iter().all(is_rule_like)
        && (rules.iter().any(has_own_key) || rules.iter().all(is_plain_rule) || is_split(rules))
}

/// A key for origins or methods, and one that no other kind of object has beside it.
fn has_own_key(rule: &Node<'_>) -> bool {
    let keys = Evidence::of(rule, &DIALECT);
    keys.has(|key| matches!(key, "origin" | "origins" | "method" | "methods"))
        && keys.has(|key| matches!(key, "responseHeader" | "maxAgeSeconds"))
}

/// Both keys, at least one with a list, and methods as methods are written.
fn is_plain_rule(rule: &Node<'_>) -> bool {
    let (Some(origin), Some(method)) = (rule.get("origin"), rule.get("method")) else {
        return false;
    };
    let lists = origin.value.items().is_some() || method.value.items().is_some();
    let methods = match method.value.items() {
        Some(items) => items.iter().all(is_method),
        None => is_method(&method.value),
    };
    lists && methods
}

fn is_method(node: &Node<'_>) -> bool {
    node.text().is_some_and(|text| {
        let method = text.value();
        let in_capitals = |c: char| c.is_ascii_uppercase() || c == '-' || c == '_';
        method == "*" || !method.is_empty() && method.chars().all(in_capitals)
    })
}

/// One rule in one-key objects: each key once, and one of them GCS's alone.
fn is_split(rules: &[Node<'_>]) -> bool {
    let one_key = |rule: &Node<'_>| rule.members().is_some_and(|members| members.len() == 1);
    let all = Evidence::of_all(rules, &DIALECT);
    rules.iter().all(one_key)
        && all.exact == rules.len()
        && all.decisive > 0
        && all.has(|key| matches!(key, "responseHeader" | "maxAgeSeconds"))
}

/// An object that is one rule, without the list around it.
fn is_lone_rule(object: &Node<'_>) -> bool {
    let own = Evidence::of(object, &DIALECT);
    own.exact >= 3 && own.unknown == 0 && is_plain_rule(object)
}

fn force<'d>(root: &'d Node<'d>) -> Place<'d> {
    let in_bucket = WRAPPERS.iter().find_map(|key| root.get(key));
    match in_bucket {
        Some(member) => Place::list(&member.value, &GCS).at(member.key.value()),
        None if root.members().is_some() => Place::lone(root, &GCS),
        None => Place::list(root, &GCS),
    }
}

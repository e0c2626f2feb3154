//! B2's JSON: a list of rules (`b2 bucket update --cors-rules`), by itself or in a bucket as `b2
//! bucket get` prints it.
//!
//! Source: Backblaze, 'Cross-Origin Resource Sharing Rules'.

use super::evidence::{Evidence, are_objects};
use super::keys::Meaning;
use super::{Dialect, Place, in_buckets};
use crate::document::Node;
use crate::finding::Finding;
use crate::policy::{Policy, Provider};
use crate::schema::{B2, SCHEMA_VIOLATION};

pub(super) const DIALECT: Dialect = Dialect {
    provider: Provider::B2,
    name: "b2",
    keys: &[
        (Meaning::Id, "corsRuleName"),
        (Meaning::Origins, "allowedOrigins"),
        (Meaning::Methods, "allowedOperations"),
        (Meaning::AllowedHeaders, "allowedHeaders"),
        (Meaning::ExposedHeaders, "exposeHeaders"),
        (Meaning::MaxAge, "maxAgeSeconds"),
    ],
    nested: None,
    marks: [&["allowedorigin"], &["allowedoperation"], &[]],
    needs: "a B2 policy needs corsRuleName, allowedOrigins and allowedOperations in each rule",
    shape: r#"[{"corsRuleName": "", "allowedOrigins": [], "allowedOperations": [], "maxAgeSeconds": 3600}]"#,
    command: "b2 bucket update --cors-rules",
    find,
    force,
    also_refused: order_of_origins,
};

/// What a bucket's rules are called.
const WRAPPER: &str = "corsRules";

fn find<'d>(root: &'d Node<'d>) -> Vec<Place<'d>> {
    if root.items().is_some_and(is_list_of_rules) {
        return vec![Place::list(root, &B2)];
    }
    let in_buckets = in_buckets(root, &[WRAPPER], is_list_of_rules, &B2);
    if in_buckets.is_empty() && is_lone_rule(root) {
        return vec![Place::lone(root, &B2)];
    }
    in_buckets
}

/// Whether the rules of a list are B2's. The keys for the operations and for the name are its own;
/// the others it shares.
fn is_list_of_rules(rules: &[Node<'_>]) -> bool {
    let all = Evidence::of_all(rules, &DIALECT);
    are_objects(rules)
        && all.decisive > 0
        && all.unknown <= all.known
        && all.has(|key| {
            let key = key.to_ascii_lowercase();
            key.starts_with("allowedoperation") || key == "corsrulename"
        })
}

/// An object that is one rule, without the list around it.
fn is_lone_rule(object: &Node<'_>) -> bool {
    let own = Evidence::of(object, &DIALECT);
    own.exact >= 3 && own.unknown == 0 && object.get("allowedOperations").is_some()
}

/// The bare word `https` stands for every HTTPS origin. B2 takes it once, and refuses an entry behind
/// it that begins with `https:`.
fn order_of_origins(policy: &Policy<'_>, findings: &mut Vec<Finding>) {
    for rule in &policy.rules {
        let mut origins = rule.origins.known();
        let Some(https) = origins.find(|origin| origin.value() == "https") else {
            continue;
        };
        for later in origins {
            let message = match later.value() {
                "https" => "B2 takes the bare https once in a rule",
                origin if origin.starts_with("https:") => {
                    "B2 takes no origin that begins with https: behind the bare https"
                }
                _ => continue,
            };
            findings.push(
                Finding::new(SCHEMA_VIOLATION, later.span(), message)
                    .label("https lets it in already")
                    .also(https.span(), "every HTTPS origin")
                    .help("remove one of the two"),
            );
        }
    }
}

fn force<'d>(root: &'d Node<'d>) -> Place<'d> {
    match root.get(WRAPPER) {
        Some(member) => Place::list(&member.value, &B2).at(WRAPPER),
        None if root.members().is_some() => Place::lone(root, &B2),
        None => Place::list(root, &B2),
    }
}

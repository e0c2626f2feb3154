//! R2's JSON: `{"rules": [{"allowed": {"origins", "methods", "headers"}}]}`, as `wrangler r2 bucket
//! cors set --file` takes it, or in the answer of Cloudflare's REST API.
//!
//! Sources: Cloudflare R2, 'Configure CORS'; API reference 'Put Bucket CORS Policy'; workers-sdk
//! src/r2/cors.ts.

use super::evidence::{Evidence, are_objects, same_word};
use super::keys::Meaning;
use super::{Dialect, Place};
use crate::document::Node;
use crate::policy::Provider;
use crate::schema::R2;

pub(super) const DIALECT: Dialect = Dialect {
    provider: Provider::R2,
    name: "r2",
    keys: &[
        (Meaning::Id, "id"),
        (Meaning::ExposedHeaders, "exposeHeaders"),
        (Meaning::MaxAge, "maxAgeSeconds"),
    ],
    nested: Some((
        ALLOWED,
        &[
            (Meaning::Origins, "origins"),
            (Meaning::Methods, "methods"),
            (Meaning::AllowedHeaders, "headers"),
        ],
    )),
    marks: [
        &["\"origins", "'origins", "“origins", "allowedorigin"],
        &["\"methods", "'methods", "“methods", "allowedmethod"],
        &["\"rules", "'rules", "“rules"],
    ],
    needs: "an R2 policy needs allowed.origins and allowed.methods in each of its rules",
    shape: r#"{"rules": [{"allowed": {"origins": [], "methods": []}}]}"#,
    command: "wrangler r2 bucket cors set",
    find,
    force,
    also_refused: |_, _| {},
};

const RULES: &str = "rules";
const RESULT: &str = "result";
const ALLOWED: &str = "allowed";

fn find<'d>(root: &'d Node<'d>) -> Vec<Place<'d>> {
    if let Some(place) = wrapped(root) {
        return vec![place];
    }
    if let Some(result) = root.get(RESULT)
        && let Some(place) = wrapped(&result.value)
    {
        return vec![place.at(RESULT)];
    }
    if root
        .items()
        .is_some_and(|rules| are_objects(rules) && rules.iter().all(has_allowed))
    {
        return vec![Place::unwrapped(root, RULES, &R2)];
    }
    Vec::new()
}

fn wrapped<'d>(object: &'d Node<'d>) -> Option<Place<'d>> {
    let mut members = object.members()?.iter().rev();
    let member = members.find(|member| same_word(member.key.value(), RULES))?;
    let rules = member.value.items()?;
    let is_policy = rules.iter().any(has_allowed) || are_objects(rules) && are_flat_rules(rules);
    is_policy.then(|| Place::wrapped(object, RULES, member, &R2))
}

/// The object `allowed` with one of its keys: nobody else writes that.
fn has_allowed(rule: &Node<'_>) -> bool {
    let Some(allowed) = rule.get(ALLOWED) else {
        return false;
    };
    let members = allowed.value.members().unwrap_or_default().iter();
    let known = members.filter_map(|member| DIALECT.look_up_nested(member.key.value()).meaning());
    known
        .into_iter()
        .any(|meaning| matches!(meaning, Meaning::Origins | Meaning::Methods))
}

/// Rules with S3's keys, or B2's, where `allowed` should be. `rules` is a word of many settings, so
/// every key must be one of a rule, and one must be for origins and say so.
fn are_flat_rules(rules: &[Node<'_>]) -> bool {
    let all = Evidence::of_all(rules, &DIALECT);
    let is_plain = |key: &str| {
        matches!(
            key,
            "AllowedOrigins" | "allowedOrigins" | "AllowedMethods" | "allowedMethods"
        )
    };
    all.unknown == 0 && all.decisive > 1 && all.has(is_plain)
}

fn force<'d>(root: &'d Node<'d>) -> Place<'d> {
    match root.get(RULES) {
        Some(member) => Place::wrapped(root, RULES, member, &R2),
        None if root.items().is_some() => Place::unwrapped(root, RULES, &R2),
        None => Place::list(root, &R2),
    }
}

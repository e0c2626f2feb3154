//! S3's JSON: the console's list of rules, the CLI's `{"CORSRules": [...]}`, and what people write
//! who mean one of them.
//!
//! Sources: AWS API_CORSRule, API_PutBucketCors, and the CLI's reference of `put-bucket-cors`.

use super::evidence::{Evidence, same_word};
use super::keys::Meaning;
use super::{Dialect, Place};
use crate::document::Node;
use crate::policy::Provider;
use crate::schema::{S3_CLI, S3_CONSOLE};

pub(super) const DIALECT: Dialect = Dialect {
    provider: Provider::S3,
    name: "s3",
    keys: &[
        (Meaning::Id, "ID"),
        (Meaning::Origins, "AllowedOrigins"),
        (Meaning::Methods, "AllowedMethods"),
        (Meaning::AllowedHeaders, "AllowedHeaders"),
        (Meaning::ExposedHeaders, "ExposeHeaders"),
        (Meaning::MaxAge, "MaxAgeSeconds"),
    ],
    nested: None,
    marks: [&["allowedorigin"], &["allowedmethod"], &[]],
    needs: "an S3 policy needs AllowedOrigins and AllowedMethods in each rule",
    shape: r#"{"CORSRules": [{"AllowedOrigins": [], "AllowedMethods": []}]}"#,
    command: "aws s3api put-bucket-cors",
    find,
    force,
    also_refused: |_, _| {},
};

/// The wrapper key of the CLI's shape.
const RULES: &str = "CORSRules";
/// The wrapper key around that in the arguments of the API (`--cli-input-json`).
const CONFIGURATION: &str = "CORSConfiguration";

fn find<'d>(root: &'d Node<'d>) -> Vec<Place<'d>> {
    if let Some(rules) = root.items() {
        let is_policy = is_list_of_rules(rules, true);
        return is_policy
            .then(|| Place::list(root, &S3_CONSOLE))
            .into_iter()
            .collect();
    }
    for member in root.members().unwrap_or_default() {
        if same_word(member.key.value(), CONFIGURATION)
            && let Some(place) = wrapped(&member.value)
        {
            return vec![place.at(member.key.value())];
        }
    }
    if let Some(place) = wrapped(root) {
        return vec![place];
    }
    if is_lone_rule(root) {
        return vec![Place::lone(root, &S3_CONSOLE)];
    }
    Vec::new()
}

/// An object that holds the rules under the CLI's key, or what was meant as that. Other keys do not
/// matter, but what stands under the key must look like S3's rules, or be nothing yet: B2, Azure and
/// many programs have `corsRules` of their own.
fn wrapped<'d>(object: &'d Node<'d>) -> Option<Place<'d>> {
    let member =
        object.members()?.iter().rev().find(|member| {
            same_word(member.key.value(), RULES) || member.key.value() == "CORSRule"
        })?;
    let exact = member.key.value() == RULES;
    let looks_right = match member.value.items() {
        Some([]) => exact,
        Some(rules) => exact || is_list_of_rules(rules, false),
        None => exact && member.value.members().is_some(),
    };
    looks_right.then(|| Place::wrapped(object, RULES, member, &S3_CLI))
}

/// Whether the rules of a list are S3's. S3's keys begin with a capital like nobody else's, so one
/// rule with its key for origins or methods is enough, as long as the objects do not hold more that
/// is unknown. In lower camel case the keys are those of many servers' settings too: then every key
/// must be one of a rule, and none may be B2's own.
fn is_list_of_rules(rules: &[Node<'_>], camel_case: bool) -> bool {
    let all = Evidence::of_all(rules, &DIALECT);
    let capital = all.count(|key| key.starts_with(|first: char| first.is_ascii_uppercase()));
    let is_s3s = |key: &str| key.starts_with("Allow") || key.starts_with("Alow");
    if capital * 2 >= all.known && all.has(is_s3s) {
        return all.decisive > 0 && all.unknown <= all.known;
    }
    camel_case
        && all.decisive > 1
        && all.unknown == 0
        && all.has(|key| key == "allowedOrigins")
        && !all.has(|key| matches!(key, "allowedOperations" | "corsRuleName"))
}

/// An object that is one rule, without the list around it. Three of the exact keys: fewer are found
/// in the settings of servers.
fn is_lone_rule(object: &Node<'_>) -> bool {
    let own = Evidence::of(object, &DIALECT);
    own.exact >= 3 && own.decisive > 0 && own.unknown <= own.exact
}

fn force<'d>(root: &'d Node<'d>) -> Place<'d> {
    match root.get(RULES) {
        Some(member) => Place::wrapped(root, RULES, member, &S3_CLI),
        None if root.members().is_some() => Place::lone(root, &S3_CONSOLE),
        None => Place::list(root, &S3_CONSOLE),
    }
}

//! S3's JSON: the console's list of rules, the CLI's `{"CORSRules": [...]}`, and what people write
//! who mean one of them.
//!
//! Sources: AWS API_CORSRule, API_PutBucketCors, and the CLI's reference of `put-bucket-cors`.

use super::keys::Meaning;
use super::{Dialect, Evidence, Place, same_word};
use crate::document::Node;
use crate::policy::Provider;

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
    marks: (&["allowedorigin"], &["allowedmethod"]),
    needs: "an S3 policy needs AllowedOrigins and AllowedMethods in each rule",
    find,
};

/// The wrapper key of the CLI's shape.
const RULES: &str = "CORSRules";
/// The wrapper key around that in the arguments of the API (`--cli-input-json`).
const CONFIGURATION: &str = "CORSConfiguration";

fn find<'d>(root: &'d Node<'d>) -> Vec<Place<'d>> {
    if let Some(rules) = root.items() {
        return if is_list_of_rules(rules) {
            vec![Place::list(root, &crate::schema::S3_CONSOLE)]
        } else {
            Vec::new()
        };
    }
    let members = root.members().unwrap_or_default();
    for member in members {
        if same_word(member.key.value(), CONFIGURATION)
            && let Some(rules) = wrapped(&member.value)
        {
            let mut place = rules;
            place.address = member.key.value().to_owned();
            return vec![place];
        }
    }
    if let Some(place) = wrapped(root) {
        return vec![place];
    }
    if is_lone_rule(root) {
        return vec![Place::lone(root, &crate::schema::S3_CONSOLE)];
    }
    Vec::new()
}

/// An object that holds the rules under the CLI's key, or what was meant as that. Other keys do not
/// matter, but what stands under the key must look like rules of CORS, or be nothing yet: many
/// programs have `corsRules` of their own.
fn wrapped<'d>(object: &'d Node<'d>) -> Option<Place<'d>> {
    let member =
        object.members()?.iter().rev().find(|member| {
            same_word(member.key.value(), RULES) || member.key.value() == "CORSRule"
        })?;
    let exact = member.key.value() == RULES;
    let looks_right = match member.value.items() {
        Some([]) => exact,
        Some(rules) => exact || is_list_of_rules(rules),
        None => exact && member.value.members().is_some(),
    };
    looks_right.then(|| Place::wrapped(object, RULES, member, &crate::schema::S3_CLI))
}

/// Whether the rules of a list are S3's. S3's keys are like nobody else's, so one rule with its key
/// for origins or methods is enough, as long as the objects do not hold more that is unknown. In
/// lower camel case the keys are those of many servers' own configuration: then every key must be
/// one of a rule.
fn is_list_of_rules(rules: &[Node<'_>]) -> bool {
    let all = Evidence::of_all(rules, &DIALECT);
    let capital = all.has(|key| key.starts_with("Allow") || key.starts_with("Alow"));
    if capital {
        all.decisive > 0 && all.unknown <= all.known
    } else {
        all.decisive > 1
            && all.unknown == 0
            && !all.has(|key| key == "allowedOperations")
            && all.has(|key| key.starts_with("allowed"))
    }
}

/// An object that is one rule, without the list around it. Three of the exact keys: fewer are found
/// in the settings of servers.
fn is_lone_rule(object: &Node<'_>) -> bool {
    let own = Evidence::of(object, &DIALECT);
    own.exact >= 3 && own.decisive > 0 && own.unknown <= own.exact
}

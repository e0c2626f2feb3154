//! S3's JSON: the console's list of rules, the CLI's `{"CORSRules": [...]}`, and misspelled variants of
//! either form.

use super::Recognizer;
use super::evidence::Evidence;
use crate::dialect::{PolicyText, S3_CLI_JSON, S3_CONSOLE_JSON};
use crate::document::Node;
use crate::locate::{Location, other};
use crate::provider::S3;

pub(super) static RECOGNIZER: Recognizer = Recognizer {
    provider: &S3,
    find,
    bucket_keys: &[],
    origins: &["allowedorigin"],
    methods: &["allowedmethod"],
    others: &[],
    requirement: "an S3 policy is a list of rules with AllowedOrigins and AllowedMethods, and few other keys",
};

/// The key around the rules in the CLI's form.
const RULES: &str = "CORSRules";
/// The key of the object around [`RULES`] in API arguments (`--cli-input-json`).
const CONFIGURATION: &str = "CORSConfiguration";

fn find(root: &Node) -> Vec<Location<'_>> {
    if let Some(rules) = root.items() {
        let is_policy = is_list_of_rules(rules, true);
        let location = || Location::new(&S3_CONSOLE_JSON, PolicyText::list(root));
        return is_policy.then(location).into_iter().collect();
    }
    for member in root.members().unwrap_or_default() {
        if member.key.value().eq_ignore_ascii_case(CONFIGURATION)
            && let Some(location) = wrapped(&member.value)
        {
            return vec![location.at(member.key.value())];
        }
    }
    if let Some(location) = wrapped(root) {
        return vec![location];
    }
    if is_single_rule(root) {
        return vec![Location::new(
            &S3_CONSOLE_JSON,
            PolicyText::single_rule(root),
        )];
    }
    Vec::new()
}

/// Finds the rules in an object under the CLI's key or a variant of that key. Under a variant, the
/// value must look like S3 rules, since B2, Azure and many other programs also use `corsRules`.
fn wrapped(object: &Node) -> Option<Location<'_>> {
    let mut members = object.members()?.iter().rev();
    let member = members.find(|member| {
        let key = member.key.value();
        key.eq_ignore_ascii_case(RULES) || key == "CORSRule" || key == "Rules"
    })?;
    if member.key.value() == "CORSRule" && other::is_alibaba(&member.value) {
        return None;
    }
    let is_exact = member.key.value() == RULES;
    let looks_right = match member.value.items() {
        Some([]) => is_exact,
        Some(rules) => is_exact || is_list_of_rules(rules, false),
        None => is_exact && member.value.members().is_some(),
    };
    looks_right.then(|| Location::new(&S3_CLI_JSON, PolicyText::object(object, member)))
}

/// Returns true if a list contains S3 rules. Only S3 keys start with a capital letter, so a single key
/// for origins or methods is enough, as long as the objects don't have more unknown keys than known
/// keys. Many server settings use the same keys in lower camel case. In that case, every key must be
/// known, and none may be unique to B2.
fn is_list_of_rules(rules: &[Node], camel_case: bool) -> bool {
    let all = Evidence::of_all(rules, &S3_CONSOLE_JSON);
    let capital = all.count(|key| key.starts_with(|first: char| first.is_ascii_uppercase()));
    let is_s3s = |key: &str| key.starts_with("Allow") || key.starts_with("Alow");
    if capital * 2 >= all.known && all.any(is_s3s) {
        return all.decisive > 0 && all.unknown <= all.known;
    }
    camel_case
        && all.decisive > 1
        && all.unknown == 0
        && all.any(|key| key == "allowedOrigins")
        && !all.any(|key| matches!(key, "allowedOperations" | "corsRuleName"))
}

/// Returns true if an object is a single rule without the list around it. Three exact S3 keys are
/// required, since server settings often contain one or two; the two that every rule needs are enough if
/// there are no other keys, even if they are misspelled.
fn is_single_rule(object: &Node) -> bool {
    let evidence = Evidence::of(object, &S3_CONSOLE_JSON);
    let has_required = ["AllowedOrigins", "AllowedMethods"]
        .iter()
        .all(|key| object.get(key).is_some());
    let is_capital = |key: &str| key.starts_with(|first: char| first.is_ascii_uppercase());
    let is_misspelled = evidence.decisive > 1 && evidence.count(is_capital) == evidence.known;
    let is_complete = (has_required || is_misspelled) && evidence.unknown == 0;
    is_complete || evidence.own >= 3 && evidence.decisive > 0 && evidence.unknown <= evidence.own
}

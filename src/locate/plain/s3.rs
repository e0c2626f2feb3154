//! S3's JSON: the console's list of rules, the CLI's `{"CORSRules": [...]}`, and what people write who
//! mean one of them.

use super::Recognizer;
use super::evidence::Evidence;
use crate::dialect::{PolicyText, S3_CLI_JSON, S3_CONSOLE_JSON};
use crate::document::Node;
use crate::locate::Location;
use crate::provider::S3;

pub(super) static RECOGNIZER: Recognizer = Recognizer {
    provider: &S3,
    find,
    bucket_keys: &[],
    origins: &["allowedorigin"],
    methods: &["allowedmethod"],
    others: &[],
    requirement: "each rule of an S3 policy needs AllowedOrigins and AllowedMethods",
};

/// The key around the rules in the CLI's form.
const RULES: &str = "CORSRules";
/// The key around that in the arguments of the API (`--cli-input-json`).
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

/// An object with the rules under the CLI's key, or what was meant as it. Other keys don't matter, but
/// the value must look like S3's rules, or be an empty list: B2, Azure and many programs have
/// `corsRules` of their own.
fn wrapped(object: &Node) -> Option<Location<'_>> {
    let mut members = object.members()?.iter().rev();
    let member = members.find(|member| {
        let key = member.key.value();
        key.eq_ignore_ascii_case(RULES) || key == "CORSRule" || key == "Rules"
    })?;
    let is_exact = member.key.value() == RULES;
    let looks_right = match member.value.items() {
        Some([]) => is_exact,
        Some(rules) => is_exact || is_list_of_rules(rules, false),
        None => is_exact && member.value.members().is_some(),
    };
    looks_right.then(|| Location::new(&S3_CLI_JSON, PolicyText::object(object, member)))
}

/// Returns true if the rules of a list are S3's. S3's keys start with a capital letter, unlike those of anyone
/// else's, so one rule with its key for origins or methods is enough, as long as the objects don't
/// have more unknown keys than known ones. In lower camel case the keys are those of many servers'
/// settings too: then every key must be one of a rule, and none may be B2's own.
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

/// Returns true if an object is one rule, without the list around it. It needs three of S3's exact
/// keys: the settings of servers have one or two.
fn is_single_rule(object: &Node) -> bool {
    let evidence = Evidence::of(object, &S3_CONSOLE_JSON);
    evidence.own >= 3 && evidence.decisive > 0 && evidence.unknown <= evidence.own
}

//! The policies of a run, for programs: `--list-files --format json`.

use serde::Serialize;

use super::Run;
use super::json::{JsonPosition, to_text};
use crate::analyze::Analysis;
use crate::policy::{Item, Known, List, Policy};

#[derive(Serialize)]
struct Inventory<'r> {
    version: u32,
    policies: Vec<ListedPolicy<'r>>,
}

#[derive(Serialize)]
struct ListedPolicy<'r> {
    path: &'r str,
    /// The location of the policy in the file; `None` if the policy is the whole file.
    address: Option<&'r str>,
    provider: &'static str,
    /// The name of its schema.
    shape: &'static str,
    start: JsonPosition,
    rules: Vec<ListedRule>,
}

/// A rule in terms of the Fetch standard, independent of the provider. Values that can't be determined are
/// null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedRule {
    id: Option<String>,
    start: JsonPosition,
    origins: Option<Vec<Option<String>>>,
    methods: Option<Vec<Option<String>>>,
    allowed_headers: Option<Vec<Option<String>>>,
    exposed_headers: Option<Vec<Option<String>>>,
    max_age: Option<i64>,
}

/// Returns the inventory of a run.
pub fn inventory(run: &Run) -> String {
    let listed = run.files.iter().flat_map(|file| {
        let policies = file.policies.iter();
        policies.map(move |located| ListedPolicy {
            path: file.source.name(),
            address: (!located.address.is_empty()).then_some(located.address.as_str()),
            provider: located.policy.provider().id,
            shape: located.policy.dialect.name(),
            start: JsonPosition::at(&file.source, located.head.start()),
            rules: rules(file, &located.policy),
        })
    });
    to_text(&Inventory {
        version: 1,
        policies: listed.collect(),
    })
}

fn rules(file: &Analysis, policy: &Policy) -> Vec<ListedRule> {
    let rules = policy.rules.iter();
    rules
        .map(|rule| ListedRule {
            id: rule.id.get().map(|id| id.value().to_owned()),
            start: JsonPosition::at(&file.source, rule.head.start()),
            origins: list(&rule.origins),
            methods: list(&rule.methods),
            allowed_headers: list(&rule.allowed_headers),
            exposed_headers: list(&rule.exposed_headers),
            max_age: rule.max_age.get().map(|max_age| max_age.seconds),
        })
        .collect()
}

/// Converts a list; one that is not set becomes empty, and an unknown one `None`.
fn list(list: &Known<List>) -> Option<Vec<Option<String>>> {
    match list {
        Known::Absent => Some(Vec::new()),
        Known::Unknown(..) => None,
        Known::Set(list) => {
            let items = list.items.iter().map(|item| match item {
                Item::Known(entry) => Some(entry.value().to_owned()),
                Item::Unknown(..) => None,
            });
            Some(items.collect())
        }
    }
}

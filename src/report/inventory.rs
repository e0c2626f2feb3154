//! The policies of a run and what they say, for programs: `--list-files --format json`.

use serde::Serialize;

use super::Run;
use super::json::{Place, to_text};
use crate::check::{Checked, policies};
use crate::config::Config;
use crate::policy::{Field, Item, List, Policy, Rule};

#[derive(Serialize)]
struct Inventory<'r> {
    version: u32,
    policies: Vec<Listed<'r>>,
}

#[derive(Serialize)]
struct Listed<'r> {
    path: &'r str,
    /// Where in the document, if it holds more than the policy.
    address: Option<&'r str>,
    provider: String,
    /// The name of its schema.
    shape: &'static str,
    start: Place,
    rules: Vec<ListedRule>,
}

/// A rule in the words of Fetch, whoever's it is; what is computed elsewhere, or refused, is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedRule {
    id: Option<String>,
    start: Place,
    origins: Option<Vec<Option<String>>>,
    methods: Option<Vec<Option<String>>>,
    allowed_headers: Option<Vec<Option<String>>>,
    exposed_headers: Option<Vec<Option<String>>>,
    max_age: Option<i64>,
}

/// The inventory of a run.
pub fn inventory(run: &Run) -> String {
    let listed = run.files.iter().flat_map(|file| {
        let mut config = Config::default();
        config.provider = file.sites.first().map(|site| site.provider);
        let rules = policies(&file.source, &config, |_, policy, _| rules(file, policy));
        let sites = file.sites.iter().zip(rules.unwrap_or_default());
        sites.map(|(site, rules)| Listed {
            path: file.source.name(),
            address: (!site.address.is_empty()).then_some(site.address.as_str()),
            provider: site.provider.name().to_ascii_lowercase(),
            shape: site.shape,
            start: Place::at(&file.source, site.head.start()),
            rules,
        })
    });
    to_text(&Inventory {
        version: 1,
        policies: listed.collect(),
    })
}

fn rules(file: &Checked, policy: &Policy<'_>) -> Vec<ListedRule> {
    let rules = policy.rules.iter();
    rules
        .map(|rule: &Rule<'_>| ListedRule {
            id: rule.id.get().map(|id| id.value().to_owned()),
            start: Place::at(&file.source, rule.head.start()),
            origins: list(&rule.origins),
            methods: list(&rule.methods),
            allowed_headers: list(&rule.allowed_headers),
            exposed_headers: list(&rule.exposed_headers),
            max_age: rule.max_age.get().map(|max_age| max_age.seconds),
        })
        .collect()
}

/// A list that is not there is empty.
fn list(field: &Field<List<'_>>) -> Option<Vec<Option<String>>> {
    match field {
        Field::Absent => Some(Vec::new()),
        Field::Unknown(_) => None,
        Field::Set(list) => {
            let items = list.items.iter().map(|item| match item {
                Item::Known(known) => Some(known.value().to_owned()),
                Item::Unknown(_) => None,
            });
            Some(items.collect())
        }
    }
}

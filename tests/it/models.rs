//! What the lints conclude holds for every request: generated policies and requests, decided by
//! `matching`.

use std::collections::BTreeSet;

use corslint::analyze::analyze;
use corslint::matching::{Decision, Fact, PatternSet, Request, evaluate};
use corslint::provider::{GCS, Match, S3};
use corslint::settings::Settings;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Hosts and patterns close enough to contain one another now and then.
fn pattern() -> impl Strategy<Value = String> {
    let piece = select(vec!["a", "b", ".", "*", "a.io", ".io", "-", "c"]);
    (
        select(vec!["https://", "http://", "https:", "", "*"]),
        proptest::collection::vec(piece, 0..5),
        select(vec!["", "", ":*", ":80"]),
    )
        .prop_map(|(scheme, pieces, port)| format!("{scheme}{}{port}", pieces.concat()))
        .prop_filter("one wildcard at most", |text| text.matches('*').count() < 2)
}

/// Texts that a pattern matches if its `*` stands for any characters.
fn instances(pattern: &str) -> Vec<String> {
    [
        "",
        "x",
        "a",
        "b.a",
        "a.io",
        ".io",
        "a.",
        "https://a",
        "zz.zz",
    ]
    .iter()
    .map(|with| pattern.replacen('*', with, 1))
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn containment_agrees_with_matching(
        outer in pattern(),
        inner in pattern(),
        provider in select(vec![&S3, &GCS]),
        others in select(vec![0, 20]),
    ) {
        // Many patterns are found in another way than a few.
        let others: Vec<_> = (0..others).map(|number| format!("ftp://*.{number}.x")).collect();
        let entries = |outer| PatternSet::new(provider.wildcard, others.iter().map(String::as_str).chain([outer]));
        let contains = entries(&outer).covers(&inner);
        for origin in instances(&inner) {
            // What is unknown of an entry is unknown of its double, in the same way.
            if contains && inner != outer && (provider.origin_matches)(&inner, &origin) != Match::No {
                prop_assert_eq!((provider.origin_matches)(&outer, &origin), Match::Yes, "{} {} {}", outer, inner, origin);
            }
        }
        if !contains && provider == &S3 {
            let all = instances(&inner).iter().all(|o| (provider.origin_matches)(&outer, o) == Match::Yes);
            prop_assert!(!all, "{outer} contains {inner}");
        }
        // The same patterns as headers, whose case does not matter.
        if provider == &S3 && contains {
            for header in instances(&inner) {
                if (provider.header_matches)(&inner.to_uppercase(), &header) == Match::Yes {
                    prop_assert_eq!((provider.header_matches)(&outer, &header), Match::Yes);
                }
            }
        }
    }

    #[test]
    fn removing_what_has_no_effect_changes_no_decision(rules in rules(), is_gcs in any::<bool>()) {
        let (text, entries) = write(&rules, is_gcs);
        let checked = analyze("cors.json", text.as_str(), &Settings::default());
        prop_assert!(checked.is_policy(), "{text}");
        let before = decisions(&text);
        for finding in &checked.findings {
            let lines = finding.labels.iter().map(|label| checked.source.position(label.span.start()).line);
            let lines: Vec<_> = lines.collect();
            let mut changed = rules.clone();
            match finding.lint {
                "unreachable-rule" => {
                    let (rule, _) = entries[lines[0]].unwrap();
                    changed.remove(rule);
                }
                // One answer does not change without the method, for another rule gives it: the
                // requests of this method alone.
                "unnecessary-method" if finding.message.contains("is never asked") => {
                    let (rule, entry) = entries[lines[0]].unwrap();
                    changed[rule].remove(entry.unwrap());
                    prop_assert_eq!(allowed(&before), allowed(&decisions(&write(&changed, is_gcs).0)), "{}", text);
                    continue;
                }
                "redundant-entry" => {
                    let is_double = finding.message.ends_with("twice");
                    let gone = if is_double { &lines[..1] } else { &lines[..lines.len() - 1] };
                    let mut gone: Vec<_> = gone.iter().map(|line| entries[*line].unwrap()).collect();
                    gone.sort_unstable();
                    for (rule, entry) in gone.into_iter().rev() {
                        changed[rule].remove(entry.unwrap());
                    }
                    // A double of a method or an exposed header is answered twice: the same set.
                }
                _ => continue,
            }
            let after = decisions(&write(&changed, is_gcs).0);
            prop_assert_eq!(&before, &after, "{}\n{:?}", text, finding);
        }
    }
}

/// A rule: origins, methods, allowed and exposed headers, and whether it has a max age.
#[derive(Debug, Clone)]
struct Spec {
    lists: [Vec<&'static str>; 4],
    max_age: Option<u32>,
}

impl Spec {
    /// Removes the entry of that place, counted over all lists.
    fn remove(&mut self, mut entry: usize) {
        for list in &mut self.lists {
            if entry < list.len() {
                list.remove(entry);
                return;
            }
            entry -= list.len();
        }
    }
}

const ORIGINS: &[&str] = &[
    "https://a.acme.io",
    "https://b.acme.io",
    "https://*.acme.io",
    "https://*.io",
    "http*://a.acme.io",
    "https://acme.io",
    "*",
    "https://a.acme.io",
];
const METHODS: &[&str] = &["GET", "PUT", "HEAD", "GET"];
const HEADERS: &[&str] = &[
    "content-type",
    "x-amz-*",
    "x-amz-acl",
    "Content-Type",
    "*",
    "range",
];

fn rules() -> impl Strategy<Value = Vec<Spec>> {
    let rule = (
        subsequence(ORIGINS, 1..4).prop_shuffle(),
        subsequence(METHODS, 1..4),
        subsequence(HEADERS, 0..4).prop_shuffle(),
        subsequence(vec!["ETag", "etag", "x-amz-id-2"], 0..3),
        proptest::option::of(1u32..9),
    )
        .prop_map(|(origins, methods, allowed, exposed, max_age)| Spec {
            lists: [origins, methods, allowed, exposed],
            max_age,
        });
    proptest::collection::vec(rule, 1..4)
}

/// The place of each line: its rule, and its entry, counted over the rule's lists.
type Entries = Vec<Option<(usize, Option<usize>)>>;

/// The policy with each entry on a line of its own.
fn write(rules: &[Spec], is_gcs: bool) -> (String, Entries) {
    let keys = if is_gcs {
        ["origin", "method", "responseHeader", ""]
    } else {
        [
            "AllowedOrigins",
            "AllowedMethods",
            "AllowedHeaders",
            "ExposeHeaders",
        ]
    };
    let age = if is_gcs {
        "maxAgeSeconds"
    } else {
        "MaxAgeSeconds"
    };
    let (mut text, mut entries) = ("[\n".to_owned(), vec![None, None]);
    for (index, rule) in rules.iter().enumerate() {
        text.push_str("{\n");
        entries.push(Some((index, None)));
        let mut entry = 0;
        let mut fields = Vec::new();
        for (key, list) in keys.iter().zip(&rule.lists) {
            let is_written = !key.is_empty();
            let mut field = format!("\"{key}\": [\n");
            if is_written {
                entries.push(Some((index, None)));
            }
            for (at, value) in list.iter().enumerate() {
                let comma = if at + 1 < list.len() { "," } else { "" };
                field.push_str(&format!("\"{value}\"{comma}\n"));
                if is_written {
                    entries.push(Some((index, Some(entry))));
                }
                entry += 1;
            }
            field.push(']');
            if is_written {
                fields.push(field);
                entries.push(Some((index, None)));
            }
        }
        if let Some(max_age) = rule.max_age {
            fields.push(format!("\"{age}\": {max_age}"));
            entries.push(Some((index, None)));
        }
        text.push_str(&fields.join(",\n"));
        let comma = if index + 1 < rules.len() { "," } else { "" };
        text.push_str(&format!("\n}}{comma}\n"));
        entries.push(None);
    }
    text.push_str("]\n");
    (text, entries)
}

/// The decisions for many requests, without the numbers of rules; lists as sets.
fn decisions(text: &str) -> Vec<String> {
    let analysis = analyze("cors.json", text, &Settings::default());
    let policy = &analysis.policies[0].policy;
    let mut decisions = Vec::new();
    for origin in [
        "https://a.acme.io",
        "https://b.acme.io",
        "https://x.y.acme.io",
        "http://a.acme.io",
        "https://acme.io",
        "https://a.io",
        "https://evil.net",
    ] {
        for method in ["GET", "PUT", "HEAD", "DELETE"] {
            for headers in ["", "content-type", "x-amz-acl,range", "x-amz-date", "range"] {
                let request = Request::preflight(origin, method, headers);
                decisions.push(without_numbers(evaluate(policy, &request)));
            }
        }
    }
    decisions
}

fn without_numbers(decision: Decision) -> String {
    match decision {
        Decision::Allowed(mut response) => {
            response.rule = 0;
            let set = |list: &Fact<Vec<String>>| match list {
                Fact::Known(list) => {
                    let list = list.iter().map(|item| item.to_ascii_lowercase());
                    format!("{:?}", list.collect::<BTreeSet<_>>())
                }
                Fact::Unknown(_) => "?".to_owned(),
            };
            format!(
                "{:?} {:?} {} {} {} {:?}",
                response.allow_origin,
                response.allow_credentials,
                set(&response.allow_methods),
                set(&response.allow_headers),
                set(&response.expose_headers),
                response.max_age
            )
        }
        Decision::Refused(_) => "refused".to_owned(),
        Decision::Undetermined { .. } => "undetermined".to_owned(),
    }
}

/// Which decisions allow: without the list of methods, which responses give as a whole.
fn allowed(decisions: &[String]) -> Vec<bool> {
    decisions
        .iter()
        .map(|decision| decision != "refused")
        .collect()
}

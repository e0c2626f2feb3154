//! What the lints conclude holds for every request: generated policies and requests, answered by
//! `matching.rs`.

use std::collections::BTreeSet;

use corslint::check::{check, policies};
use corslint::config::Config;
use corslint::matching::{self, Answer, Match, Request, answer, header_matches, origin_matches};
use corslint::policy::Provider;
use corslint::source::Source;
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
        provider in select(vec![Provider::S3, Provider::Gcs]),
        others in select(vec![0, 20]),
    ) {
        // Many patterns are found in another way than a few.
        let others: Vec<_> = (0..others).map(|number| format!("ftp://*.{number}.x")).collect();
        let entries = |outer| matching::Entries::new(provider, others.iter().map(String::as_str).chain([outer]));
        let contains = entries(&outer).contain(&inner);
        for origin in instances(&inner) {
            // What is unknown of an entry is unknown of its double, in the same way.
            if contains && inner != outer && origin_matches(provider, &inner, &origin) != Match::No {
                prop_assert_eq!(origin_matches(provider, &outer, &origin), Match::Yes, "{} {} {}", outer, inner, origin);
            }
        }
        if !contains && provider == Provider::S3 {
            let all = instances(&inner).iter().all(|o| origin_matches(provider, &outer, o) == Match::Yes);
            prop_assert!(!all, "{outer} contains {inner}");
        }
        // The same patterns as headers, whose case does not matter.
        if provider == Provider::S3 && contains {
            for header in instances(&inner) {
                if header_matches(provider, &inner.to_uppercase(), &header) == Match::Yes {
                    prop_assert_eq!(header_matches(provider, &outer, &header), Match::Yes);
                }
            }
        }
    }

    #[test]
    fn what_is_called_dead_or_redundant_changes_no_answer(rules in rules(), is_gcs in any::<bool>()) {
        let (text, entries) = write(&rules, is_gcs);
        let checked = check("cors.json", text.clone().into_bytes(), &Config::default());
        prop_assert!(checked.is_policy(), "{text}");
        let before = answers(&text);
        for finding in &checked.findings {
            let lines = finding.labels.iter().map(|label| checked.source.position(label.span.start()).line);
            let lines: Vec<_> = lines.collect();
            let mut mended = rules.clone();
            match finding.lint {
                "unreachable-rule" => {
                    let (rule, _) = entries[lines[0]].unwrap();
                    mended.remove(rule);
                }
                // One answer does not change without the method, for another rule gives it: the
                // requests of this method alone.
                "unnecessary-method" if finding.message.contains("is never asked") => {
                    let (rule, entry) = entries[lines[0]].unwrap();
                    mended[rule].remove(entry.unwrap());
                    prop_assert_eq!(allowed(&before), allowed(&answers(&write(&mended, is_gcs).0)), "{}", text);
                    continue;
                }
                "redundant-entry" => {
                    let is_double = finding.message.ends_with("twice");
                    let gone = if is_double { &lines[..1] } else { &lines[..lines.len() - 1] };
                    let mut gone: Vec<_> = gone.iter().map(|line| entries[*line].unwrap()).collect();
                    gone.sort_unstable();
                    for (rule, entry) in gone.into_iter().rev() {
                        mended[rule].remove(entry.unwrap());
                    }
                    // A double of a method or an exposed header is answered twice: the same set.
                }
                _ => continue,
            }
            let after = answers(&write(&mended, is_gcs).0);
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

/// The answers to many requests, without the numbers of rules; lists as sets.
fn answers(text: &str) -> Vec<String> {
    let source = Source::new("cors.json", text);
    let told = policies(&source, &Config::default(), |_, policy, _| {
        let mut told = Vec::new();
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
                for headers in [
                    None,
                    Some("content-type"),
                    Some("x-amz-acl,range"),
                    Some("x-amz-date"),
                    Some("range"),
                ] {
                    let request = Request {
                        origin: Some(origin),
                        method: "OPTIONS",
                        request_method: Some(method),
                        request_headers: headers,
                    };
                    told.push(without_numbers(answer(policy, &request)));
                }
            }
        }
        told
    });
    told.unwrap().remove(0)
}

fn without_numbers(answer: Answer) -> String {
    match answer {
        Answer::Allowed(mut response) => {
            response.rule = 0;
            let set = |list: &corslint::matching::Fact<Vec<String>>| match list {
                corslint::matching::Fact::Known(list) => {
                    let list = list.iter().map(|item| item.to_ascii_lowercase());
                    format!("{:?}", list.collect::<BTreeSet<_>>())
                }
                corslint::matching::Fact::Unknown => "?".to_owned(),
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
        Answer::Refused(_) => "refused".to_owned(),
        Answer::Undecided { .. } => "undecided".to_owned(),
    }
}

/// The answers without the lists of methods, which are told whole.
fn allowed(answers: &[String]) -> Vec<bool> {
    answers.iter().map(|answer| answer != "refused").collect()
}

//! The lints' conclusions hold for every request: generated policies, and requests evaluated with
//! `matching`.

use std::collections::BTreeSet;

use corslint::analyze::{Analysis, analyze};
use corslint::finding::Finding;
use corslint::matching::{Decision, Fact, PatternSet, Request, evaluate};
use corslint::policy::Entry;
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
            // If a match of an entry is unknown, so is that of its duplicate.
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
    fn removing_reported_entries_changes_no_decision(rules in rules(), is_gcs in any::<bool>()) {
        let (text, entries) = write(&rules, is_gcs);
        let checked = analyze("cors.json", text.as_str(), &Settings::default());
        prop_assert!(checked.is_policy(), "{text}");
        let before = decisions(&text);
        for finding in &checked.findings {
            let place = entries[line(&checked, finding)];
            let mut changed = rules.clone();
            match finding.lint {
                "unreachable-rule" => {
                    changed.remove(place.unwrap().0);
                }
                // The response to other methods lists one method less: only what is allowed is compared.
                "unnecessary-method" if finding.message.contains("is never used for") => {
                    let (rule, entry) = place.unwrap();
                    changed[rule].remove(entry.unwrap());
                    let after = decisions(&write(&changed, is_gcs).0);
                    prop_assert_eq!(allowed(&before), allowed(&after), "{}", text);
                    continue;
                }
                // `*` next to named headers: removing it is what the finding advises, and has an effect.
                "redundant-entry" if finding.message.starts_with("\"*\" allows") => continue,
                "redundant-entry" => {
                    let (rule, entry) = place.unwrap();
                    changed[rule].remove(entry.unwrap());
                }
                _ => continue,
            }
            let after = decisions(&write(&changed, is_gcs).0);
            prop_assert_eq!(&before, &after, "{}\n{:?}", text, finding);
        }
    }

    /// Both ways: a rule, a method or an entry is reported if and only if no request needs it.
    #[test]
    fn reports_exactly_what_no_request_needs(mut rules in rules(), is_gcs in any::<bool>()) {
        make_gcs_origins_known(&mut rules, is_gcs);
        let (text, entries) = write(&rules, is_gcs);
        let checked = analyze("cors.json", text.as_str(), &Settings::default());
        let policy = &checked.policies[0].policy;
        let is_reported = |lint: &str, place: (usize, Option<usize>), words: &str| {
            checked.findings.iter().any(|f| {
                f.lint == lint
                    && f.message.contains(words)
                    && entries[line(&checked, f)] == Some(place)
            })
        };
        for (index, rule) in rules.iter().enumerate() {
            let headers: Vec<_> = rule.lists[2].iter().map(|h| instance(h)).collect();
            // GCS chooses the rule by origin and method; the headers of a request don't matter.
            let headers = if is_gcs { String::new() } else { headers.join(",") };
            let might_decide = |origin: &str, method: &str| {
                let origin = instance(origin);
                let request = Request::preflight(&origin, method, &headers);
                match evaluate(policy, &request) {
                    Decision::Allowed(response) => response.rule == index,
                    Decision::Refused(_) => false,
                    Decision::Undetermined { .. } => panic!("it is all known: {text}"),
                }
            };
            let [origins, methods, allowed, exposed] = &rule.lists;
            let is_reachable = |method: &str| origins.iter().any(|o| might_decide(o, method));
            let never = !methods.iter().any(|method| is_reachable(method));
            prop_assert_eq!(is_reported("unreachable-rule", (index, None), ""), never, "{}", text);
            for (at, method) in methods.iter().enumerate() {
                let entry = origins.len() + at;
                if !never && !methods[..at].contains(method) {
                    let is_found = is_reported("unnecessary-method", (index, Some(entry)), "never used");
                    prop_assert_eq!(is_found, !is_reachable(method), "{} in rule {}\n{}", method, index, text);
                }
            }
            if never || is_gcs {
                continue;
            }
            // Entries whose every match another entry of the list matches too.
            let mut offset = 0;
            for (list, matches) in [
                (origins, S3.origin_matches),
                (methods, exact as fn(&str, &str) -> Match),
                (allowed, S3.header_matches),
                (exposed, same_name as fn(&str, &str) -> Match),
            ] {
                let has_star = list.contains(&"*");
                for (at, value) in list.iter().enumerate() {
                    let covers = |other: usize| matches(list[other], &instance(value)) == Match::Yes;
                    // Entries covered by a pattern that is itself reported are labels of that finding.
                    let is_wrong = |other: usize| {
                        let place = (index, Some(offset + other));
                        ["insecure-origin", "overbroad-origin"].iter().any(|lint| is_reported(lint, place, ""))
                    };
                    if (0..list.len()).any(|other| other != at && covers(other) && is_wrong(other)) {
                        continue;
                    }
                    // Of two that match the same, the first stays.
                    let is_redundant = (0..list.len()).any(|other| {
                        let is_wider = || matches(value, &instance(list[other])) == Match::No;
                        other != at && covers(other) && (other < at || is_wider())
                    });
                    if !has_star {
                        let is_found = is_reported("redundant-entry", (index, Some(offset + at)), "");
                        prop_assert_eq!(is_found, is_redundant, "{} in rule {}\n{}", value, index, text);
                    }
                }
                offset += list.len();
            }
        }
    }

    /// Both ways: what is claimed about the requests of a method is so for a request that the rule decides.
    #[test]
    fn claims_about_a_method_hold_for_a_request(mut rules in rules(), is_gcs in any::<bool>()) {
        make_gcs_origins_known(&mut rules, is_gcs);
        let (text, entries) = write(&rules, is_gcs);
        let checked = analyze("cors.json", text.as_str(), &Settings::default());
        let policy = &checked.policies[0].policy;
        let reported = |lint: &str, index: usize| {
            checked.findings.iter().find(|f| {
                f.lint == lint && entries[line(&checked, f)].is_some_and(|(rule, _)| rule == index)
            })
        };
        for (index, rule) in rules.iter().enumerate() {
            let [origins, methods, allowed, exposed] = &rule.lists;
            let headers: Vec<_> = allowed.iter().map(|h| instance(h)).collect();
            let decides = |origin: &str, method: &str, headers: &str| {
                let origin = instance(origin);
                match evaluate(policy, &Request::preflight(&origin, method, headers)) {
                    Decision::Allowed(response) => response.rule == index,
                    _ => false,
                }
            };
            let headers = if is_gcs { String::new() } else { headers.join(",") };
            let is_reachable = methods.iter().any(|m| origins.iter().any(|o| decides(o, m, &headers)));
            // Scripts on any website may send PUT: a website of which no rule knows.
            let is_open = is_reachable && origins.contains(&"*") && methods.contains(&"PUT")
                && decides("*", "PUT", &headers);
            let found = reported("wildcard-write", index);
            prop_assert_eq!(found.is_some(), is_open, "wildcard-write in rule {}\n{}", index, text);
            // PUT with a content type is refused, though this rule is the first for its origin.
            let is_refused = origins.iter().any(|origin| {
                let origin = instance(origin);
                let request = Request::preflight(&origin, "PUT", "content-type");
                let first = policy.rules.iter().position(|other| {
                    let matches_origin = |o: &Entry| (policy.provider().origin_matches)(o.value(), &origin) == Match::Yes;
                    other.methods.has("PUT") && other.origins.entries().any(matches_origin)
                });
                matches!(evaluate(policy, &request), Decision::Refused(_)) && first == Some(index)
            });
            let is_claimed = reported("missing-allowed-headers", index).is_some();
            // On S3 only a rule without any header is certainly wrong.
            let is_wanted = methods.contains(&"PUT") && is_refused && (is_gcs || allowed.is_empty());
            prop_assert_eq!(is_claimed, is_reachable && is_wanted, "missing-allowed-headers in rule {}\n{}", index, text);
            // The response to PUT hides the ETag.
            if !is_gcs {
                let hides = !exposed.iter().any(|header| header.eq_ignore_ascii_case("etag"));
                let is_hidden = hides && !origins.contains(&"*")
                    && methods.contains(&"PUT")
                    && origins.iter().any(|origin| decides(origin, "PUT", &headers));
                let is_claimed = reported("unexposed-etag", index).is_some();
                prop_assert_eq!(is_claimed, is_hidden, "unexposed-etag in rule {}\n{}", index, text);
            }
        }
        // No help asks for an entry that the list has already.
        for finding in &checked.findings {
            let written = finding.help.as_deref().and_then(|help| help.strip_prefix("write \""));
            let Some((value, "")) = written.and_then(|rest| rest.split_once('"')) else { continue };
            let rule = &rules[finding.key.rule_index.unwrap()];
            prop_assert!(!rule.lists.iter().any(|list| list.contains(&value)), "{:?}\n{}", finding, text);
        }
    }
}

/// Removes the patterns that GCS does not document.
fn make_gcs_origins_known(rules: &mut [Spec], is_gcs: bool) {
    for origins in rules
        .iter_mut()
        .map(|rule| &mut rule.lists[0])
        .filter(|_| is_gcs)
    {
        origins.retain(|origin| *origin == "*" || !origin.contains('*'));
        if origins.is_empty() {
            origins.push("https://acme.io");
        }
    }
}

/// The line of a finding's first label, which is where the policy of `write` has its places.
fn line(checked: &Analysis, finding: &Finding) -> usize {
    checked.source.position(finding.labels[0].span.start()).line
}

/// A text that the pattern matches and that no other pattern here matches by chance.
fn instance(pattern: &str) -> String {
    pattern.replace('*', "q9x")
}

fn exact(one: &str, other: &str) -> Match {
    if one == other { Match::Yes } else { Match::No }
}

fn same_name(one: &str, other: &str) -> Match {
    exact(&one.to_ascii_lowercase(), &other.to_ascii_lowercase())
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

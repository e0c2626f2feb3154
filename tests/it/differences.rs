//! The difference between two policies, against the decisions for all requests of a universe.

use std::collections::BTreeSet;

use corslint::analyze::{Analysis, analyze};
use corslint::fix::fix_all;
use corslint::matching::{
    Access, Change, Changed, Decision, Fact, Headers, Origin, Request, Response, difference,
    evaluate,
};
use corslint::policy::Policy;
use corslint::provider::{Provider, wildcard_matches};
use corslint::settings::Settings;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::{corpus, own_policies, skipped};

/// A rule in words of its own.
#[derive(Debug, Clone)]
struct Spec {
    origins: Vec<&'static str>,
    methods: Vec<&'static str>,
    headers: Vec<&'static str>,
    exposed: Vec<&'static str>,
    max_age: Option<u32>,
}

const S3_ORIGINS: &[&str] = &[
    "*",
    "https://*",
    "https://*.acme.io",
    "https://app.acme.io",
    "https://a*",
    // These overlap in an origin that matches both.
    "https://app.ac*",
    "*acme.io",
    "*.io",
    "https://*.b.acme.io",
    "http://localhost:*",
    "http://localhost:3000",
    "null",
];
const GCS_ORIGINS: &[&str] = &["*", "https://app.acme.io", "https://b.io", "null"];
const S3_HEADERS: &[&str] = &["*", "x-*", "x-a", "X-B", "content-type", "x-a*"];
const GCS_HEADERS: &[&str] = &["x-a", "X-B", "Content-Type"];

fn rules(is_gcs: bool) -> impl Strategy<Value = Vec<Spec>> {
    let (origins, headers, methods): (&[_], &[_], &[_]) = match is_gcs {
        true => (GCS_ORIGINS, GCS_HEADERS, &["GET", "PUT", "*"]),
        false => (S3_ORIGINS, S3_HEADERS, &["GET", "PUT", "DELETE"]),
    };
    let rule = (
        subsequence(origins, 1..=3),
        subsequence(methods, 1..=methods.len()),
        subsequence(headers, 0..=3),
        subsequence(vec!["ETag", "x-a"], 0..=2),
        select(vec![None, Some(60), Some(600)]),
    );
    let rule = rule.prop_map(|(origins, methods, headers, exposed, max_age)| Spec {
        origins,
        methods,
        headers,
        exposed,
        max_age,
    });
    proptest::collection::vec(rule, 0..=4)
}

fn policy(rules: &[Spec], is_gcs: bool) -> Analysis {
    let rules = rules.iter().map(|rule| {
        let mut written = match is_gcs {
            true => json!({ "origin": rule.origins, "method": rule.methods, "responseHeader": rule.headers }),
            false => json!({
                "AllowedOrigins": rule.origins,
                "AllowedMethods": rule.methods,
                "AllowedHeaders": rule.headers,
                "ExposeHeaders": rule.exposed,
            }),
        };
        if let Some(seconds) = rule.max_age {
            let key = if is_gcs { "maxAgeSeconds" } else { "MaxAgeSeconds" };
            written[key] = json!(seconds);
        }
        written
    });
    let text = Value::from(rules.collect::<Vec<_>>()).to_string();
    let mut settings = Settings::default();
    settings.provider = Provider::by_id(if is_gcs { "gcs" } else { "s3" });
    analyze("cors.json", text, &settings)
}

/// Origins and headers that tell all patterns apart, and combinations of up to two headers.
fn universe() -> Vec<(String, &'static str, Vec<&'static str>)> {
    let origins = [
        "https://app.acme.io",
        "https://a.b.acme.io",
        "https://z.acme.io",
        "https://a.net",
        "https://zz.net",
        "http://zz.net",
        "https://b.io",
        "https://a.io",
        "http://localhost:3000",
        "http://localhost:1",
        "null",
        "app://z",
    ];
    let headers = ["x-a", "x-b", "content-type", "other", "x-other", "x-ab"];
    let mut sets: Vec<Vec<&str>> = vec![Vec::new()];
    sets.extend(headers.iter().map(|header| vec![*header]));
    for (index, one) in headers.iter().enumerate() {
        sets.extend(headers[index + 1..].iter().map(|other| vec![*one, *other]));
    }
    sets.push(headers[..3].to_vec());
    sets.push(headers.to_vec());
    let mut all = Vec::new();
    for origin in origins {
        for method in ["GET", "PUT", "DELETE", "POST"] {
            all.extend(
                sets.iter()
                    .map(|set| (origin.to_owned(), method, set.clone())),
            );
        }
    }
    all
}

fn decide(policy: &Policy, origin: &str, method: &str, headers: &[String]) -> Decision {
    evaluate(
        policy,
        &Request::preflight(origin, method, &headers.join(",")),
    )
}

fn is_allowed(decision: &Decision) -> bool {
    matches!(decision, Decision::Allowed(_))
}

fn has_origin(origins: &[Origin], origin: &str) -> bool {
    origins.iter().any(|it| match it {
        Origin::Any => true,
        Origin::Pattern(pattern) => wildcard_matches(pattern, origin),
        Origin::Computed => false,
    })
}

fn covers(line: &Access, origin: &str, method: &str, headers: &[String]) -> bool {
    let matching = |patterns: &[String]| {
        let is_one = |header: &&String| patterns.iter().any(|it| wildcard_matches(it, header));
        headers.iter().filter(is_one).count()
    };
    has_origin(&line.origins, origin)
        && line.methods.iter().any(|it| it == method)
        && match &line.headers {
            Headers::Any => true,
            Headers::One(patterns) => matching(patterns) > 0,
            Headers::Together(patterns) => matching(patterns) > 1,
        }
}

fn known(fact: &Fact<Vec<String>>) -> BTreeSet<String> {
    match fact {
        Fact::Known(names) => names.iter().map(|name| name.to_ascii_lowercase()).collect(),
        Fact::Unknown(_) => BTreeSet::new(),
    }
}

/// Returns true if the changes say how two responses differ.
fn tells(changes: &[&Change], old: &Response, new: &Response) -> bool {
    let has = |wanted: &dyn Fn(&Changed) -> bool| changes.iter().any(|it| wanted(&it.what));
    let (before, after) = (known(&old.expose_headers), known(&new.expose_headers));
    let more: Vec<String> = after.difference(&before).cloned().collect();
    let fewer: Vec<String> = before.difference(&after).cloned().collect();
    let same = |names: &[String], wanted: &[String]| {
        let names: Vec<_> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        names == wanted
    };
    (more.is_empty() || has(&|it| matches!(it, Changed::Readable(names) if same(names, &more))))
        && (fewer.is_empty()
            || has(&|it| matches!(it, Changed::Unreadable(names) if same(names, &fewer))))
        && (old.allow_credentials == new.allow_credentials
            || has(&|it| matches!(it, Changed::Credentials(_))))
        && (old.max_age == new.max_age || has(&|it| matches!(it, Changed::MaxAge(..))))
}

fn check(old: &[Spec], new: &[Spec], is_gcs: bool) -> Result<(), TestCaseError> {
    let (before, after) = (policy(old, is_gcs), policy(new, is_gcs));
    let (Some(before), Some(after)) = (before.policies.first(), after.policies.first()) else {
        return Ok(());
    };
    let (before, after) = (&before.policy, &after.policy);
    let found = difference(before, after, &|_, _, _| false);
    for (lines, from, to) in [
        (&found.newly_allowed, before, after),
        (&found.no_longer_allowed, after, before),
    ] {
        for line in lines {
            let shown = &line.witness;
            let decide = |policy| decide(policy, &shown.origin, &shown.method, &shown.headers);
            prop_assert!(line.is_certain, "{line:?}");
            prop_assert!(is_allowed(&decide(to)), "{line:?}\n{before:?}\n{after:?}");
            prop_assert!(
                !is_allowed(&decide(from)),
                "{line:?}\n{before:?}\n{after:?}"
            );
            prop_assert!(
                covers(line, &shown.origin, &shown.method, &shown.headers),
                "{line:?}"
            );
        }
    }
    for change in &found.changed {
        let shown = &change.witness;
        for policy in [before, after] {
            let decision = decide(policy, &shown.origin, &shown.method, &shown.headers);
            prop_assert!(is_allowed(&decision), "{change:?}");
        }
    }
    for (origin, method, headers) in universe() {
        let headers: Vec<String> = headers.into_iter().map(str::to_owned).collect();
        let then = decide(before, &origin, method, &headers);
        let now = decide(after, &origin, method, &headers);
        let is_told =
            |lines: &[Access]| lines.iter().any(|it| covers(it, &origin, method, &headers));
        let request = (&origin, method, &headers);
        match (&then, &now) {
            (Decision::Allowed(old), Decision::Allowed(new)) => {
                let changes = found.changed.iter().filter(|it| {
                    has_origin(&it.origins, &origin) && it.methods.iter().any(|name| name == method)
                });
                let changes: Vec<_> = changes.collect();
                prop_assert!(
                    tells(&changes, old, new),
                    "{request:?}\n{found:#?}\n{old:?}\n{new:?}"
                );
            }
            _ if is_allowed(&now) => {
                prop_assert!(
                    is_told(&found.newly_allowed),
                    "{request:?} is new\n{found:#?}"
                );
            }
            _ if is_allowed(&then) => {
                prop_assert!(
                    is_told(&found.no_longer_allowed),
                    "{request:?} is gone\n{found:#?}"
                );
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each reported difference has a request that shows it, and each request that is decided differently is
    /// covered by a reported difference.
    #[test]
    fn differences_of_s3_policies_are_proved((old, new) in (rules(false), rules(false))) {
        check(&old, &new, false)?;
    }

    #[test]
    fn differences_of_gcs_policies_are_proved((old, new) in (rules(true), rules(true))) {
        check(&old, &new, true)?;
    }

    /// A policy does not differ from itself, whatever the order of its rules if no request depends on it.
    #[test]
    fn policies_do_not_differ_from_themselves((rules, is_gcs) in (rules(false), Just(false))) {
        let analysis = policy(&rules, is_gcs);
        for located in &analysis.policies {
            let found = difference(&located.policy, &located.policy, &|_, old, new| old == new);
            prop_assert!(found == corslint::matching::Difference::default(), "{found:?}");
        }
    }
}

/// A second proof that safe fixes are safe.
#[test]
fn safe_fixes_make_no_difference_but_for_a_max_age() {
    let mut roots = vec![own_policies()];
    let mut least = 8;
    match corpus() {
        Some(path) => {
            roots.push(path);
            least = 30;
        }
        None => skipped("the real files are not there"),
    }
    let settings = Settings::default();
    let mut fixed_files = 0;
    for entry in roots.iter().flat_map(walkdir::WalkDir::new) {
        let entry = entry.unwrap();
        let name = entry.path().to_str().unwrap();
        let Ok(bytes) = std::fs::read(entry.path()) else {
            continue;
        };
        if !corslint::syntax::is_read(name) {
            continue;
        }
        let mut analysis = analyze(name, bytes, &settings);
        analysis.merge_findings();
        let outcome = fix_all(&analysis, false, &|text| analyze(name, text, &settings));
        let Some(fixed) = outcome.fixed else {
            continue;
        };
        fixed_files += 1;
        for (before, after) in analysis.policies.iter().zip(&fixed.policies) {
            let found = difference(&before.policy, &after.policy, &|_, old, new| old == new);
            assert_eq!(
                (&found.newly_allowed, &found.no_longer_allowed),
                (&vec![], &vec![]),
                "{name}"
            );
            let others = found.changed.iter();
            let mut others = others.filter(|it| !matches!(it.what, Changed::MaxAge(..)));
            assert_eq!(others.next(), None, "{name}");
        }
    }
    assert!(fixed_files >= least, "{fixed_files}");
}

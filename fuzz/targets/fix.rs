//! Any policy through its fixes, and through the check again: safe fixes end, leave nothing behind
//! them that they could mend, and keep every answer; no fix loses a policy.
#![no_main]

use corslint::check::{Checked, check, policies};
use corslint::config::Config;
use corslint::fix;
use corslint::matching::{Answer, Fact, Request, answer};
use corslint::source::Source;
use corslint::syntax;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let before = lint(text);
    if !before.is_policy() {
        return;
    }
    // One pass of all fixes: where it is called better, it is a policy still.
    if let Some((mended, is_better)) = mend(&before, true) {
        let after = lint(&mended);
        assert!(
            !is_better || after.policies() == before.policies(),
            "{mended}"
        );
    }
    let origins = origins(text);
    let answered = answers(text, &origins);
    let mut text = text.to_owned();
    for _ in 0..=fix::MOST_PASSES {
        let Some((mended, is_better)) = mend(&lint(&text), false) else {
            return;
        };
        if !lint(&mended).is_policy() {
            // It was looked at for letters in an entry that went; the command line leaves that fix out.
            assert!(!is_better, "{text}\n{mended}");
            return;
        }
        assert!(is_better, "{text}\n{mended}");
        assert_eq!(answers(&mended, &origins), answered, "{text}\n{mended}");
        text = mended;
    }
    panic!("safe fixes do not end: {text}");
});

fn lint(text: &str) -> Checked {
    check("a.json", text.as_bytes().to_vec(), &Config::default())
}

/// The text after one pass, and whether that is better.
fn mend(checked: &Checked, with_unsafe: bool) -> Option<(String, bool)> {
    let syntax = syntax::by_name("a.json").expect("JSON is a syntax");
    let findings = checked.findings.iter();
    let wanted: Vec<_> = findings
        .filter(|finding| fix::is_wanted(finding, with_unsafe))
        .collect();
    let (text, applied) = fix::apply(&checked.source, syntax, &wanted)?;
    let applied: Vec<_> = applied.into_iter().map(|place| wanted[place]).collect();
    let is_better = fix::is_better(checked, &lint(&text), &applied);
    Some((text, is_better))
}

/// Origins that the policy speaks of, its wildcards filled in, and others.
fn origins(text: &str) -> Vec<String> {
    let source = Source::new("a.json", text);
    let found = policies(&source, &Config::default(), |_, policy, _| {
        let rules = policy.rules.iter();
        let entries = rules.flat_map(|rule| rule.origins.known());
        let entries = entries.map(|entry| entry.value().replace('*', "x"));
        entries.collect::<Vec<_>>()
    });
    let found = found.unwrap_or_default().into_iter().flatten().take(20);
    found.chain(["https://evil.net".to_owned()]).collect()
}

/// What each policy answers to these origins, but for its max age.
fn answers(text: &str, origins: &[String]) -> Vec<String> {
    let source = Source::new("a.json", text);
    let told = policies(&source, &Config::default(), |_, policy, _| {
        let mut told = Vec::new();
        for origin in origins {
            for method in ["GET", "PUT"] {
                for headers in [None, Some("content-type"), Some("x-amz-acl, origin")] {
                    let request = Request {
                        origin: Some(origin),
                        method: "OPTIONS",
                        request_method: Some(method),
                        request_headers: headers,
                    };
                    told.push(match answer(policy, &request) {
                        Answer::Allowed(mut response) => {
                            response.max_age = Fact::Unknown;
                            for list in [
                                &mut response.allow_methods,
                                &mut response.allow_headers,
                                &mut response.expose_headers,
                            ] {
                                if let Fact::Known(list) = list {
                                    list.iter_mut().for_each(|item| item.make_ascii_lowercase());
                                    list.sort();
                                    list.dedup();
                                }
                            }
                            format!("{response:?}")
                        }
                        other => format!("{other:?}"),
                    });
                }
            }
        }
        told.join("\n")
    });
    told.unwrap_or_default()
}

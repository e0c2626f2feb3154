//! A policy through its fixes, and through the analysis again: safe fixes end, leave nothing that they could
//! fix, and keep every decision; no fix loses a policy.

use corslint::analyze::{Analysis, analyze};
use corslint::fix::fix_all;
use corslint::matching::{Decision, Fact, Request, evaluate};
use corslint::settings::Settings;

/// Fixes a text, whose syntax is that of files with this name.
pub fn hold(name: &str, text: &str) {
    let lint = |text: &str| analyze(name, text, &Settings::default());
    let before = lint(text);
    if !before.is_policy() {
        return;
    }
    let recheck = |text: String| lint(&text);
    let all = fix_all(&before, true, &recheck);
    if let Some(fixed) = &all.fixed {
        assert_eq!(fixed.policy_count(), before.policy_count(), "{text}");
    }
    let origins = origins(&before);
    let Some(fixed) = fix_all(&before, false, &recheck).fixed else {
        return;
    };
    let new = fixed.source.text();
    assert_eq!(
        decisions(&fixed, &origins),
        decisions(&before, &origins),
        "{text}\n{new}"
    );
    let again = fix_all(&lint(new), false, &recheck);
    assert!(
        again.fixed.is_none(),
        "safe fixes do not end: {text}\n{new}"
    );
}

/// Origins that the policies name, with their wildcards replaced, and others.
fn origins(analysis: &Analysis) -> Vec<String> {
    let rules = analysis
        .policies
        .iter()
        .flat_map(|located| &located.policy.rules);
    let entries = rules.flat_map(|rule| rule.origins.entries());
    let origins = entries
        .map(|entry| entry.value().replace('*', "x"))
        .take(20);
    origins.chain(["https://evil.net".to_owned()]).collect()
}

/// The decision of each policy for these origins, without max ages.
fn decisions(analysis: &Analysis, origins: &[String]) -> Vec<String> {
    let mut decisions = Vec::new();
    for located in &analysis.policies {
        for origin in origins {
            for method in ["GET", "PUT"] {
                for headers in ["", "content-type", "x-amz-acl, origin"] {
                    let request = Request::preflight(origin, method, headers);
                    decisions.push(match evaluate(&located.policy, &request) {
                        Decision::Allowed(mut response) => {
                            response.max_age = Fact::Known(None);
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
    }
    decisions
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::field::Field;
use crate::matching::{Decision, Mismatch, Refusal, Request, evaluate};
use crate::policy::Rule;
use crate::provider::Method;

pub(super) const LINT: Lint = Lint {
    name: "missing-allowed-headers",
    group: Group::Suspicious,
    level: Level::Warn,
    page: page!("missing_allowed_headers.md"),
    options: &[],
    check: Check::Policy(check),
};

/// The number of rules up to which each is compared with all others. Providers accept at most 100.
const MAX_RULES: usize = 200;

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    if cx.policy.rules.len() > MAX_RULES {
        return;
    }
    for rule in cx.rules().filter(|rule| rule.allowed_headers.is_complete()) {
        for entry in rule.methods.entries() {
            let Some(method) = cx.provider().method(entry.value()).filter(|m| m.uploads) else {
                continue;
            };
            let missing = missing_headers(cx, rule, method);
            if missing.is_empty() || !is_refused(cx, rule, method, &missing) {
                continue;
            }
            let name = match method.http {
                Some(_) => method.name,
                None => "upload",
            };
            let (list, span, label) = match rule.allowed_headers.get() {
                Some(list) => (path(cx), list.span, format!("no {} here", missing[0])),
                None => (
                    path(cx),
                    entry.span(),
                    format!("{name} needs request headers"),
                ),
            };
            let (message, help) = match method.needs_headers {
                [] => (
                    format!(
                        "{name} requests with a Content-Type are refused: {} allows no request headers",
                        cx.rule_name(rule)
                    ),
                    format!("add {list} with {}", cx.provider().uploads.help),
                ),
                ["content-type"] => (
                    format!(
                        "{name} requests with a Content-Type are refused: it is not in {list} of {}",
                        cx.rule_name(rule)
                    ),
                    format!("add {}", cx.provider().uploads.help),
                ),
                _ => (
                    format!(
                        "{name} requests are refused: {list} of {} lacks {}",
                        cx.rule_name(rule),
                        missing.join(", ")
                    ),
                    format!("add {} to {list}", missing.join(", ")),
                ),
            };
            // The finding points to the method that needs the headers.
            let mut finding = findings.at(entry.span(), message).help(help);
            finding = match rule.allowed_headers.get() {
                Some(_) => finding
                    .label(format!("{name} needs it"))
                    .secondary(span, label),
                None => finding.label(label),
            };
            findings.push(finding);
        }
    }
}

/// The dialect's name of the list of allowed headers.
fn path(cx: &LintContext<'_>) -> String {
    let field = match cx.provider().shares_header_list {
        true => Field::ExposedHeaders,
        false => Field::AllowedHeaders,
    };
    cx.policy.dialect.path(field)
}

/// Returns the headers without which an upload fails and that a rule certainly does not allow. Without any
/// allowed header, not even the type of the content can be sent.
fn missing_headers(cx: &LintContext<'_>, rule: &Rule, method: &Method) -> Vec<&'static str> {
    let is_missing = |header: &&&'static str| cx.lacks_header(rule, header);
    match method.needs_headers {
        [] if rule.allowed_headers.entries().next().is_none() => vec!["content-type"],
        needed => needed.iter().filter(is_missing).copied().collect(),
    }
}

/// Returns true if no other rule allows the upload either, from at least one origin for which this rule is
/// the first to be used.
fn is_refused(cx: &LintContext<'_>, rule: &Rule, method: &Method, missing: &[&str]) -> bool {
    // If the entry means every method, use PUT as the upload.
    let http = method.http.unwrap_or("PUT");
    let headers = missing.join(",");
    let mut origins = rule.origins.entries();
    origins.any(|origin| {
        let origin = instance(origin.value());
        let request = Request::preflight(&origin, http, &headers);
        let Decision::Refused(Refusal::NoRule(mismatches)) = evaluate(cx.policy, &request) else {
            return false;
        };
        let is_header = |mismatch: &Mismatch| matches!(mismatch, Mismatch::Header(_));
        mismatches.iter().position(is_header) == Some(rule.index)
    })
}

/// Returns an example origin that the entry matches and that other entries are unlikely to match.
fn instance(entry: &str) -> String {
    match entry {
        "*" | "https" => "https://corslint-instance.invalid".to_owned(),
        entry => entry.replacen('*', "corslint-instance", 1),
    }
}

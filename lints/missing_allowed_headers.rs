use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::policy::{Entry, Rule};
use crate::provider::Provider;

pub(super) const LINT: Lint = Lint {
    name: "missing-allowed-headers",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("missing_allowed_headers.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let uploads = &cx.provider().uploads;
    for rule in cx.rules() {
        let Some(upload) = rule
            .methods
            .entries()
            .find(|method| cx.provider().uploads(method.value()))
        else {
            continue;
        };
        if !lacks_headers(cx.provider(), rule) {
            continue;
        }
        let (span, label) = match rule.allowed_headers.get() {
            Some(list) => (list.span, "no Content-Type here".to_owned()),
            None => (upload.span(), format!("{} needs a header", name(upload))),
        };
        let finding = findings
            .at(span, uploads.message)
            .label(label)
            .help(uploads.help);
        findings.push(finding);
    }
}

fn name(method: &Entry) -> &str {
    match method.value() {
        "*" => "an upload",
        name => name,
    }
}

/// Whether the rule certainly refuses a request with a Content-Type.
fn lacks_headers(provider: &Provider, rule: &Rule) -> bool {
    if !rule.allowed_headers.is_complete() {
        return false;
    }
    let mut headers = rule.allowed_headers.entries();
    match provider.shares_header_list {
        // The list may be there for the sake of responses.
        true => !headers.any(|header| {
            header.value().eq_ignore_ascii_case("content-type") || header.value().contains('*')
        }),
        false => headers.next().is_none(),
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::field::Field;

pub(super) const LINT: Lint = Lint {
    name: "unexposed-etag",
    group: Group::Suspicious,
    level: Level::Note,
    page: page!("unexposed_etag.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let Some(multipart) = cx.provider().uploads.multipart else {
        return;
    };
    // Some tools can't expose headers.
    if cx.policy.dialect.field_key(Field::ExposedHeaders).is_none() {
        return;
    }
    for rule in cx.rules() {
        let mut methods = rule.methods.entries();
        let Some(put) = methods.find(|method| method.value() == multipart) else {
            continue;
        };
        let mut exposed = rule.exposed_headers.entries();
        let is_exposed = exposed.any(|header| header.value().eq_ignore_ascii_case("etag"));
        let is_known = rule.exposed_headers.is_complete() && rule.origins.is_complete();
        if cx.open_origin(rule).is_some() || is_exposed || !is_known {
            continue;
        }
        // If an earlier rule decides all uploads, this list doesn't matter for them.
        if cx.coverage.shadowing_method(rule, multipart).is_some() {
            continue;
        }
        let (span, label) = match rule.exposed_headers.get() {
            Some(list) => (list.span, "no ETag here"),
            None => (put.span(), "multipart uploads need it"),
        };
        let message = format!(
            "{} hides the ETag of uploads, which pages need for multipart uploads",
            cx.rule_name(rule)
        );
        findings.push(findings.at(span, message).label(label).help(format!(
            "add {} to {}",
            cx.quote("ETag"),
            cx.policy.dialect.path(Field::ExposedHeaders)
        )));
    }
}

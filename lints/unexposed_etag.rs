use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::field::Field;

pub(super) const LINT: Lint = Lint {
    name: "unexposed-etag",
    group: Group::Suspicious,
    level: Level::Note,
    page: include_str!("unexposed_etag.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let key = cx.key(Field::ExposedHeaders);
    let Some(multipart) = cx.provider().uploads.multipart else {
        return;
    };
    for rule in cx.rules() {
        let Some(put) = rule
            .methods
            .entries()
            .find(|method| method.value() == multipart)
        else {
            continue;
        };
        let mut origins = rule.origins.entries();
        let is_open = origins.any(|origin| (cx.provider().is_open)(origin.value()));
        let mut exposed = rule.exposed_headers.entries();
        let is_exposed = exposed.any(|header| header.value().eq_ignore_ascii_case("etag"));
        if is_open
            || is_exposed
            || !rule.exposed_headers.is_complete()
            || !rule.origins.is_complete()
        {
            continue;
        }
        let (span, label) = match rule.exposed_headers.get() {
            Some(list) => (list.span, "no ETag here"),
            None => (put.span(), "uploads in parts need it"),
        };
        let finding = findings
            .at(
                span,
                "a page cannot read the ETag of what it uploads, and multipart uploads need it",
            )
            .label(label)
            .help(format!("add \"ETag\" to {key}"));
        findings.push(finding);
    }
}

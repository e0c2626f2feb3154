use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::is_open;
use crate::policy::Provider;

pub(super) const LINT: Lint = Lint {
    name: "unexposed-etag",
    group: Group::Suspicious,
    level: Level::Note,
    page: include_str!("unexposed_etag.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let key = cx.provider().exposed_headers_key();
    for rule in cx.rules() {
        let put = match cx.provider() {
            Provider::S3 | Provider::R2 => "PUT",
            Provider::B2 => "s3_put",
            Provider::Gcs => return,
        };
        let Some(put) = rule.methods.known().find(|method| method.value() == put) else {
            continue;
        };
        let mut origins = rule.origins.known();
        let is_open = origins.any(|origin| is_open(cx.provider(), origin.value()));
        let mut exposed = rule.exposed_headers.known();
        let is_exposed = exposed.any(|header| header.value().eq_ignore_ascii_case("etag"));
        if is_open || is_exposed || !rule.exposed_headers.is_known() || !rule.origins.is_known() {
            continue;
        }
        let (span, label) = match rule.exposed_headers.get() {
            Some(list) => (list.span, "no ETag here"),
            None => (put.span(), "uploads in parts need it"),
        };
        let finding = findings
            .new_at(
                span,
                "a page cannot read the ETag of what it uploads, and multipart uploads need it",
            )
            .label(label)
            .help(format!("add \"ETag\" to {key}"));
        findings.push(finding);
    }
}

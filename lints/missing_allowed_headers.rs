use super::{Check, Context, Findings, Group, Level, Lint};
use crate::policy::{Known, Provider, Rule};

pub(super) const LINT: Lint = Lint {
    name: "missing-allowed-headers",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("missing_allowed_headers.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(upload) = rule
            .methods
            .known()
            .find(|method| uploads(cx.provider(), method.value()))
        else {
            continue;
        };
        if !lacks_headers(cx.provider(), rule) {
            continue;
        }
        let (message, help) = match cx.provider() {
            Provider::Gcs => (
                "an upload with a Content-Type is refused: responseHeader does not list it",
                "add \"Content-Type\", and for resumable uploads \"x-goog-resumable\" and each x-goog-meta-NAME",
            ),
            Provider::B2 => (
                "an upload is refused: this rule allows no request header",
                "add allowedHeaders with what your pages send: authorization, content-type, x-bz-file-name, x-bz-content-sha1, x-bz-info-*; over the S3 API content-type and x-amz-*",
            ),
            Provider::S3 => (
                "an upload with a Content-Type is refused: this rule allows no request header",
                "add AllowedHeaders with what your pages send: content-type, and what is signed, such as x-amz-acl or x-amz-meta-*",
            ),
            Provider::R2 => (
                "an upload with a Content-Type is refused: this rule allows no request header",
                "add allowed.headers with what your pages send: content-type, and what is signed, such as x-amz-meta-*",
            ),
        };
        let (span, label) = match rule.allowed_headers.get() {
            Some(list) => (list.span, "no Content-Type here".to_owned()),
            None => (upload.span(), format!("{} needs a header", name(upload))),
        };
        let finding = findings.new_at(span, message).label(label).help(help);
        findings.push(finding);
    }
}

fn name<'t>(method: Known<'t>) -> &'t str {
    match method.value() {
        "*" => "an upload",
        name => name,
    }
}

/// Whether a method sends a body of which browsers send the type.
fn uploads(provider: Provider, method: &str) -> bool {
    match provider {
        Provider::S3 | Provider::R2 => method == "PUT",
        Provider::Gcs => matches!(method, "PUT" | "POST" | "*"),
        Provider::B2 => matches!(method, "s3_put" | "b2_upload_file" | "b2_upload_part"),
    }
}

/// Whether the rule certainly refuses a request with a Content-Type.
fn lacks_headers(provider: Provider, rule: &Rule<'_>) -> bool {
    if !rule.allowed_headers.is_known() {
        return false;
    }
    let mut headers = rule.allowed_headers.known();
    match provider {
        Provider::Gcs => !headers.any(|header| {
            header.value().eq_ignore_ascii_case("content-type") || header.value().contains('*')
        }),
        Provider::S3 | Provider::R2 | Provider::B2 => headers.next().is_none(),
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};
use crate::policy::Provider;

pub(super) const LINT: Lint = Lint {
    name: "wildcard-header",
    group: Group::Security,
    level: Level::Note,
    page: include_str!("wildcard_header.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let help = match cx.provider() {
        Provider::S3 | Provider::R2 => {
            "a presigned PUT sends content-type, and x-amz-acl, x-amz-meta-* or x-amz-checksum-* where they are signed; the AWS SDK sends authorization, content-type, x-amz-*, amz-sdk-*"
        }
        Provider::B2 => {
            "uploads send authorization, content-type, x-bz-file-name, x-bz-content-sha1, x-bz-info-*; over the S3 API content-type and x-amz-*"
        }
        // What `*` does in its one list of headers is not documented.
        Provider::Gcs => return,
    };
    for rule in cx.rules() {
        let Some(star) = rule
            .allowed_headers
            .known()
            .find(|header| header.value() == "*")
        else {
            continue;
        };
        let finding = findings
            .new_at(star.span(), "this rule allows every request header")
            .label("Authorization too")
            .help(format!("list what your pages send: {help}"));
        findings.push(finding);
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::origin_contains;
use crate::policy::Provider;

pub(super) const LINT: Lint = Lint {
    name: "unlisted-origin",
    group: Group::Project,
    level: Level::Deny,
    page: include_str!("unlisted_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let Some(listed) = &cx.allowed().origins else {
        return;
    };
    // The project's patterns are read by S3's rule, whoever reads the policy.
    let is_listed = |origin: &str| {
        let mut listed = listed.iter();
        listed.any(|pattern| origin_contains(Provider::S3, pattern, origin))
    };
    for rule in cx.rules() {
        for origin in rule.origins.known() {
            let is_wildcards = matches!(origin.value(), "*" | "https");
            if is_listed(origin.value()) || is_wildcards && !cx.is_allowed("wildcard-origin") {
                continue;
            }
            let finding = findings
                .new_at(origin.span(), "this project does not list this origin")
                .label("in none of [allowed] origins")
                .help("remove it, or add it to origins under [allowed] in corslint.toml");
            findings.push(finding);
        }
    }
}

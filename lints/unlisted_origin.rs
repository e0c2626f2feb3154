use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::Entries;
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
    let listed = Entries::new(Provider::S3, listed.iter().map(String::as_str));
    for rule in cx.rules() {
        for origin in rule.origins.known() {
            if listed.contain(origin.value()) {
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

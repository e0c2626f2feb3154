use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::matching::PatternSet;
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "unlisted-origin",
    group: Group::Project,
    level: Level::Deny,
    page: page!("unlisted_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let Some(listed) = &cx.allowed().origins else {
        return;
    };
    // In a project's patterns a `*` matches any characters, whatever the provider of the policy.
    let listed = PatternSet::new(Wildcard::AnyCharacters, listed.iter().map(String::as_str));
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for origin in rule.origins.entries() {
            if listed.covers(origin.value()) {
                continue;
            }
            let finding = findings
                .entry(
                    origin.span(),
                    list.node,
                    ("origin {} is not allowed by this project", origin.value()),
                    (
                        "remove it, or add it to origins under [allowed] in corslint.toml",
                        "",
                    ),
                )
                .label("not in [allowed] origins");
            findings.push(finding);
        }
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};

pub(super) const LINT: Lint = Lint {
    name: "wildcard-origin",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("wildcard_origin.md"),
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(star) = rule.origins.known().find(|origin| origin.value() == "*") else {
            continue;
        };
        let mut finding = findings
            .new_at(star.span(), "any website can use this rule")
            .label("matches every origin");
        let named = rule.origins.known().filter(|origin| origin.value() != "*");
        for origin in named.clone() {
            finding = finding.also(origin.span(), "already let in by \"*\"");
        }
        let finding = finding.help(if named.count() == 0 {
            "list the origins that need access, such as \"https://app.example.com\""
        } else {
            "remove \"*\", so that only the origins named beside it have access"
        });
        findings.push(finding);
    }
}

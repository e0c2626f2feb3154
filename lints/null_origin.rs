use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "null-origin",
    group: Group::Security,
    level: Level::Warn,
    page: page!("null_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let mut origins = rule.origins.entries();
        let Some(origin) = origins.find(|origin| origin.value() == "null") else {
            continue;
        };
        let message = format!(
            "null opens {} to any website: sandboxed iframes send it",
            cx.rule_name(rule)
        );
        findings.push(
            findings
                .at(origin.span(), message)
                .label("local files send it too")
                .help("remove it, and list the origins that need access"),
        );
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "wildcard-write",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("wildcard_write.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(open) = rule
            .origins
            .entries()
            .find(|origin| (cx.provider().is_open)(origin.value()))
        else {
            continue;
        };
        let mut writing = rule
            .methods
            .entries()
            .filter(|method| cx.provider().writes(method.value()));
        let Some(first) = writing.next() else {
            continue;
        };
        let mut finding = findings
            .at(
                first.span(),
                "any website can change objects through this rule",
            )
            .label(match first.value() {
                "*" => "this grants every method".to_owned(),
                method => format!("{method} changes objects"),
            });
        for method in writing {
            finding = finding.secondary(method.span(), "so does this");
        }
        let finding = finding
            .secondary(open.span(), "any website")
            .help("name the sites that upload, or drop the methods that no site uses");
        findings.push(finding);
    }
}

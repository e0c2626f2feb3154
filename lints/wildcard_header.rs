use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "wildcard-header",
    group: Group::Security,
    level: Level::Note,
    page: include_str!("wildcard_header.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let Some(help) = cx.provider().wildcard_header_help else {
        return;
    };
    for rule in cx.rules() {
        let Some(star) = rule
            .allowed_headers
            .entries()
            .find(|header| header.value() == "*")
        else {
            continue;
        };
        let finding = findings
            .at(star.span(), "this rule allows every request header")
            .label("Authorization too")
            .help(format!("list what your pages send: {help}"));
        findings.push(finding);
    }
}

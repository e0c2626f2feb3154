use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "null-origin",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("null_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for origin in rule
            .origins
            .entries()
            .filter(|origin| origin.value() == "null")
        {
            let finding = findings
                .at(
                    origin.span(),
                    "null lets in any website: a sandboxed frame sends it",
                )
                .label("so does any local file")
                .help("remove it, and name the origins that need access");
            findings.push(finding);
        }
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "wildcard-header",
    group: Group::Pedantic,
    level: Level::Allow,
    page: page!("wildcard_header.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let Some(help) = &cx.provider().wildcard_header_help else {
        return;
    };
    for rule in cx.rules() {
        let mut headers = rule.allowed_headers.entries();
        let Some(star) = headers.find(|header| header.value() == "*") else {
            continue;
        };
        let message = format!("{} allows every request header", cx.rule_name(rule));
        findings.push(
            findings
                .at(star.span(), message)
                .label("including Authorization")
                .help(match cx.only_reads(rule) {
                    true => help.reading,
                    false => help.uploading,
                }),
        );
    }
}

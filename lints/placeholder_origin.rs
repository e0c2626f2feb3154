use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::origin::{Placeholder, placeholder};

pub(super) const LINT: Lint = Lint {
    name: "placeholder-origin",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("placeholder_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for (origin, entry) in cx.origins(rule) {
            let Some(Placeholder { part, kind }) = placeholder(entry) else {
                continue;
            };
            let finding = findings
                .entry(
                    origin.at(part),
                    list.node,
                    ("placeholder origin {}", origin.value()),
                    ("write the origin of your own site, or remove it", ""),
                )
                .label(kind);
            findings.push(finding);
        }
    }
}

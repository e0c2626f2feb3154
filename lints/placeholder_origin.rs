use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::origin::{Placeholder, placeholder};

pub(super) const LINT: Lint = Lint {
    name: "placeholder-origin",
    group: Group::Suspicious,
    level: Level::Warn,
    page: page!("placeholder_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        // Without any origin, the rule would be rejected.
        let mut others = cx.origins(rule).iter();
        let has_others = others.any(|(_, entry)| placeholder(entry).is_none());
        let help = match has_others || !rule.origins.is_complete() {
            true => "write the origin of your own site, or remove it",
            false => "write the origin of your own site, or remove the rule",
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
                    (help, ""),
                )
                .label(kind);
            findings.push(finding);
        }
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "undocumented-wildcard",
    group: Group::Suspicious,
    level: Level::Note,
    page: include_str!("undocumented_wildcard.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    if cx.provider().wildcard != Wildcard::Undocumented {
        return;
    }
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let (Some(star), true) = (entry.star(), text != "*") else {
                continue;
            };
            let message = format!(
                "origin {{}} may match nothing: {} documents only a bare *",
                cx.provider()
            );
            let finding = findings
                .entry(
                    origin.at(star..star + 1),
                    list.node,
                    (&message, text),
                    ("list the origins one by one", ""),
                )
                .label("undocumented here");
            findings.push(finding);
        }
    }
}

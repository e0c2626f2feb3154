use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "undocumented-wildcard",
    group: Group::Suspicious,
    level: Level::Note,
    page: page!("undocumented_wildcard.md"),
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
        let known = cx.origins(rule).iter().filter_map(|(origin, entry)| {
            let star = entry.star().filter(|_| origin.value() != "*")?;
            Some((origin.at(star..star + 1), origin.value()))
        });
        let computed = cx.computed_origins(rule).filter_map(|(origin, computed)| {
            let star = computed.star()?;
            Some((origin.at(star..star + 1), origin.value()))
        });
        for (star, text) in known.chain(computed) {
            let message = format!(
                "origin {{}} may match nothing: {} documents only a bare *",
                cx.provider()
            );
            let finding = findings
                .entry(
                    star,
                    list.node,
                    (&message, text),
                    ("list the origins one by one", ""),
                )
                .label("undocumented here");
            findings.push(finding);
        }
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::decided_by;

pub(super) const LINT: Lint = Lint {
    name: "unnecessary-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("unnecessary_method.md"),
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for method in rule.methods.known() {
            let name = method.value();
            let Some(earlier) = decided_by(cx.policy, rule, Some(name)) else {
                continue;
            };
            let mut finding = findings
                .new_at(
                    method.span(),
                    format!(
                        "{name} is never asked of this rule: {} decides it before",
                        earlier.name()
                    ),
                )
                .label(format!("{} allows it to the same origins", earlier.name()));
            let granted = earlier.methods.known().find(|other| other.value() == name);
            if let Some(granted) = granted {
                finding = finding.also(granted.span(), "decided here");
            }
            findings.push(finding.help("remove it here"));
        }
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};
use crate::policy::{Field, Rule};

pub(super) const LINT: Lint = Lint {
    name: "unreachable-rule",
    group: Group::Correctness,
    level: Level::Deny,
    page: include_str!("unreachable_rule.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for (rule, earlier) in cx.dead_rules() {
        let label = match lost(cx, rule)[..] {
            [] => "never asked".to_owned(),
            [one] => format!("its {one} never takes effect"),
            [one, other, ..] => format!("its {one} and {other} never take effect"),
        };
        let finding = findings
            .new_at(
                rule.head,
                format!(
                    "no request reaches this rule: {} decides them all before",
                    earlier.name()
                ),
            )
            .label(label)
            .also(earlier.head, format!("{} comes first", earlier.name()))
            .help(format!("remove it, or put it before {}", earlier.name()));
        findings.push(finding);
    }
}

/// The keys of a dead rule that its author hoped would do something.
fn lost(cx: &Context<'_, '_>, rule: &Rule<'_>) -> Vec<&'static str> {
    let provider = cx.provider();
    let mut lost = Vec::new();
    if rule.exposed_headers.known().next().is_some() {
        lost.push(provider.exposed_headers_key());
    }
    if matches!(rule.max_age, Field::Set(_)) {
        lost.push(provider.max_age_key());
    }
    lost
}

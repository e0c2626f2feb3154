use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::field::Field;
use crate::policy::{Known, Rule};

pub(super) const LINT: Lint = Lint {
    name: "unreachable-rule",
    group: Group::Correctness,
    level: Level::Deny,
    page: include_str!("unreachable_rule.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for (rule, earlier) in cx.unreachable_rules() {
        let label = match lost(cx, rule)[..] {
            [] => "never asked".to_owned(),
            [one] => format!("its {one} never takes effect"),
            [one, other, ..] => format!("its {one} and {other} never take effect"),
        };
        let finding = findings
            .at(
                rule.head,
                format!(
                    "no request reaches this rule: {} decides them all before",
                    earlier.name()
                ),
            )
            .label(label)
            .secondary(earlier.head, format!("{} comes first", earlier.name()))
            .help(format!("remove it, or put it before {}", earlier.name()));
        findings.push(finding);
    }
}

/// The keys of a dead rule that its author hoped would do something.
fn lost(cx: &LintContext<'_>, rule: &Rule) -> Vec<&'static str> {
    let mut lost = Vec::new();
    if rule.exposed_headers.entries().next().is_some() {
        lost.push(cx.key(Field::ExposedHeaders));
    }
    if matches!(rule.max_age, Known::Set(_)) {
        lost.push(cx.key(Field::MaxAge));
    }
    lost
}

use super::context::{join, rule_names};
use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::field::Field;
use crate::policy::{Known, Rule};

pub(super) const LINT: Lint = Lint {
    name: "unreachable-rule",
    group: Group::Correctness,
    level: Level::Deny,
    page: page!("unreachable_rule.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let Some(scope) = cx.policy.rules.first() else {
        return;
    };
    for (rule, earlier) in cx.unreachable_rules() {
        let names = rule_names(earlier);
        let message = format!(
            "{{}} is never used: {names} {} every request that it could match",
            if earlier.len() == 1 {
                "matches"
            } else {
                "match"
            },
        );
        let help = format!("remove it, or move it before {names}");
        let mut finding = findings
            .entry(rule.head, scope.node, (&message, &rule.name()), (&help, ""))
            .label(match lost(cx, rule) {
                lost if lost.is_empty() => "never used".to_owned(),
                lost if lost.len() == 1 => format!("its {} never applies", lost[0]),
                lost => format!("its {} never apply", join(&lost, "and")),
            });
        for index in earlier {
            let earlier = &cx.policy.rules[*index];
            finding = finding.secondary(earlier.head, format!("{} comes first", earlier.name()));
        }
        findings.push(finding);
    }
}

/// The keys of an unreachable rule that affect only its own responses and thus never have an effect.
fn lost(cx: &LintContext<'_>, rule: &Rule) -> Vec<String> {
    let mut lost = Vec::new();
    if rule.exposed_headers.entries().next().is_some() {
        lost.push(cx.key(Field::ExposedHeaders).to_owned());
    }
    if matches!(rule.max_age, Known::Set(_)) {
        lost.push(cx.key(Field::MaxAge).to_owned());
    }
    lost
}

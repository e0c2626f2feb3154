use super::{Check, Findings, Group, Level, Lint, LintContext, OptionKind, OptionSpec};
use crate::field::Field;
use crate::finding::{Change, Safety};
use crate::policy::{Known, MaxAge};
use crate::provider::DefaultMaxAge;

pub(super) const LINT: Lint = Lint {
    name: "missing-max-age",
    group: Group::Efficiency,
    level: Level::Warn,
    page: include_str!("missing_max_age.md"),
    options: &[OptionSpec {
        name: AT_LEAST,
        about: "Report smaller values too, 0 among them; in seconds.",
        kind: OptionKind::Integer { min: 1, max: 86400 },
    }],
    check: Check::Policy(check),
};

const AT_LEAST: &str = "at-least";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let key = cx.key(Field::MaxAge);
    let at_least = cx.number(AT_LEAST);
    let wanted = at_least.unwrap_or(0).max(3600);
    for rule in cx.rules() {
        let finding = match (&rule.max_age, at_least) {
            (Known::Absent, _) => {
                let message = match cx.provider().default_max_age {
                    DefaultMaxAge::Seconds(seconds) => {
                        format!("without {key} browsers ask again after {seconds} seconds")
                    }
                    DefaultMaxAge::Browser => format!(
                        "without {key} it is left to the default how soon browsers ask again"
                    ),
                    // The schema rejects such a rule.
                    DefaultMaxAge::Required => continue,
                };
                let finding = findings
                    .at(rule.head, message)
                    .label(format!("{} sets none", rule.name()))
                    .help(format!("add {}", cx.assign(key, &wanted.to_string())));
                let change = Change::SetField {
                    rule: rule.node,
                    field: Field::MaxAge,
                    number: wanted,
                };
                match rule.accepts_fields {
                    true => finding.fix(format!("add {key}"), Safety::Safe, [change]),
                    false => finding,
                }
            }
            (
                Known::Set(MaxAge {
                    seconds,
                    span,
                    node,
                }),
                Some(at_least),
            ) if *seconds < at_least => findings
                .at(
                    *span,
                    format!("a {key} of {seconds} is less than this project wants"),
                )
                .label(format!("{AT_LEAST} is {at_least}"))
                .help(format!("write {wanted}"))
                .fix(
                    format!("write {wanted}"),
                    Safety::Unsafe,
                    [Change::SetNumber {
                        node: *node,
                        number: wanted,
                    }],
                ),
            _ => continue,
        };
        findings.push(finding);
    }
}

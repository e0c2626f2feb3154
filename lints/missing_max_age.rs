use super::{Check, Context, Findings, Group, Level, Lint, OptionKind, OptionSpec};
use crate::finding::{Change, Safety};
use crate::policy::{Field, MaxAge, Provider};

pub(super) const LINT: Lint = Lint {
    name: "missing-max-age",
    group: Group::Efficiency,
    level: Level::Warn,
    page: include_str!("missing_max_age.md"),
    options: &[OptionSpec {
        name: AT_LEAST,
        about: "Report smaller values too, 0 among them; in seconds.",
        kind: OptionKind::Integer {
            least: 1,
            most: 86400,
        },
    }],
    check: Check::Policy(check),
};

const AT_LEAST: &str = "at-least";

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let key = cx.provider().max_age_key();
    let least = cx.number(AT_LEAST);
    let wanted = least.unwrap_or(0).max(3600);
    for rule in cx.rules() {
        let finding = match (&rule.max_age, least) {
            (Field::Absent, _) => {
                let message = match cx.provider() {
                    Provider::S3 => format!("without {key} browsers ask again after 5 seconds"),
                    Provider::Gcs | Provider::R2 => {
                        format!(
                            "without {key} it is left to the default how soon browsers ask again"
                        )
                    }
                    // B2 refuses such a rule, which the schema says.
                    Provider::B2 => continue,
                };
                let finding = findings
                    .new_at(rule.head, message)
                    .label(format!("{} sets none", rule.name()))
                    .help(format!("add \"{key}\": {wanted}"));
                match rule.node {
                    Some(object) => finding.fix(
                        format!("add {key}"),
                        Safety::Safe,
                        Change::InsertNumber {
                            object,
                            key: key.to_owned(),
                            number: wanted,
                        },
                    ),
                    None => finding,
                }
            }
            (
                Field::Set(MaxAge {
                    seconds,
                    span,
                    node,
                }),
                Some(least),
            ) if *seconds < least => findings
                .new_at(
                    *span,
                    format!("a {key} of {seconds} is less than this project wants"),
                )
                .label(format!("{AT_LEAST} is {least}"))
                .help(format!("write {wanted}"))
                .fix(
                    format!("write {wanted}"),
                    Safety::Unsafe,
                    Change::SetNumber {
                        node: *node,
                        number: wanted,
                    },
                ),
            _ => continue,
        };
        findings.push(finding);
    }
}

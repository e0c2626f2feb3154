use super::{Check, Context, Findings, Group, Level, Lint};
use crate::policy::{Field, Provider};

pub(super) const LINT: Lint = Lint {
    name: "missing-max-age",
    group: Group::Efficiency,
    level: Level::Warn,
    page: include_str!("missing_max_age.md"),
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let key = cx.provider().max_age_key();
    for rule in cx.rules() {
        if rule.max_age != Field::Absent {
            continue;
        }
        let message = match cx.provider() {
            Provider::S3 => format!("without {key} browsers ask again after 5 seconds"),
            Provider::Gcs | Provider::R2 => {
                format!("without {key} it is left to the default how soon browsers ask again")
            }
            // B2 refuses such a rule, which the schema says.
            Provider::B2 => return,
        };
        let finding = findings
            .new_at(rule.head, message)
            .label(format!("{} sets none", rule.name()))
            .help(format!("add \"{key}\": 3600"));
        findings.push(finding);
    }
}

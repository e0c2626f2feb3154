use super::{Check, Findings, Group, Level, Lint, LintContext, OptionKind, OptionSpec};
use crate::field::Field;
use crate::finding::{Change, Safety};
use crate::level::Severity;
use crate::policy::Known;
use crate::provider::DefaultMaxAge;

pub(super) const LINT: Lint = Lint {
    name: "missing-max-age",
    group: Group::Efficiency,
    level: Level::Warn,
    page: page!("missing_max_age.md"),
    options: &[OptionSpec {
        name: AT_LEAST,
        about: "Also report values below this number of seconds, including 0.",
        kind: OptionKind::Integer { min: 1, max: 86400 },
    }],
    check: Check::Policy(check),
};

const AT_LEAST: &str = "at-least";

/// The max age in seconds that browsers use by default (WHATWG Fetch, 'CORS-preflight cache'). A
/// smaller value is worse than no value.
const BROWSER_DEFAULT: i64 = 5;

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let key = cx.key(Field::MaxAge);
    let at_least = cx.number(AT_LEAST);
    let wanted = at_least.unwrap_or(0).max(3600);
    // Without a preflight there is nothing to cache.
    for rule in cx.rules().filter(|rule| cx.is_preflighted(rule)) {
        let finding = match &rule.max_age {
            Known::Absent => {
                let in_rule = match cx.policy.rules.len() {
                    1 => String::new(),
                    _ => format!(" in {}", rule.name()),
                };
                let message = match cx.provider().default_max_age {
                    _ if cx.policy.dialect.absent_max_age_is_zero => format!(
                        "missing {key}{in_rule}: {} writes 0, so browsers do not cache the preflight",
                        cx.policy.dialect.tool
                    ),
                    DefaultMaxAge::Seconds(seconds) => format!(
                        "missing {key}{in_rule}: browsers cache the preflight for only {seconds} seconds"
                    ),
                    DefaultMaxAge::Browser => format!(
                        "missing {key}{in_rule}: how long browsers cache the preflight is undefined"
                    ),
                    // The schema rejects such a rule.
                    DefaultMaxAge::Required => continue,
                };
                let finding = findings
                    .at(rule.head, message)
                    .label(rule.name())
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
            Known::Set(max_age) => {
                let seconds = max_age.seconds;
                let message = match at_least {
                    Some(at_least) if seconds < at_least => {
                        format!("{key} of {seconds} is below this project's minimum of {at_least}")
                    }
                    // Without it, the tool would write 0, which is worse.
                    None if cx.policy.dialect.absent_max_age_is_zero
                        && (1..BROWSER_DEFAULT).contains(&seconds) =>
                    {
                        format!(
                            "{key} of {seconds}: browsers repeat the preflight after {seconds} seconds"
                        )
                    }
                    // 0 is a choice: it turns the cache off.
                    None if (1..BROWSER_DEFAULT).contains(&seconds) => format!(
                        "{key} of {seconds} is less than the {BROWSER_DEFAULT} seconds that browsers use without it"
                    ),
                    _ => continue,
                };
                let change = Change::SetNumber {
                    node: max_age.node,
                    number: wanted,
                };
                let write = format!("write {wanted}");
                findings
                    .at(max_age.span, message)
                    .label(rule.name())
                    .help(write.clone())
                    .fix(write, Safety::Unsafe, [change])
            }
            Known::Unknown(..) => continue,
        };
        findings.push(match cx.only_reads(rule) {
            true => finding.severity(Severity::Note),
            false => finding,
        });
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::field::Field;

pub(super) const LINT: Lint = Lint {
    name: "excessive-max-age",
    group: Group::Efficiency,
    level: Level::Note,
    page: page!("excessive_max_age.md"),
    options: &[],
    check: Check::Policy(check),
};

/// Firefox's cap, the largest of the browsers'.
const MAX: i64 = 86400;

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let key = cx.key(Field::MaxAge);
    for rule in cx.rules().filter(|rule| cx.is_preflighted(rule)) {
        let Some(max_age) = rule.max_age.get().filter(|max_age| max_age.seconds > MAX) else {
            continue;
        };
        let message = format!(
            "{key} of {} is more than any browser honors",
            max_age.seconds
        );
        findings.push(
            findings
                .at(max_age.span, message)
                .label("WebKit caps it at 600, Chromium at 7200, Firefox at 86400")
                .help(format!("write {MAX} or less")),
        );
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};

pub(super) const LINT: Lint = Lint {
    name: "excessive-max-age",
    group: Group::Efficiency,
    level: Level::Note,
    page: include_str!("excessive_max_age.md"),
    options: &[],
    check: Check::Policy(check),
};

/// Firefox's cap, the largest of the browsers'.
const MOST: i64 = 86400;

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let key = cx.provider().max_age_key();
    for rule in cx.rules() {
        let Some(max_age) = rule.max_age.get().filter(|max_age| max_age.seconds > MOST) else {
            continue;
        };
        let finding = findings
            .new_at(
                max_age.span,
                format!("no browser honours a {key} above {MOST}"),
            )
            .label("Chromium keeps 7200, Firefox 86400, WebKit 600")
            .help(format!("write {MOST} or less"));
        findings.push(finding);
    }
}

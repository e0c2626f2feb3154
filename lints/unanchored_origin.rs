use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;
use crate::origin::{Breadth, breadth, registrable};

pub(super) const LINT: Lint = Lint {
    name: "unanchored-origin",
    group: Group::Security,
    level: Level::Deny,
    page: include_str!("unanchored_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let Some(Breadth::Unanchored(theirs)) = breadth(cx.provider(), entry) else {
                continue;
            };
            let Some(star) = text.find('*') else {
                continue;
            };
            let (before, after) = (&text[..star], &text[star + 1..]);
            let is_prefix = before.is_empty() || before.ends_with("://") || before.ends_with('.');
            let host = after.split(':').next().unwrap_or_default();
            let finding = findings
                .at(
                    origin.at(star..star + 1),
                    "others can register names that match this origin",
                )
                .label(format!("also matches {theirs}"));
            let finding = if is_prefix && registrable(host) == Some(host) {
                finding
                    .help(format!(
                        "write \"{before}*.{after}\" for the names below {host}; {theirs} gets in today"
                    ))
                    .fix("add the dot", Safety::Unsafe, origin.replace(star..star + 1, "*."))
            } else {
                finding.help(format!("write the whole host; {theirs} gets in today"))
            };
            findings.push(finding);
        }
    }
}

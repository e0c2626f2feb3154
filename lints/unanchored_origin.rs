use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;
use crate::origin::{Breadth, breadth, registrable};

pub(super) const LINT: Lint = Lint {
    name: "unanchored-origin",
    group: Group::Security,
    level: Level::Deny,
    page: page!("unanchored_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let (Some(Breadth::Unanchored(theirs)), Some(star)) =
                (breadth(cx.provider(), entry), entry.star())
            else {
                continue;
            };
            let (before, after) = (&text[..star], &text[star + 1..]);
            let is_prefix = before.is_empty() || before.ends_with("://") || before.ends_with('.');
            let host = after.split(':').next().unwrap_or_default();
            let fixed = (is_prefix && registrable(host) == Some(host))
                .then(|| format!("{before}*.{after}"));
            let quoted = fixed.as_deref().map(|fixed| cx.quote(fixed));
            let help = match &quoted {
                Some(fixed) => ("write {} to match subdomains only", fixed.as_str()),
                None => ("write the whole host", ""),
            };
            let finding = findings
                .entry(
                    origin.at(star..star + 1),
                    list.node,
                    (
                        "origin {} also matches domains that others can register",
                        text,
                    ),
                    help,
                )
                .label(format!("also matches {theirs}"));
            findings.push(match fixed {
                Some(_) => {
                    let change = origin.replace(star..star + 1, "*.");
                    finding.fix("add the dot", Safety::Unsafe, change)
                }
                None => finding,
            });
        }
    }
}

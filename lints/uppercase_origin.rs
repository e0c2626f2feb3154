use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;

pub(super) const LINT: Lint = Lint {
    name: "uppercase-origin",
    group: Group::Correctness,
    level: Level::Note,
    page: page!("uppercase_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

const MESSAGE: &str = "upper-case letters in origin {}: browsers send it in lower case";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let has_upper = |part: &str| part.bytes().any(|byte| byte.is_ascii_uppercase());
            let part = if has_upper(&text[entry.scheme_range()]) {
                entry.scheme_range()
            } else if entry.is_http_family() && has_upper(entry.host()) {
                entry.host.clone()
            } else {
                continue;
            };
            let lower = text.to_ascii_lowercase();
            let is_listed = cx.lists_origin(rule, &lower);
            let quoted = cx.quote(&lower);
            let help = match is_listed {
                true => ("remove it: {} is in the list already", quoted.as_str()),
                false => ("write {}", quoted.as_str()),
            };
            let finding = findings
                .entry(origin.at(part), list.node, (MESSAGE, text), help)
                .label("an exact comparison fails");
            findings.push(match is_listed {
                true => finding.fix("remove it", Safety::Unsafe, origin.remove()),
                false => finding.fix(
                    "write it in lower case",
                    Safety::Unsafe,
                    origin.rewrite(lower),
                ),
            });
        }
        for (origin, computed) in cx.computed_origins(rule) {
            let parts = computed.uppercase();
            let Some(first) = parts.first() else {
                continue;
            };
            let lower = parts.iter().map(|part| {
                let lower = origin.value()[part.clone()].to_ascii_lowercase();
                origin.replace(part.clone(), lower)
            });
            let lower: Vec<_> = lower.collect();
            let message = (MESSAGE, origin.value());
            let help = ("write it in lower case", "");
            let finding = findings
                .entry(origin.at(first.clone()), list.node, message, help)
                .label("an exact comparison fails")
                .fix("write it in lower case", Safety::Unsafe, lower);
            findings.push(finding);
        }
    }
}

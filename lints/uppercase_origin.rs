use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;

pub(super) const LINT: Lint = Lint {
    name: "uppercase-origin",
    group: Group::Correctness,
    level: Level::Note,
    page: include_str!("uppercase_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let has_upper = |part: &str| part.contains(|c: char| c.is_ascii_uppercase());
            let (part, what) = if has_upper(&text[entry.scheme_range()]) {
                (entry.scheme_range(), "scheme")
            } else if entry.is_http_family() && has_upper(entry.host()) {
                (entry.host.clone(), "host")
            } else {
                continue;
            };
            let finding = findings
                .at(
                    origin.at(part),
                    format!("browsers send the {what} in lower case"),
                )
                .label("an exact comparison fails")
                .help(format!("write \"{}\"", text.to_ascii_lowercase()))
                .fix(
                    "write it in lower case",
                    Safety::Unsafe,
                    origin.rewrite(text.to_ascii_lowercase()),
                );
            findings.push(finding);
        }
    }
}

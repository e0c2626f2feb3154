use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::{is_open, writes};

pub(super) const LINT: Lint = Lint {
    name: "wildcard-write",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("wildcard_write.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let is_open = |origin: &str| is_open(cx.provider(), origin);
        let Some(open) = rule.origins.known().find(|origin| is_open(origin.value())) else {
            continue;
        };
        let mut writing = rule
            .methods
            .known()
            .filter(|method| writes(cx.provider(), method.value()));
        let Some(first) = writing.next() else {
            continue;
        };
        let mut finding = findings
            .new_at(
                first.span(),
                "any website can change objects through this rule",
            )
            .label(match first.value() {
                "*" => "this grants every method".to_owned(),
                method => format!("{method} changes objects"),
            });
        for method in writing {
            finding = finding.also(method.span(), "so does this");
        }
        let finding = finding
            .also(open.span(), "any website")
            .help("name the sites that upload, or drop the methods that no site uses");
        findings.push(finding);
    }
}

use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::is_open;

pub(super) const LINT: Lint = Lint {
    name: "every-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("every_method.md"),
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.methods.get() else {
            continue;
        };
        let all = cx.provider().methods();
        let grants_all = all.iter().all(|method| rule.methods.has(method));
        // To every website it is wildcard-write's.
        let is_open = rule
            .origins
            .known()
            .any(|origin| is_open(cx.provider(), origin.value()));
        if !grants_all || is_open || !rule.origins.is_known() {
            continue;
        }
        let finding = findings
            .new_at(
                list.span,
                format!("this rule grants every method that {} has", cx.provider()),
            )
            .label(format!("all {} of them", all.len()))
            .help("keep the methods that these origins use: GET and HEAD to read, PUT or POST to upload, DELETE to delete");
        findings.push(finding);
    }
}

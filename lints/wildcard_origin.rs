use super::{Check, Context, Findings, Group, Level, Lint};
use crate::policy::Provider;

pub(super) const LINT: Lint = Lint {
    name: "wildcard-origin",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("wildcard_origin.md"),
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    // B2 has a word for every HTTPS origin.
    let matches_all =
        |origin: &str| origin == "*" || cx.provider() == Provider::B2 && origin == "https";
    for rule in cx.rules() {
        let all = rule
            .origins
            .known()
            .find(|origin| matches_all(origin.value()));
        let Some(all) = all else {
            continue;
        };
        let (message, label) = match all.value() {
            "*" => ("any website can use this rule", "matches every origin"),
            _ => (
                "any HTTPS website can use this rule",
                "matches every HTTPS origin",
            ),
        };
        let mut finding = findings.new_at(all.span(), message).label(label);
        let is_covered = |origin: &str| {
            !matches_all(origin) && (all.value() == "*" || origin.starts_with("https:"))
        };
        let named = rule
            .origins
            .known()
            .filter(|origin| is_covered(origin.value()));
        for origin in named.clone() {
            finding = finding.also(
                origin.span(),
                format!("already let in by \"{}\"", all.value()),
            );
        }
        let finding = finding.help(if named.count() == 0 {
            "list the origins that need access, such as \"https://app.example.com\"".to_owned()
        } else {
            format!(
                "remove \"{}\", so that only the origins named beside it have access",
                all.value()
            )
        });
        findings.push(finding);
    }
}

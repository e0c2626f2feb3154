use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "wildcard-origin",
    group: Group::Security,
    level: Level::Note,
    page: page!("wildcard_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let every_https = cx.provider().every_https_origin;
    let matches_all = |origin: &str| origin == "*" || Some(origin) == every_https;
    for rule in cx.rules() {
        let mut origins = rule.origins.entries();
        let Some(all) = origins.find(|origin| matches_all(origin.value())) else {
            continue;
        };
        let (any, label) = match all.value() {
            "*" => ("any website", "matches every origin"),
            _ => ("any HTTPS website", "matches every HTTPS origin"),
        };
        let message = format!("{any} can use {}", cx.rule_name(rule));
        let mut finding = findings.at(all.span(), message).label(label);
        let mut is_restricted = false;
        for (origin, entry) in cx.origins(rule) {
            let is_covered = all.value() == "*" || origin.value().starts_with("https:");
            if matches_all(origin.value()) || !is_covered {
                continue;
            }
            is_restricted |= cx.is_public(entry);
            let label = format!("already allowed by {}", cx.quote(all.value()));
            finding = finding.secondary(origin.span(), label);
        }
        let help = match is_restricted {
            true => format!(
                "remove {} to allow only the origins that are listed next to it",
                cx.quote(all.value())
            ),
            false => format!(
                "list the origins that need access, such as {}",
                cx.quote("https://app.example.com")
            ),
        };
        findings.push(finding.help(help));
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext, OptionKind, OptionSpec};
use crate::policy::Rule;
use crate::provider::Provider;

pub(super) const LINT: Lint = Lint {
    name: "wildcard-origin",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("wildcard_origin.md"),
    options: &[OptionSpec {
        name: READ_ONLY,
        about: "\"allow\" accepts it on rules that only read.",
        kind: OptionKind::Word(&["allow"]),
    }],
    check: Check::Policy(check),
};

const READ_ONLY: &str = "read-only";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let matches_all =
        |origin: &str| origin == "*" || Some(origin) == cx.provider().every_https_origin;
    for rule in cx.rules() {
        let all = rule
            .origins
            .entries()
            .find(|origin| matches_all(origin.value()));
        let Some(all) = all else {
            continue;
        };
        if cx.is_set(READ_ONLY, "allow") && only_reads(cx.provider(), rule) {
            continue;
        }
        let (message, label) = match all.value() {
            "*" => ("any website can use this rule", "matches every origin"),
            _ => (
                "any HTTPS website can use this rule",
                "matches every HTTPS origin",
            ),
        };
        let mut finding = findings.at(all.span(), message).label(label);
        let is_covered = |origin: &str| {
            !matches_all(origin) && (all.value() == "*" || origin.starts_with("https:"))
        };
        let named = rule
            .origins
            .entries()
            .filter(|origin| is_covered(origin.value()));
        for origin in named.clone() {
            finding = finding.secondary(
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

/// Whether every method is known, and none changes objects.
fn only_reads(provider: &Provider, rule: &Rule) -> bool {
    let mut methods = rule.methods.entries();
    rule.methods.is_complete() && !methods.any(|method| provider.writes(method.value()))
}

use super::{Check, Context, Findings, Group, Level, Lint, OptionKind, OptionSpec};
use crate::matching::writes;
use crate::policy::{Provider, Rule};

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

/// Whether every method is known, and none changes objects.
fn only_reads(provider: Provider, rule: &Rule<'_>) -> bool {
    let mut methods = rule.methods.known();
    rule.methods.is_known() && !methods.any(|method| writes(provider, method.value()))
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;
use crate::origin::OriginPattern;
use crate::policy::Rule;

pub(super) const LINT: Lint = Lint {
    name: "local-origin",
    group: Group::Security,
    level: Level::Note,
    page: page!("local_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let provider = cx.provider();
    let is_development = |entry: &OriginPattern<'_>| {
        matches!(entry.scheme(), Some("http" | "https")) && entry.is_local()
    };
    let mut origins = cx.policy.rules.iter().flat_map(|rule| cx.origins(rule));
    if !origins.any(|(_, entry)| is_development(entry)) {
        return;
    }
    // A rule for every website counts as public.
    let mut public_rules = cx.policy.rules.iter().filter(|rule| {
        let mut origins = cx.origins(rule).iter();
        cx.open_origin(rule).is_some() || origins.any(|(_, entry)| cx.is_public(entry))
    });
    let Some(scope) = public_rules.next().and_then(|_| cx.policy.rules.first()) else {
        return;
    };
    for rule in cx.rules() {
        // An origin next to a bare `*` adds nothing.
        if rule.origins.has("*")
            || provider
                .every_https_origin
                .is_some_and(|e| rule.origins.has(e))
        {
            continue;
        }
        let mut origins = cx.origins(rule).iter();
        let has_public = origins.any(|(_, entry)| cx.is_public(entry));
        // Without any origin, the rule would be rejected.
        let is_whole_rule = cx
            .origins(rule)
            .iter()
            .all(|(_, entry)| is_development(entry))
            && rule.origins.is_complete();
        let help = match is_whole_rule {
            true => "remove the rule, or move it to the policy of a development bucket",
            false => "remove it, or move it to the policy of a development bucket",
        };
        for (origin, entry) in cx.origins(rule) {
            if !is_development(entry) || is_app_origin(rule, origin.value()) {
                continue;
            }
            let finding = findings
                .entry(
                    origin.span(),
                    scope.node,
                    (
                        "development origin {} in a policy that also allows public origins",
                        origin.value(),
                    ),
                    (help, ""),
                )
                .label(machine(entry));
            // Without a public origin, the list would be empty.
            findings.push(match has_public {
                true => finding.fix("remove it", Safety::Unsafe, origin.remove()),
                false => finding,
            });
        }
    }
}

/// Returns true for `http://localhost` or `https://localhost` next to an origin that shows that an app sends
/// it (Capacitor, Ionic).
fn is_app_origin(rule: &Rule, origin: &str) -> bool {
    let twin = match origin {
        "http://localhost" => "https://localhost",
        "https://localhost" => "http://localhost",
        _ => return false,
    };
    ["capacitor://localhost", "ionic://localhost", twin]
        .iter()
        .any(|sign| rule.origins.has(sign))
}

/// Describes the machine that an origin refers to, for messages.
fn machine(entry: &OriginPattern<'_>) -> &'static str {
    let is_loopback = entry.address().is_some_and(|address| address.is_loopback());
    match is_loopback || entry.host().eq_ignore_ascii_case("localhost") {
        true => "served from the visitor's own machine",
        false => "served from the visitor's own network",
    }
}

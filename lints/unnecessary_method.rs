use super::context::rule_names;
use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::document::NodeId;
use crate::finding::{Diagnostic, Safety};
use crate::level::Severity;
use crate::matching::allowing_entry;
use crate::policy::{Entry, Rule};

pub(super) const LINT: Lint = Lint {
    name: "unnecessary-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: page!("unnecessary_method.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.methods.get() else {
            continue;
        };
        for method in rule.methods.entries() {
            let finding = ineffective(cx, list.node, method, findings)
                .or_else(|| unlisted(cx, list.node, method, findings))
                .or_else(|| decided_earlier(cx, rule, list.node, method, findings));
            let fixed = finding.map(|finding| {
                let finding = finding.fix("remove it", Safety::Unsafe, method.remove());
                finding.relies_on_others()
            });
            findings.found.extend(fixed);
        }
    }
}

/// Reports a method that the provider accepts although allowing it has no effect: harmless, so a note.
fn ineffective(
    cx: &LintContext<'_>,
    list: NodeId,
    method: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let mut known = cx.provider().ineffective_methods.iter();
    let known = known.find(|known| known.name == method.value())?;
    let message = format!("allowing {{}} has no effect: {}", known.reason);
    let finding = findings
        .entry(
            method.span(),
            list,
            (&message, method.value()),
            ("remove it", ""),
        )
        .label("no effect");
    Some(finding.severity(Severity::Note))
}

/// Reports a method that is not among those that the project needs. An entry that means every method
/// is left to `every-method`.
fn unlisted(
    cx: &LintContext<'_>,
    list: NodeId,
    method: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let listed = cx.allowed().methods.as_ref()?;
    let name = cx.provider().http_method(method.value())?;
    if Some(name) == cx.provider().every_method || listed.iter().any(|listed| listed == name) {
        return None;
    }
    Some(
        findings
            .entry(
                method.span(),
                list,
                ("{} is not needed by this project", method.value()),
                (
                    "remove it, or add it to methods under [allowed] in corslint.toml",
                    "",
                ),
            )
            .label("not in [allowed] methods"),
    )
}

/// Reports a method for which the rule is never used.
fn decided_earlier(
    cx: &LintContext<'_>,
    rule: &Rule,
    list: NodeId,
    method: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let name = method.value();
    let earlier = cx.coverage.shadowing_method(rule, name)?;
    let message = format!(
        "rule {} is never used for {{}}: {} {} first",
        rule.index + 1,
        rule_names(&earlier),
        if earlier.len() == 1 {
            "matches"
        } else {
            "match"
        },
    );
    let mut finding = findings
        .entry(
            method.span(),
            list,
            (&message, name),
            ("remove it here", ""),
        )
        .label("never used");
    for index in earlier {
        if let Some(entry) = allowing_entry(cx.provider(), &cx.policy.rules[index], name) {
            finding = finding.secondary(entry.span(), "matches first");
        }
    }
    Some(finding)
}

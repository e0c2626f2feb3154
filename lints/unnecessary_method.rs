use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::{Diagnostic, Safety};
use crate::matching::allowing_entry;
use crate::policy::{Entry, Rule};

pub(super) const LINT: Lint = Lint {
    name: "unnecessary-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("unnecessary_method.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for method in rule.methods.entries() {
            let finding = never_sent(cx, method, findings)
                .or_else(|| unlisted(cx, method, findings))
                .or_else(|| decided_earlier(cx, rule, method, findings));
            let fixed =
                finding.map(|finding| finding.fix("remove it", Safety::Unsafe, method.remove()));
            findings.found.extend(fixed);
        }
    }
}

/// Reports a method that the provider accepts although allowing it has no effect.
fn never_sent(cx: &LintContext<'_>, method: &Entry, findings: &Findings) -> Option<Diagnostic> {
    let mut ineffective = cx.provider().ineffective_methods.iter();
    let known = ineffective.find(|known| known.name == method.value())?;
    let finding = findings.at(method.span(), known.message).label(known.label);
    Some(finding.help("remove it"))
}

/// A method that is not among those that the project's front ends need. GCS's `*` is `every-method`'s.
fn unlisted(cx: &LintContext<'_>, method: &Entry, findings: &Findings) -> Option<Diagnostic> {
    let listed = cx.allowed().methods.as_ref()?;
    let granted = method.value();
    let name = cx.provider().http_method(granted).unwrap_or(granted);
    if Some(name) == cx.provider().every_method || listed.iter().any(|listed| listed == name) {
        return None;
    }
    let finding = findings
        .at(
            method.span(),
            format!("this project does not need {granted}"),
        )
        .label("not among [allowed] methods")
        .help("remove it, or add it to methods under [allowed] in corslint.toml");
    Some(finding)
}

fn decided_earlier(
    cx: &LintContext<'_>,
    rule: &Rule,
    method: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let name = method.value();
    let earlier = cx.decided_by(rule, name)?;
    let message = format!(
        "{name} is never asked of this rule: {} decides it before",
        earlier.name()
    );
    let mut finding = findings
        .at(method.span(), message)
        .label(format!("{} allows it to the same origins", earlier.name()));
    if let Some(entry) = allowing_entry(cx.provider(), earlier, name) {
        finding = finding.secondary(entry.span(), "decided here");
    }
    Some(finding.help("remove it here"))
}

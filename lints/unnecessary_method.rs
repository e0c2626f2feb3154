use super::{Check, Context, Findings, Group, Level, Lint};
use crate::finding::{Finding, Safety};
use crate::matching::{b2_method, granted};
use crate::policy::{Known, Provider, Rule};

pub(super) const LINT: Lint = Lint {
    name: "unnecessary-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("unnecessary_method.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for method in rule.methods.known() {
            let finding = never_sent(cx, method, findings)
                .or_else(|| unlisted(cx, method, findings))
                .or_else(|| decided(cx, rule, method, findings));
            let fixed =
                finding.map(|finding| finding.fix("remove it", Safety::Unsafe, method.remove()));
            findings.found.extend(fixed);
        }
    }
}

/// GCS takes methods that do nothing there: it answers preflights itself, and browsers refuse to send
/// the other two (Fetch, 'forbidden method').
fn never_sent(cx: &Context<'_, '_>, method: Known<'_>, findings: &Findings) -> Option<Finding> {
    if cx.provider() != Provider::Gcs {
        return None;
    }
    let name = method.value();
    let (message, label) = match name {
        "OPTIONS" => (
            "GCS answers OPTIONS itself, and no rule needs to grant it",
            "a preflight asks for another method",
        ),
        "CONNECT" | "TRACE" => (
            "no browser sends this method from a page",
            "forbidden to scripts",
        ),
        _ => return None,
    };
    let finding = findings.new_at(method.span(), message).label(label);
    Some(finding.help("remove it"))
}

/// A method that is not among those that the project's front ends need. GCS's `*` is `every-method`'s.
fn unlisted(cx: &Context<'_, '_>, method: Known<'_>, findings: &Findings) -> Option<Finding> {
    let listed = cx.allowed().methods.as_ref()?;
    let granted = method.value();
    let name = b2_method(granted).unwrap_or(granted);
    if name == "*" || listed.iter().any(|listed| listed == name) {
        return None;
    }
    let finding = findings
        .new_at(
            method.span(),
            format!("this project does not need {granted}"),
        )
        .label("not among [allowed] methods")
        .help("remove it, or add it to methods under [allowed] in corslint.toml");
    Some(finding)
}

fn decided(
    cx: &Context<'_, '_>,
    rule: &Rule<'_>,
    method: Known<'_>,
    findings: &Findings,
) -> Option<Finding> {
    let name = method.value();
    let earlier = cx.decides_before(rule, name)?;
    let message = format!(
        "{name} is never asked of this rule: {} decides it before",
        earlier.name()
    );
    let mut finding = findings
        .new_at(method.span(), message)
        .label(format!("{} allows it to the same origins", earlier.name()));
    if let Some(granted) = granted(earlier, name) {
        finding = finding.also(granted.span(), "decided here");
    }
    Some(finding.help("remove it here"))
}

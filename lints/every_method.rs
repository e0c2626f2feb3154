use super::{Check, Findings, Group, Level, Lint, LintContext};

pub(super) const LINT: Lint = Lint {
    name: "every-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("every_method.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.methods.get() else {
            continue;
        };
        let star = rule
            .methods
            .entries()
            .find(|method| Some(method.value()) == cx.provider().every_method);
        let mut sets = cx.provider().method_sets.iter();
        let complete = sets.find(|set| set.methods.iter().all(|method| rule.methods.has(method)));
        let (span, label) = match (star, complete) {
            (Some(star), _) => (star.span(), "\"*\" is every method".to_owned()),
            (None, Some(set)) => (list.span, format!("all {} of them", set.methods.len())),
            (None, None) => continue,
        };
        let Some(set) = complete.or(cx.provider().method_sets.first()) else {
            continue;
        };
        // To every website it is wildcard-write's.
        let is_open = rule
            .origins
            .entries()
            .any(|origin| (cx.provider().is_open)(origin.value()));
        // What is needed is said: then unnecessary-method speaks, of each that is not.
        let is_judged = star.is_none() && cx.allowed().methods.is_some();
        if is_judged || is_open || !rule.origins.is_complete() {
            continue;
        }
        let finding = findings
            .at(span, format!("this rule grants {}", set.description))
            .label(label)
            .help(cx.provider().narrow_methods);
        findings.push(finding);
    }
}

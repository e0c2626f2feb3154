use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::provider::MethodSet;

pub(super) const LINT: Lint = Lint {
    name: "every-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: page!("every_method.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let provider = cx.provider();
    for rule in cx.rules() {
        let Some(list) = rule.methods.get() else {
            continue;
        };
        // Rules open to every website belong to `wildcard-write`.
        if cx.open_origin(rule).is_some() || !rule.origins.is_complete() {
            continue;
        }
        let mut methods = rule.methods.entries();
        let every = methods.find(|method| Some(method.value()) == provider.every_method);
        let (span, message) = match every {
            Some(every) => {
                let message = format!("{} allows every method", cx.rule_name(rule));
                (every.span(), message)
            }
            // With [allowed] methods, `unnecessary-method` reports each that is not needed.
            None if cx.allowed().methods.is_some() => continue,
            None => {
                let mut sets = provider.method_sets.iter();
                let is_complete =
                    |set: &&MethodSet| set.methods.iter().all(|m| rule.methods.has(m));
                let Some(set) = sets.find(is_complete) else {
                    continue;
                };
                let message = format!(
                    "{} allows {}: {}",
                    cx.rule_name(rule),
                    set.description,
                    set.methods.join(", ")
                );
                (list.span, message)
            }
        };
        let mut origins = cx.origins(rule).iter();
        if !origins.any(|(_, entry)| cx.is_public(entry)) {
            continue;
        }
        findings.push(
            findings
                .at(span, message)
                .label("all of them")
                .help(provider.narrow_methods),
        );
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::provider::MethodSet;

pub(super) const LINT: Lint = Lint {
    name: "every-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("every_method.md"),
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
        let mut origins = cx.origins(rule).iter();
        let has_public = origins.any(|(_, entry)| cx.is_public(entry));
        if cx.open_origin(rule).is_some() || !rule.origins.is_complete() || !has_public {
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
        findings.push(
            findings
                .at(span, message)
                .label("copied rather than chosen?")
                .help(provider.narrow_methods),
        );
    }
}

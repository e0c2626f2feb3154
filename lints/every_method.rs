use super::{Check, Context, Findings, Group, Level, Lint};
use crate::matching::is_open;
use crate::policy::Provider;

pub(super) const LINT: Lint = Lint {
    name: "every-method",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("every_method.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.methods.get() else {
            continue;
        };
        let star = rule.methods.known().find(|method| method.value() == "*");
        let families = cx.provider().all_methods().iter();
        let mut whole =
            families.filter(|family| family.iter().all(|method| rule.methods.has(method)));
        let (span, label) = match (star, whole.next()) {
            (Some(star), _) => (star.span(), "\"*\" is every method".to_owned()),
            (None, Some(family)) => (list.span, format!("all {} of them", family.len())),
            (None, None) => continue,
        };
        // To every website it is wildcard-write's.
        let is_open = rule
            .origins
            .known()
            .any(|origin| is_open(cx.provider(), origin.value()));
        // What is needed is said: then unnecessary-method speaks, of each that is not.
        let is_judged = star.is_none() && cx.allowed().methods.is_some();
        if is_judged || is_open || !rule.origins.is_known() {
            continue;
        }
        let (every, help) = match cx.provider() {
            Provider::B2 => (
                "every operation of one kind that B2 has".to_owned(),
                "keep the operations that these origins use: those to download, or those to upload",
            ),
            provider => (
                match provider {
                    Provider::Gcs => "every method that pages use".to_owned(),
                    _ => format!("every method that {provider} has"),
                },
                "keep the methods that these origins use: GET and HEAD to read, PUT or POST to upload, DELETE to delete",
            ),
        };
        let finding = findings
            .new_at(span, format!("this rule grants {every}"))
            .label(label)
            .help(help);
        findings.push(finding);
    }
}

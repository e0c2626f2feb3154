use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::origin::{Breadth, OriginPattern, breadth};

pub(super) const LINT: Lint = Lint {
    name: "overbroad-origin",
    group: Group::Security,
    level: Level::Warn,
    page: page!("overbroad_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for (origin, entry) in cx.origins(rule) {
            let (message, label, help) = match breadth(cx.provider(), entry) {
                Some(Breadth::Scheme) => (
                    format!("origin {{}} matches any {}", kind(entry)),
                    "not restricted to any site".to_owned(),
                    format!(
                        "list the origins that need access, such as {}",
                        cx.quote("https://app.example.com")
                    ),
                ),
                Some(Breadth::Registry(suffix)) => (
                    format!("origin {{}} matches every site below {suffix}"),
                    format!("anyone can register a domain below {suffix}"),
                    "list the domains that need access".to_owned(),
                ),
                Some(Breadth::SharedHosting(suffix)) => (
                    format!("origin {{}} matches other customers' sites on {suffix}"),
                    format!("anyone can get a subdomain of {suffix}"),
                    "list the full names of your own sites".to_owned(),
                ),
                Some(Breadth::Unanchored(_)) | None => continue,
            };
            let help = match cx.provider().response.echoes_origin {
                true => format!(
                    "{help}; {} allows credentials for every entry except a bare *",
                    cx.provider()
                ),
                false => help,
            };
            let finding = findings.entry(
                origin.span(),
                list.node,
                (&message, origin.value()),
                (&help, ""),
            );
            findings.push(finding.label(label));
        }
    }
}

/// Who is allowed by a pattern that matches a whole scheme.
fn kind(entry: &OriginPattern<'_>) -> &'static str {
    match entry.scheme() {
        Some("https") => "HTTPS website",
        Some(scheme) if scheme.ends_with("-extension") => "browser extension",
        Some("http") => "http:// website",
        Some(_) => "app with this scheme",
        None => "website",
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::origin::{Breadth, OriginPattern, breadth};

pub(super) const LINT: Lint = Lint {
    name: "overbroad-origin",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("overbroad_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let (message, label, help) = match breadth(cx.provider(), entry) {
                Some(Breadth::Scheme) => (
                    format!("any {} can use this rule", who(entry)),
                    "no restriction".to_owned(),
                    "list the origins that need access, such as \"https://app.example.com\""
                        .to_owned(),
                ),
                Some(Breadth::Registry(suffix)) => (
                    format!("anybody can register a name below {suffix}"),
                    format!("matches every site below {suffix}"),
                    format!(
                        "name the domain, as in \"{}\"",
                        text.replace('*', "*.example")
                    ),
                ),
                Some(Breadth::SharedHosting(suffix)) => (
                    format!("anybody can get a name below {suffix}"),
                    format!("matches sites of other customers of {suffix}"),
                    "list the full names of your own sites there".to_owned(),
                ),
                Some(Breadth::Unanchored(_)) | None => continue,
            };
            let mut finding = findings.at(origin.span(), message).label(label);
            if cx.provider().response.echoes_origin {
                let credentials = "S3 answers any entry but the lone * with credentials allowed";
                finding = finding.help(format!("{help}; {credentials}"));
            } else {
                finding = finding.help(help);
            }
            findings.push(finding);
        }
    }
}

fn who(entry: &OriginPattern<'_>) -> &'static str {
    match entry.scheme() {
        Some("https") => "HTTPS website",
        Some(scheme) if scheme.ends_with("-extension") => "browser extension",
        Some("http") => "website over plain HTTP",
        Some(_) => "app of this scheme",
        None => "website",
    }
}

use super::context::join;
use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::origin::OriginPattern;

pub(super) const LINT: Lint = Lint {
    name: "wildcard-write",
    group: Group::Security,
    level: Level::Warn,
    page: page!("wildcard_write.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(open) = cx.open_origin(rule) else {
            continue;
        };
        // Skip methods that an earlier rule decides, and uploads that this rule refuses for lack of headers.
        let writing: Vec<_> = rule
            .methods
            .entries()
            .filter(|method| cx.provider().writes(method.value()))
            .filter(|method| {
                let earlier = cx.coverage.decided_by(rule, open.value(), method.value());
                earlier.is_none() && !cx.refuses_every_upload(rule, method.value())
            })
            .collect();
        if writing.is_empty() {
            continue;
        }
        let any = match OriginPattern::parse(open.value()).scheme() {
            Some("http") => "any http:// website",
            Some("https") => "any HTTPS website",
            _ if Some(open.value()) == cx.provider().every_https_origin => "any HTTPS website",
            _ => "any website",
        };
        let names: Vec<_> = writing.iter().map(|m| m.value().to_owned()).collect();
        let provider = cx.provider();
        let has_every = names
            .iter()
            .any(|name| Some(name.as_str()) == provider.every_method);
        let is_http = provider.http_method(&names[0]) == Some(names[0].as_str());
        let listed = join(&names, "and");
        let message = match (has_every, is_http) {
            (true, _) => format!("scripts on {any} may use every method on this bucket"),
            (false, true) => format!("scripts on {any} may send {listed} to this bucket"),
            (false, false) => format!("scripts on {any} may use {listed} on this bucket"),
        };
        let mut finding = findings
            .at(open.span(), message)
            .label(format!("matches {any}"));
        for (index, method) in writing.iter().enumerate() {
            let label = if index == 0 {
                "allows writes"
            } else {
                "also allows writes"
            };
            finding = finding.secondary(method.span(), label);
        }
        let noun = if is_http || has_every {
            "methods"
        } else {
            "operations"
        };
        // B2 rejects an origin that is listed after the word for every HTTPS origin.
        let instead = match Some(open.value()) == provider.every_https_origin {
            true => format!(" instead of {}", cx.quote(open.value())),
            false => String::new(),
        };
        findings.push(finding.help(format!(
            "list the sites that upload{instead}, or remove the {noun} that no site uses"
        )));
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::{Diagnostic, Safety};
use crate::policy::Entry;

pub(super) const LINT: Lint = Lint {
    name: "useless-header",
    group: Group::Suspicious,
    level: Level::Note,
    page: include_str!("useless_header.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        if cx.provider().shares_header_list {
            // One list for both: what is useless must be so in both.
            for header in rule.exposed_headers.entries() {
                let never_asked = never_asked_for(header.value());
                let useless = never_asked && exposing(header.value()).is_some();
                findings.found.extend(useless.then(|| {
                    report(
                        findings,
                        header,
                        "browsers neither ask for it nor show it to pages",
                    )
                }));
            }
            continue;
        }
        for header in rule.exposed_headers.entries() {
            let why = exposing(header.value());
            findings
                .found
                .extend(why.map(|why| report(findings, header, why)));
        }
        for header in rule
            .allowed_headers
            .entries()
            .filter(|header| never_asked_for(header.value()))
        {
            let finding = report(
                findings,
                header,
                "browsers never ask for it: they send it, or not, by themselves",
            );
            findings.push(finding);
        }
    }
}

fn report(findings: &Findings, header: &Entry, why: &str) -> Diagnostic {
    findings
        .at(
            header.span(),
            format!("{} does nothing here", header.value()),
        )
        .label(why)
        .help("remove it")
        .fix("remove it", Safety::Unsafe, header.remove())
}

/// Why exposing a header does nothing, where it does.
fn exposing(header: &str) -> Option<&'static str> {
    let header = header.to_ascii_lowercase();
    if header.starts_with("access-control-") {
        return Some("read by the browser itself, for no page");
    }
    if matches!(header.as_str(), "set-cookie" | "set-cookie2") {
        return Some("never shown to a page");
    }
    let methods = ["get", "put", "post", "delete", "head", "options", "patch"];
    methods
        .contains(&header.as_str())
        .then_some("this is a method, and no header")
}

/// Forbidden request-headers (WHATWG Fetch), which a preflight never asks for.
fn never_asked_for(header: &str) -> bool {
    const FORBIDDEN: &[&str] = &[
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    let header = header.to_ascii_lowercase();
    FORBIDDEN.contains(&header.as_str())
        || header.starts_with("proxy-")
        || header.starts_with("sec-")
}

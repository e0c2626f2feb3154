use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::fetch::is_forbidden_header;
use crate::field::Field;
use crate::finding::Safety;
use crate::policy::{Known, List};

pub(super) const LINT: Lint = Lint {
    name: "useless-header",
    group: Group::Suspicious,
    level: Level::Note,
    page: page!("useless_header.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let path = |field| cx.policy.dialect.path(field);
    for rule in cx.rules() {
        let exposed = (&rule.exposed_headers, path(Field::ExposedHeaders));
        if cx.provider().shares_header_list {
            report(findings, exposed, "does not belong in", useless_in_both);
        } else {
            report(findings, exposed, NO_EFFECT, useless_when_exposed);
            let allowed = (&rule.allowed_headers, path(Field::AllowedHeaders));
            report(findings, allowed, NO_EFFECT, useless_when_allowed);
        }
    }
}

const NO_EFFECT: &str = "has no effect in";

/// Reports the headers of a list for which `why` returns a reason.
fn report(
    findings: &mut Findings,
    (list, path): (&Known<List>, String),
    problem: &str,
    why: fn(&str) -> Option<&'static str>,
) {
    let Some(scope) = list.get().map(|list| list.node) else {
        return;
    };
    let message = format!("{{}} {problem} {path}");
    for header in list.entries() {
        let Some(why) = why(&header.value().to_ascii_lowercase()) else {
            continue;
        };
        let name = match header.value() {
            "" => "an empty name",
            name => name,
        };
        let finding = findings
            .entry(header.span(), scope, (&message, name), ("remove it", ""))
            .label(why)
            .fix("remove it", Safety::Unsafe, header.remove());
        findings.push(finding);
    }
}

/// Returns why a lower-case text is not a valid header name; `None` if it is.
fn no_header(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("not a header"),
        "get" | "put" | "post" | "delete" | "head" | "options" | "patch" => {
            Some("a method, not a header")
        }
        "cors" | "no-cors" | "same-origin" | "navigate" => Some("a fetch mode, not a header"),
        "**" => Some("not a wildcard"),
        _ => None,
    }
}

/// Returns why exposing a header has no effect.
fn useless_when_exposed(name: &str) -> Option<&'static str> {
    match name {
        _ if name.starts_with("access-control-") => Some("only the browser reads it, never a page"),
        "set-cookie" | "set-cookie2" => Some("never readable by a page"),
        _ => no_header(name),
    }
}

/// Returns why allowing a request header has no effect.
fn useless_when_allowed(name: &str) -> Option<&'static str> {
    match is_forbidden_header(name) {
        true => Some("pages cannot set it, so no preflight asks for it"),
        false => no_header(name),
    }
}

/// Returns why a header has no effect in a list that is both allowed and exposed.
fn useless_in_both(name: &str) -> Option<&'static str> {
    // Headers that pages can't set but may be in a response.
    let is_in_responses = matches!(
        name,
        "connection"
            | "content-length"
            | "date"
            | "keep-alive"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "via"
    );
    match is_forbidden_header(name) && !is_in_responses {
        true => Some("pages can neither set it nor read it"),
        // A page that sends such a header by mistake needs it in the list.
        false if name.starts_with("access-control-") => {
            Some("a response header that only browsers read")
        }
        false => useless_when_exposed(name),
    }
}

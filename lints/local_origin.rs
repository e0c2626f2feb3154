use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;
use crate::origin::OriginPattern;

pub(super) const LINT: Lint = Lint {
    name: "local-origin",
    group: Group::Security,
    level: Level::Note,
    page: include_str!("local_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    let mut all = cx.policy.rules.iter().flat_map(|rule| cx.origins(rule));
    if !all.any(|(_, entry)| is_public(entry)) {
        return;
    }
    for rule in cx.rules() {
        // Beside `*` it is the `*` that should go.
        let may_go = !rule.origins.has("*");
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let is_app = text == "https://localhost";
            if !matches!(entry.scheme(), Some("http" | "https"))
                || !entry.is_development()
                || is_app
            {
                continue;
            }
            let finding = findings
                .at(
                    origin.span(),
                    "an origin of development stands beside public ones",
                )
                .label(who(entry))
                .help("remove it, or put it into the policy of a bucket for development");
            // `http://localhost` alone is also what some apps send.
            let is_app = text == "http://localhost";
            let finding = match !is_app && may_go {
                true => finding.fix("remove it", Safety::Unsafe, origin.remove()),
                false => finding,
            };
            findings.push(finding);
        }
    }
}

/// Who it lets in.
fn who(entry: &OriginPattern<'_>) -> String {
    let host = &entry.text()[entry.host.start..];
    let is_loopback = entry.address().is_some_and(|address| address.is_loopback());
    if is_loopback || entry.host().eq_ignore_ascii_case("localhost") {
        format!("whatever runs at {host} on a visitor's machine")
    } else {
        format!("whatever is at {host} in a visitor's network")
    }
}

/// Whether an entry is for the public: a web origin that is not local, or a word for every origin.
fn is_public(entry: &OriginPattern<'_>) -> bool {
    let text = entry.text();
    text == "*"
        || text == "https"
        || entry.is_http_family() && !entry.is_local() && !entry.host.is_empty()
}

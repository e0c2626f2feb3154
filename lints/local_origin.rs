use super::{Check, Context, Findings, Group, Level, Lint};
use crate::finding::Safety;
use crate::origin::Entry;

pub(super) const LINT: Lint = Lint {
    name: "local-origin",
    group: Group::Security,
    level: Level::Note,
    page: include_str!("local_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    let all = || cx.policy.rules.iter().flat_map(|rule| rule.origins.known());
    if !all().any(|origin| is_public(origin.value())) {
        return;
    }
    for rule in cx.rules() {
        for origin in rule.origins.known() {
            let text = origin.value();
            let entry = Entry::parse(text);
            let is_app = text == "https://localhost";
            if !matches!(entry.scheme(), Some("http" | "https"))
                || !entry.is_development()
                || is_app
            {
                continue;
            }
            let finding = findings
                .new_at(
                    origin.span(),
                    "an origin of development stands beside public ones",
                )
                .label(who(&entry))
                .help("remove it, or put it into the policy of a bucket for development");
            // `http://localhost` alone is also what some apps send; and a rule keeps an origin.
            let is_app = text == "http://localhost";
            let mut all = rule.origins.known();
            let others_stay = all.any(|other| !Entry::parse(other.value()).is_development());
            // Beside `*` it is the `*` that should go.
            let finding = match !is_app && others_stay && !rule.origins.has("*") {
                true => finding.fix("remove it", Safety::Unsafe, origin.remove()),
                false => finding,
            };
            findings.push(finding);
        }
    }
}

/// Who it lets in.
fn who(entry: &Entry<'_>) -> String {
    let host = &entry.text()[entry.host.start..];
    let is_loopback = entry.address().is_some_and(|address| address.is_loopback());
    if is_loopback || entry.host().eq_ignore_ascii_case("localhost") {
        format!("whatever runs at {host} on a visitor's machine")
    } else {
        format!("whatever is at {host} in a visitor's network")
    }
}

/// Whether an entry is for the public: a web origin that is not local, or a word for every origin.
fn is_public(text: &str) -> bool {
    let entry = Entry::parse(text);
    text == "*"
        || text == "https"
        || entry.is_of_web() && !entry.is_local() && !entry.host.is_empty()
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::origin::{OriginPattern, is_subdomain_of, registrable};
use std::ops::Range;

pub(super) const LINT: Lint = Lint {
    name: "placeholder-origin",
    group: Group::Suspicious,
    level: Level::Warn,
    page: include_str!("placeholder_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let Some((part, label)) = placeholder(entry) else {
                continue;
            };
            let finding = findings
                .at(origin.at(part), "a placeholder was left in")
                .label(label)
                .help("write the origin of your own site, or remove it");
            findings.push(finding);
        }
    }
}

/// Names for documentation (RFC 2606, RFC 6761).
const RESERVED: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "example.edu",
    "example",
    "invalid",
];
/// Words of tutorials, as whole labels.
const LABELS: &[&str] = &["your-domain", "yourdomain", "your-app", "my-domain"];
/// Names of tutorials that somebody else has registered.
const DOMAINS: &[&str] = &["mydomain.com", "domain.com"];
/// How all of these end: the list of suffixes is asked of few names.
const DOMAINS_END: &str = "domain.com";

/// The placeholder in an entry, and what it is.
fn placeholder(entry: &OriginPattern<'_>) -> Option<(Range<usize>, &'static str)> {
    let text = entry.text();
    for (open, close) in [(b'<', b'>'), (b'[', b']')] {
        if let Some(start) = memchr::memchr(open, text.as_bytes())
            && let Some(end) = memchr::memrchr(close, text.as_bytes())
            && start < end
            && text[start + 1..end].contains(|c: char| c.is_alphabetic())
            && !text[start + 1..end].contains(':')
        {
            return Some((start..end + 1, "to be filled in"));
        }
    }
    let has_capitals = text.bytes().any(|byte| byte.is_ascii_uppercase());
    for word in ["CHANGEME", "TODO"].iter().filter(|_| has_capitals) {
        let found = text.match_indices(word).find(|(start, _)| {
            let (before, after) = (&text[..*start], &text[start + word.len()..]);
            !before.ends_with(is_part_of_word) && !after.starts_with(is_part_of_word)
        });
        if let Some((start, _)) = found {
            return Some((start..start + word.len(), "to be filled in"));
        }
    }
    let host = entry.host().to_ascii_lowercase();
    let name = host.trim_start_matches("*.");
    if RESERVED
        .iter()
        .any(|reserved| is_subdomain_of(name, reserved))
    {
        return Some((entry.host.clone(), "a name for documentation"));
    }
    if name.ends_with(DOMAINS_END)
        && registrable(name).is_some_and(|domain| DOMAINS.contains(&domain))
    {
        return Some((entry.host.clone(), "a name from a tutorial"));
    }
    let mut at = entry.host.start;
    for label in host.split('.') {
        let is_yours = label.starts_with("your-") && label.ends_with("-domain");
        if LABELS.contains(&label) || is_yours {
            return Some((at..at + label.len(), "a name from a tutorial"));
        }
        at += label.len() + 1;
    }
    None
}

/// Whether a character beside a word makes it another word.
fn is_part_of_word(character: char) -> bool {
    character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::{OriginPattern, placeholder};

    #[test]
    fn placeholders() {
        let cases = [
            ("https://example.com", Some("example.com")),
            ("https://www.example.org:8443", Some("www.example.org")),
            ("https://*.example.com", Some("*.example.com")),
            ("https://app.invalid", Some("app.invalid")),
            ("https://your-domain.com", Some("your-domain")),
            ("https://www.yourdomain.io", Some("yourdomain")),
            ("https://YOUR-APP-DOMAIN", Some("YOUR-APP-DOMAIN")),
            (
                "https://your-production-domain.com",
                Some("your-production-domain"),
            ),
            ("https://app.mydomain.com", Some("app.mydomain.com")),
            ("https://<your bucket>.acme.io", Some("<your bucket>")),
            ("https://[domain].io", Some("[domain]")),
            ("<domain>", Some("<domain>")),
            ("https://CHANGEME.io", Some("CHANGEME")),
            ("http://[::1]:3000", None),
            ("https://notexample.com", None),
            ("https://your-move.com", None),
            ("https://domain.company.io", None),
            ("https://todo.acme.io", None),
            ("https://TODO_HOST.acme.io", Some("TODO")),
            ("https://TODOS.io", None),
            ("https://examples.io", None),
            ("*", None),
        ];
        for (text, part) in cases {
            let found = placeholder(&OriginPattern::parse(text));
            assert_eq!(found.map(|(at, _)| &text[at]), part, "{text}");
        }
    }
}

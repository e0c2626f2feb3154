//! Names from documentation and templates that were never replaced.

use std::ops::Range;

use super::{OriginPattern, is_subdomain_of, registrable};

/// Names for documentation (RFC 2606, RFC 6761).
const RESERVED: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "example.edu",
    "example",
    "invalid",
];

/// Domains of tutorials that someone else has registered.
const TUTORIAL_DOMAINS: &[&str] = &["mydomain.com", "domain.com"];
/// Hosts in the documentation of Terraform's AWS provider and of Google Cloud, which people copy.
const SAMPLES: &[&str] = &["s3-website-test.hashicorp.com", "example.appspot.com"];
/// The common suffix of [`TUTORIAL_DOMAINS`], to avoid most lookups in the Public Suffix List.
const TUTORIAL_END: &str = "domain.com";

/// "your" in the languages of the tutorials that were found in public repositories.
const YOURS: &[&str] = &[
    "your", "my", "seu", "sua", "tu", "su", "votre", "ton", "mon", "ihre", "deine", "meine",
];
/// Words that follow a word of [`YOURS`] in a placeholder.
const THINGS: &[&str] = &[
    "domain", "dominio", "domaine", "app", "site", "website", "bucket", "frontend", "project",
    "company", "vercel", "name",
];

/// Upper-case words that authors are meant to replace.
const WORDS: &[&str] = &["CHANGEME", "TODO"];
/// Prefixes of upper-case placeholders.
const PREFIXES: &[&str] = &["REPLACE_", "YOUR_", "YOUR-"];

/// A placeholder in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Where it is.
    pub part: Range<usize>,
    /// What it is.
    pub kind: &'static str,
}

const TEMPLATE: &str = "template placeholder";
const TUTORIAL: &str = "name from a tutorial";
const DOCUMENTATION: &str = "documentation domain";

/// Returns the placeholder in an entry.
pub fn placeholder(entry: &OriginPattern<'_>) -> Option<Placeholder> {
    let found = |part: Range<usize>, kind| Some(Placeholder { part, kind });
    let text = entry.text();
    // Most entries contain none of the characters of a template token.
    let is_mark = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'<' | b'[' | b'%' | b'_');
    let has_mark = text.bytes().any(is_mark);
    if let Some(part) = has_mark.then(|| template_mark(text)).flatten() {
        return found(part, TEMPLATE);
    }
    let host = entry.host().to_ascii_lowercase();
    let name = host.trim_start_matches("*.");
    if RESERVED.iter().any(|domain| is_subdomain_of(name, domain)) {
        return found(entry.host.clone(), DOCUMENTATION);
    }
    if SAMPLES.contains(&name) {
        return found(entry.host.clone(), TUTORIAL);
    }
    if name.ends_with(TUTORIAL_END)
        && registrable(name).is_some_and(|domain| TUTORIAL_DOMAINS.contains(&domain))
    {
        return found(entry.host.clone(), TUTORIAL);
    }
    let mut at = entry.host.start;
    for (label, lower) in entry.host().split('.').zip(host.split('.')) {
        let is_token = has_mark && label.contains('_') && label.bytes().all(is_token_byte);
        if is_token && label.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return found(at..at + label.len(), TEMPLATE);
        }
        // `myapp.acme.io` may be a real name chosen by its owner, and `myapp.com` is a registered domain.
        let is_yours = is_your_thing(lower);
        if is_yours && (label.contains(['-', '_']) || label.starts_with("your")) {
            return found(at..at + label.len(), TUTORIAL);
        }
        at += label.len() + 1;
    }
    None
}

/// Returns true for `your-domain`, `your-production-domain`, `yourapp`, `seu-dominio`.
fn is_your_thing(label: &str) -> bool {
    let first = label.as_bytes().first();
    let mut yours = YOURS.iter();
    yours.any(|your| {
        if your.as_bytes().first() != first {
            return false;
        }
        let Some(rest) = label.strip_prefix(your) else {
            return false;
        };
        let rest = rest.trim_start_matches(['-', '_']);
        let is_separated = rest.len() + your.len() < label.len();
        let starts = THINGS.iter().any(|thing| rest.starts_with(thing));
        let ends = THINGS.iter().any(|thing| rest.ends_with(thing));
        starts && (is_separated || THINGS.contains(&rest))
            || is_separated && ends && *your == "your"
    })
}

/// Returns the range of `<...>`, `[...]`, `__NAME__`, `%NAME%`, or an upper-case placeholder word.
fn template_mark(text: &str) -> Option<Range<usize>> {
    for (open, close) in [('<', '>'), ('[', ']'), ('%', '%')] {
        if let Some(start) = text.find(open)
            && let Some(end) = text.rfind(close)
            && start < end
            && text[start + 1..end].contains(|c: char| c.is_alphabetic())
            && !text[start + 1..end].contains(':')
            && (open != '%' || text[start + 1..end].bytes().all(is_token_byte))
        {
            return Some(start..end + 1);
        }
    }
    if let Some(start) = text.find("__")
        && let Some(end) = text.rfind("__")
        && start + 2 < end
        && text[start + 2..end].bytes().all(is_token_byte)
    {
        return Some(start..end + 2);
    }
    if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let is_word_end = |text: &str| !text.starts_with(|c: char| c.is_alphanumeric());
    let is_word_start = |text: &str| !text.ends_with(|c: char| c.is_alphanumeric());
    for word in WORDS {
        let found = text.match_indices(word).find(|(start, _)| {
            is_word_start(&text[..*start]) && is_word_end(&text[start + word.len()..])
        });
        if let Some((start, _)) = found {
            return Some(start..start + word.len());
        }
    }
    for prefix in PREFIXES {
        let mut found = text.match_indices(prefix);
        if let Some((start, _)) = found.find(|(start, _)| is_word_start(&text[..*start])) {
            let rest = &text[start..];
            let end = rest.find(|c: char| !c.is_ascii() || !is_token_byte(c as u8) && c != '-');
            return Some(start..end.map_or(text.len(), |end| start + end));
        }
    }
    None
}

/// Returns true for a byte of a template token, such as `SITE_DOMAIN`.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (
                "https://your-vercel-app.vercel.app",
                Some("your-vercel-app"),
            ),
            ("https://your_site.com", Some("your_site")),
            ("https://seu-dominio.com", Some("seu-dominio")),
            ("https://ton-domaine.vercel.app", Some("ton-domaine")),
            ("https://ihre-website.de", Some("ihre-website")),
            ("https://my-app.vercel.app", Some("my-app")),
            ("https://app.mydomain.com", Some("app.mydomain.com")),
            ("http://example.appspot.com", Some("example.appspot.com")),
            (
                "https://s3-website-test.hashicorp.com",
                Some("s3-website-test.hashicorp.com"),
            ),
            ("https://shop.appspot.com", None),
            ("https://<your bucket>.acme.io", Some("<your bucket>")),
            ("https://[domain].io", Some("[domain]")),
            ("<domain>", Some("<domain>")),
            ("__WORKER_ORIGIN__", Some("__WORKER_ORIGIN__")),
            ("https://%HOST%", Some("%HOST%")),
            ("https://SITE_DOMAIN", Some("SITE_DOMAIN")),
            (
                "https://REPLACE_WITH_FRONTEND_DOMAIN",
                Some("REPLACE_WITH_FRONTEND_DOMAIN"),
            ),
            (
                "chrome-extension://YOUR_EXTENSION_ID",
                Some("YOUR_EXTENSION_ID"),
            ),
            ("https://CHANGEME.io", Some("CHANGEME")),
            ("https://TODO_HOST.acme.io", Some("TODO")),
            ("http://[::1]:3000", None),
            ("https://notexample.com", None),
            ("https://your-move.com", None),
            ("https://myapp.acme.io", None),
            ("https://mysite.acme.io", None),
            ("https://tunisia-names.com", None),
            ("https://domain.company.io", None),
            ("https://todo.acme.io", None),
            ("https://TODOS.io", None),
            ("https://ACME.io", None),
            ("https://examples.io", None),
            ("*", None),
        ];
        for (text, part) in cases {
            let found = placeholder(&OriginPattern::parse(text));
            assert_eq!(found.map(|found| &text[found.part]), part, "{text}");
        }
    }
}

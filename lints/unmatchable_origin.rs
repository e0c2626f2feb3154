use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::{Diagnostic, Safety};
use crate::origin::{OriginPattern, to_ascii};
use crate::policy::Entry;
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "unmatchable-origin",
    group: Group::Correctness,
    level: Level::Deny,
    page: include_str!("unmatchable_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

/// What to do where the host that was meant cannot be told.
const FORM: &str = "write scheme://host, as in \"https://app.example.com\"";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            // What another `*` than the lone one does on GCS is not documented, and `null` is sent.
            let is_star = text.contains('*')
                && (text == "*" || cx.provider().wildcard == Wildcard::Undocumented);
            if is_star || text == "null" {
                continue;
            }
            findings.found.extend(
                whole(cx, entry, origin, findings)
                    .or_else(|| part(cx, entry, origin, findings))
                    .or_else(|| other_form(entry, origin, findings)),
            );
        }
    }
}

/// Writes an origin as browsers do, where it can be told which is meant.
fn suggest(finding: Diagnostic, origin: &Entry, meant: &str) -> Diagnostic {
    let entry = OriginPattern::parse(meant);
    // Of these it is not known how browsers write them.
    let is_other = entry.scheme().is_some() && !entry.is_http_family();
    let suggested = match entry.serialized() {
        Some(sent) => sent,
        None if meant != "*" && (entry.star().is_some() || is_other) => meant.to_owned(),
        None => return finding.help(FORM),
    };
    finding.help(format!("write \"{suggested}\"")).fix(
        "write it as browsers send it",
        Safety::Unsafe,
        origin.rewrite(suggested),
    )
}

/// Entries that are no origin at all.
fn whole(
    cx: &LintContext<'_>,
    entry: &OriginPattern<'_>,
    origin: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let text = entry.text();
    let at = |part| origin.at(part);
    if text.is_empty() {
        let finding = findings.at(origin.span(), "an empty origin matches nothing");
        return Some(finding.label("no browser sends this").help("remove it"));
    }
    if let Some(comma) = memchr::memchr(b',', text.as_bytes()) {
        let finding = findings.at(
            at(comma..comma + 1),
            "several origins in one entry never match",
        );
        return Some(
            finding
                .label("no list is read here")
                .help("write each origin as an entry of its own"),
        );
    }
    if let Some(finding) = no_character(entry, origin, findings) {
        return Some(finding);
    }
    let may_have_space = |byte: u8| byte <= b' ' || !byte.is_ascii();
    let mut characters = text.char_indices();
    if text.bytes().any(may_have_space)
        && let Some((space, character)) = characters.find(|(_, c)| c.is_whitespace())
    {
        let part = space..space + character.len_utf8();
        let finding = findings.at(at(part), "an origin with white space in it never matches");
        let trimmed = text.trim();
        let finding = finding.label("no browser sends this");
        return Some(if trimmed.is_empty() {
            finding.help("remove it")
        } else if trimmed.contains(char::is_whitespace) {
            finding.help("write each origin as an entry of its own")
        } else {
            suggest(finding, origin, trimmed)
        });
    }
    if entry
        .scheme()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("file"))
    {
        let finding = findings.at(
            at(0..7),
            "file:// is never sent: a local file's origin is null",
        );
        return Some(finding.label("no browser sends this").help("remove it"));
    }
    if entry.scheme().is_none() && !(cx.provider().matches_without_scheme)(text) {
        let finding = findings.at(origin.span(), "an origin without a scheme never matches");
        let finding = finding.label("browsers send scheme://host");
        let host = text.trim_start_matches(['/', ':']).split('/').next();
        return Some(match host.filter(|host| is_host(host)) {
            Some(host) => {
                let over = |scheme: &str| format!("{scheme}://{host}");
                let is_local = OriginPattern::parse(&over("http")).is_local();
                suggest(
                    finding,
                    origin,
                    &over(if is_local { "http" } else { "https" }),
                )
            }
            None => finding.help(FORM),
        });
    }
    None
}

/// Quotes around an origin, and marks that stand in none: of a regular expression, or of a list.
fn no_character(
    entry: &OriginPattern<'_>,
    origin: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let text = entry.text();
    // Of most entries a look at their bytes is enough.
    let is_suspect = |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'^' | b'|' | b';');
    if !text.bytes().any(is_suspect) {
        return None;
    }
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    let inner = text.trim_matches(is_quote);
    if inner.len() < text.len() {
        let at = if text.starts_with(is_quote) {
            0
        } else {
            inner.len()
        };
        let finding = findings.at(
            origin.at(at..at + 1),
            "an origin with quotes around it never matches",
        );
        return Some(suggest(finding.label("browsers send none"), origin, inner));
    }
    let at = text.find(['\\', '^', '|', ';'])?;
    let finding = findings.at(
        origin.at(at..at + 1),
        "an origin with this character in it never matches",
    );
    let help = match &text[at..=at] {
        "|" | ";" => "write each origin as an entry of its own",
        _ => {
            "no regular expression is read here: write scheme://host, as in \"https://app.example.com\""
        }
    };
    Some(finding.label("no browser sends this").help(help))
}

/// Whether a text is a host, perhaps with a port, and nothing else: not a scheme that was mistyped, as in
/// `https:/acme.io` and `https//acme.io`, and not a word such as `Null`.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'*');
    host.bytes().all(is_letter)
        && (host.contains('.') || host.eq_ignore_ascii_case("localhost"))
        && port.is_none_or(is_port)
}

/// Whether the `*` of S3 may stand for what is before the slashes of a scheme, or for one of them: then
/// what looks like a path is the rest of an origin, as in `*//acme.io`.
fn star_reaches_into(cx: &LintContext<'_>, entry: &OriginPattern<'_>) -> bool {
    let Some(star) = entry.star() else {
        return false;
    };
    let slashes = entry.rest.start;
    entry.scheme().is_none()
        && (cx.provider().matches_without_scheme)(entry.text())
        && (star + 1 == slashes && entry.rest.len() > 1 || slashes < star)
}

/// Parts that an origin does not have.
fn part(
    cx: &LintContext<'_>,
    entry: &OriginPattern<'_>,
    origin: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let text = entry.text();
    if star_reaches_into(cx, entry) {
        return None;
    }
    let meant = &text[..entry.rest.start];
    if !entry.rest.is_empty() {
        let rest = &text[entry.rest.clone()];
        let (message, label) = match rest {
            "/" => (
                "an origin that ends in a slash never matches",
                "browsers send no slash here",
            ),
            _ if rest.starts_with('/') => (
                "an origin with a path never matches",
                "browsers send no path",
            ),
            _ if rest.starts_with('?') => (
                "an origin with a query never matches",
                "browsers send no query",
            ),
            _ => (
                "an origin with a fragment never matches",
                "browsers send no fragment",
            ),
        };
        let finding = findings.at(origin.at(entry.rest.clone()), message);
        let finding = finding.label(label);
        // What begins with two slashes is another origin, and which of the two is meant?
        return Some(if entry.host.is_empty() || rest.starts_with("//") {
            finding.help(FORM)
        } else {
            suggest(finding, origin, meant)
        });
    }
    if !entry.user.is_empty() {
        let finding = findings.at(
            origin.at(entry.user.clone()),
            "an origin with a user name never matches",
        );
        let meant = format!("{}{}", &text[..entry.user.start], &text[entry.user.end..]);
        return Some(suggest(finding.label("browsers send none"), origin, &meant));
    }
    if !cx.provider().allows_port_wildcard && entry.port().contains('*') {
        let finding = findings.at(
            origin.at(entry.port.clone()),
            format!("{} takes no * for a port", cx.provider()),
        );
        return Some(finding.label("list the ports").help(format!(
            "write each port as an entry of its own, such as \"{}3000\"",
            &text[..entry.port.start]
        )));
    }
    // Whether R2 and B2 leave the scheme's own port out before they compare is not documented.
    let compares_as_text = cx.provider().compares_default_port;
    let is_bare_colon = entry.host.end < entry.port.start && entry.port.is_empty();
    if is_bare_colon && compares_as_text && !entry.host.is_empty() {
        let part = entry.host.end..entry.port.start;
        let finding = findings.at(
            origin.at(part),
            "an origin that ends in a colon never matches",
        );
        let finding = finding.label("browsers send no colon without a port");
        return Some(suggest(finding, origin, &text[..entry.host.end]));
    }
    let own_port = match entry.scheme() {
        Some("https") => "443",
        Some("http") => "80",
        _ => return None,
    };
    if entry.port() == own_port && compares_as_text {
        let part = entry.host.end..text.len();
        let message = format!("browsers leave out the port {own_port}, so this never matches");
        let finding = findings.at(origin.at(part), message);
        let finding = finding.label("the scheme's own port");
        return Some(suggest(finding, origin, &text[..entry.host.end]));
    }
    None
}

/// Hosts and ports that browsers write in another way, or that no browser can have.
fn other_form(
    entry: &OriginPattern<'_>,
    origin: &Entry,
    findings: &Findings,
) -> Option<Diagnostic> {
    let text = entry.text();
    if !entry.host().is_ascii() {
        let finding = findings.at(
            origin.at(entry.host.clone()),
            "browsers send a host in ASCII, so this never matches",
        );
        let finding = finding.label("sent as punycode");
        // What a `*` stands for would have to be encoded with the rest of its label.
        let is_part = |label: &str| !label.is_ascii() && label.contains('*');
        if entry.host().split('.').any(is_part) {
            return Some(finding.help("list the names one by one, in punycode"));
        }
        return Some(match to_ascii(entry.host()) {
            Some(host) => {
                let (before, after) = (&text[..entry.host.start], &text[entry.host.end..]);
                suggest(finding, origin, &format!("{before}{host}{after}"))
            }
            None => finding.help("write the host as browsers show it in punycode"),
        });
    }
    if !entry.is_http_family() || entry.star().is_some() || entry.scheme().is_none() {
        return None;
    }
    let whole = entry.host.start..text.len();
    match entry.serialized() {
        // Upper case alone is uppercase-origin's, the scheme's own port is handled above.
        Some(sent) if sent.eq_ignore_ascii_case(text) => None,
        Some(sent) if matches!(text.get(sent.len()..), Some(":" | ":443" | ":80")) => None,
        Some(sent) => {
            let finding = findings.at(
                origin.at(whole),
                "browsers write this host in another way, so this never matches",
            );
            Some(suggest(
                finding.label(format!("sent as {sent}")),
                origin,
                &sent,
            ))
        }
        None => {
            let is_port = entry.port().is_empty() || entry.port().parse::<u16>().is_ok();
            let (part, label) = match entry.host.is_empty() {
                true => (0..text.len(), "no host"),
                false if !is_port => (entry.port.clone(), "no such port"),
                false => (whole, "no such host"),
            };
            let finding = findings.at(
                origin.at(part),
                "no browser can have this origin, so it never matches",
            );
            Some(finding.label(label).help(FORM))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_are_told_from_other_words() {
        for host in [
            "acme.io",
            "localhost",
            "LOCALHOST:3000",
            "*.acme.io",
            "a-b.io:8443",
        ] {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "Null",
            "https:",
            "acme.io:",
            "acme.io:abc",
            "a_b.io",
            "localhost:x",
            "acme",
            "",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }
}

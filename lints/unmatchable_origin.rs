use super::{Check, Context, Findings, Group, Level, Lint};
use crate::finding::{Finding, Safety};
use crate::origin::{Entry, to_ascii};
use crate::policy::{Known, Provider};

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

fn check(cx: &Context<'_, '_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let (origin, text) = (*origin, origin.value());
            // What another `*` than the lone one does on GCS is not documented, and `null` is sent.
            let is_star = text.contains('*') && (text == "*" || cx.provider() == Provider::Gcs);
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

/// Writes an origin as browsers do.
fn mend(finding: Finding, origin: Known<'_>, mended: &str) -> Finding {
    finding.help(format!("write \"{mended}\"")).fix(
        "write it as browsers send it",
        Safety::Unsafe,
        origin.rewrite(mended),
    )
}

/// Entries that are no origin at all.
fn whole(
    cx: &Context<'_, '_>,
    entry: &Entry<'_>,
    origin: Known<'_>,
    findings: &Findings,
) -> Option<Finding> {
    let text = entry.text();
    let at = |part| origin.at(part);
    if text.is_empty() {
        let finding = findings.new_at(origin.span(), "an empty origin matches nothing");
        return Some(finding.label("no browser sends this").help("remove it"));
    }
    if let Some(comma) = memchr::memchr(b',', text.as_bytes()) {
        let finding = findings.new_at(
            at(comma..comma + 1),
            "several origins in one entry never match",
        );
        return Some(
            finding
                .label("no list is read here")
                .help("write each origin as an entry of its own"),
        );
    }
    let may_have_space = |byte: u8| byte <= b' ' || !byte.is_ascii();
    let mut characters = text.char_indices();
    if text.bytes().any(may_have_space)
        && let Some((space, character)) = characters.find(|(_, c)| c.is_whitespace())
    {
        let part = space..space + character.len_utf8();
        let finding = findings.new_at(at(part), "an origin with white space in it never matches");
        let trimmed = text.trim();
        let finding = finding.label("no browser sends this");
        return Some(
            if trimmed.is_empty() || trimmed.contains(char::is_whitespace) {
                finding.help("write each origin as an entry of its own")
            } else {
                mend(finding, origin, trimmed)
            },
        );
    }
    if entry
        .scheme()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("file"))
    {
        let finding = findings.new_at(
            at(0..7),
            "file:// is never sent: a local file's origin is null",
        );
        return Some(finding.label("no browser sends this").help("remove it"));
    }
    if entry.scheme().is_none() && !star_stands_for_scheme(cx, entry) {
        let scheme = if entry.is_local() { "http" } else { "https" };
        let finding = findings.new_at(origin.span(), "an origin without a scheme never matches");
        let finding = finding.label("browsers send scheme://host");
        let host = text.trim_start_matches(['/', ':']).split('/').next();
        return Some(match host.filter(|host| is_host(host)) {
            Some(host) => mend(finding, origin, &format!("{scheme}://{host}")),
            None => finding.help(FORM),
        });
    }
    None
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

/// Whether a `*` may stand for the scheme and its `://`: S3's may. R2 refuses an entry without a
/// scheme, B2 has its word `https`, and what another `*` is to GCS is not documented.
fn star_stands_for_scheme(cx: &Context<'_, '_>, entry: &Entry<'_>) -> bool {
    let text = entry.text();
    match cx.provider() {
        Provider::S3 => entry.star().is_some_and(|star| {
            let before = &text[..star];
            "https://".starts_with(before) || "http://".starts_with(before)
        }),
        Provider::R2 => false,
        Provider::B2 => text == "https" || text.contains('*'),
        Provider::Gcs => text.contains('*'),
    }
}

/// Parts that an origin does not have.
fn part(
    cx: &Context<'_, '_>,
    entry: &Entry<'_>,
    origin: Known<'_>,
    findings: &Findings,
) -> Option<Finding> {
    let text = entry.text();
    let mended = &text[..entry.rest.start];
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
        let finding = findings.new_at(origin.at(entry.rest.clone()), message);
        let finding = finding.label(label);
        return Some(if entry.host.is_empty() {
            finding.help(FORM)
        } else {
            mend(finding, origin, mended)
        });
    }
    if !entry.user.is_empty() {
        let finding = findings.new_at(
            origin.at(entry.user.clone()),
            "an origin with a user name never matches",
        );
        let mended = format!("{}{}", &text[..entry.user.start], &text[entry.user.end..]);
        return Some(mend(finding.label("browsers send none"), origin, &mended));
    }
    if cx.provider() == Provider::R2 && entry.port().contains('*') {
        let finding = findings.new_at(origin.at(entry.port.clone()), "R2 takes no * for a port");
        return Some(finding.label("list the ports").help(format!(
            "write each port as an entry of its own, such as \"{}3000\"",
            &text[..entry.port.start]
        )));
    }
    // Whether R2 and B2 leave the scheme's own port out before they compare is not documented.
    let compares_as_text = matches!(cx.provider(), Provider::S3 | Provider::Gcs);
    let is_bare_colon = entry.host.end < entry.port.start && entry.port.is_empty();
    if is_bare_colon && compares_as_text && !entry.host.is_empty() {
        let part = entry.host.end..entry.port.start;
        let finding = findings.new_at(
            origin.at(part),
            "an origin that ends in a colon never matches",
        );
        let finding = finding.label("browsers send no colon without a port");
        return Some(mend(finding, origin, &text[..entry.host.end]));
    }
    let own_port = match entry.scheme() {
        Some("https") => "443",
        Some("http") => "80",
        _ => return None,
    };
    if entry.port() == own_port && compares_as_text {
        let part = entry.host.end..text.len();
        let message = format!("browsers leave out the port {own_port}, so this never matches");
        let finding = findings.new_at(origin.at(part), message);
        let finding = finding.label("the scheme's own port");
        return Some(mend(finding, origin, &text[..entry.host.end]));
    }
    None
}

/// Hosts and ports that browsers write in another way, or that no browser can have.
fn other_form(entry: &Entry<'_>, origin: Known<'_>, findings: &Findings) -> Option<Finding> {
    let text = entry.text();
    if !entry.host().is_ascii() {
        let finding = findings.new_at(
            origin.at(entry.host.clone()),
            "browsers send a host in ASCII, so this never matches",
        );
        let finding = finding.label("sent as punycode");
        return Some(match to_ascii(entry.host()) {
            Some(host) => {
                let (before, after) = (&text[..entry.host.start], &text[entry.host.end..]);
                mend(finding, origin, &format!("{before}{host}{after}"))
            }
            None => finding.help("write the host as browsers show it in punycode"),
        });
    }
    if !entry.is_of_web() || entry.star().is_some() || entry.scheme().is_none() {
        return None;
    }
    let whole = entry.host.start..text.len();
    match entry.as_browsers_send() {
        // Upper case alone is uppercase-origin's, the scheme's own port is handled above.
        Some(sent) if sent.eq_ignore_ascii_case(text) => None,
        Some(sent)
            if text.len() > sent.len()
                && text.to_ascii_lowercase().starts_with(&format!("{sent}:")) =>
        {
            None
        }
        Some(sent) => {
            let finding = findings.new_at(
                origin.at(whole),
                "browsers write this host in another way, so this never matches",
            );
            Some(mend(
                finding.label(format!("sent as {sent}")),
                origin,
                &sent,
            ))
        }
        None => {
            let part = if entry.host.is_empty() {
                0..text.len()
            } else {
                whole
            };
            let finding = findings.new_at(
                origin.at(part),
                "no browser can have this origin, so it never matches",
            );
            Some(finding.label("no host").help(FORM))
        }
    }
}

use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;
use crate::origin::{OriginPattern, SuffixOwner, suffix_of};
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "insecure-origin",
    group: Group::Security,
    level: Level::Warn,
    page: page!("insecure_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

const MESSAGE: &str =
    "insecure origin {}: anyone on the network path can impersonate an http:// site";
/// What to do about a site that has no HTTPS.
const NO_HTTPS: &str =
    "serve the site through CloudFront, and list that origin: S3 website endpoints have no HTTPS";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        let open = cx.open_origin(rule);
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            let is_unclear = match cx.provider().wildcard {
                Wildcard::Undocumented => text.contains('*'),
                // The `*` matches only a part of `https://`, so the host is unknown.
                Wildcard::AnyCharacters => entry.scheme().is_none() && !entry.rest.is_empty(),
                Wildcard::InHost => entry.scheme().is_none(),
            };
            // Where every website is allowed, an attacker gains nothing by impersonating one.
            let is_next_to_open = open.is_some_and(|open| open.span() != origin.span());
            if is_unclear
                || is_next_to_open
                || text == "*"
                || !entry.matches_plain_http()
                || entry.is_local()
                || entry.is_app()
                || entry.host.is_empty()
            {
                continue;
            }
            let (part, label) = match entry.scheme() {
                Some(scheme) if scheme.contains('*') => {
                    (entry.scheme_range(), "also matches http://")
                }
                Some(_) => (entry.scheme_range(), "not encrypted"),
                None => (
                    0..entry.star().map_or(0, |star| star + 1),
                    "also matches http://",
                ),
            };
            let twin = https_twin(entry);
            let listed = over_https(entry).filter(|https| cx.lists_origin(rule, https));
            let is_listed = listed.is_some();
            let quoted = listed
                .as_deref()
                .or(twin.as_deref())
                .map(|origin| cx.quote(origin));
            let help = match &quoted {
                Some(twin) if is_listed => ("remove it: {} is in the list already", twin.as_str()),
                Some(twin) => ("write {}", twin.as_str()),
                None if entry.is_s3_website() => (NO_HTTPS, ""),
                None => ("serve the site over HTTPS, and list that origin", ""),
            };
            let finding = findings
                .entry(origin.at(part), list.node, (MESSAGE, text), help)
                .label(label);
            findings.push(match twin {
                _ if is_listed => finding.fix("remove it", Safety::Unsafe, origin.remove()),
                Some(twin) => finding.fix("use https", Safety::Unsafe, origin.rewrite(twin)),
                None => finding,
            });
        }
        // Whether a computed origin opens the rule to every website is unknown, so only known ones count.
        for (origin, computed) in cx.computed_origins(rule).filter(|_| open.is_none()) {
            let Some(scheme) = computed.insecure_scheme() else {
                continue;
            };
            let help = match computed.is_s3_website() {
                true => NO_HTTPS,
                false => "use https:// instead of http://",
            };
            let finding = findings
                .entry(
                    origin.at(scheme.clone()),
                    list.node,
                    (MESSAGE, origin.value()),
                    (help, ""),
                )
                .label("not encrypted");
            findings.push(match computed.is_s3_website() {
                true => finding,
                false => finding.fix(
                    "use https",
                    Safety::Unsafe,
                    [origin.replace(scheme, "https")],
                ),
            });
        }
    }
}

/// Returns the same origin over HTTPS; `None` if HTTPS is unlikely to work: for an IP address, an S3
/// website endpoint, or a host that is not on the internet.
fn https_twin(entry: &OriginPattern<'_>) -> Option<String> {
    let host = entry.host().to_ascii_lowercase();
    let name = host.trim_start_matches("*.").trim_start_matches('*');
    let is_public = !matches!(suffix_of(name), SuffixOwner::Unknown);
    if entry.address().is_some() || entry.is_s3_website() || !is_public {
        return None;
    }
    over_https(entry)
}

/// Returns the same origin over HTTPS.
fn over_https(entry: &OriginPattern<'_>) -> Option<String> {
    let start = match entry.scheme() {
        Some(_) => entry.host.start,
        // What precedes the `*` belongs to the scheme.
        None => entry.star()?.max(entry.host.start),
    };
    let end = match entry.port() {
        // Browsers never send port 443 for HTTPS, and port 80 is for HTTP only.
        "443" | "80" => entry.host.end,
        _ => entry.text().len(),
    };
    Some(format!("https://{}", &entry.text()[start..end]))
}

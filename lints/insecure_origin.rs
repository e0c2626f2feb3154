use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::finding::Safety;
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "insecure-origin",
    group: Group::Security,
    level: Level::Warn,
    page: include_str!("insecure_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        for (origin, entry) in cx.origins(rule) {
            let text = origin.value();
            // What a `*` does on GCS is not documented, and without a scheme only S3's `*` is one. Where
            // it stands for a part of `https://` only, there is no host to write that before.
            let is_unsure = match cx.provider().wildcard {
                Wildcard::Undocumented => text.contains('*'),
                Wildcard::AnyCharacters => entry.scheme().is_none() && !entry.rest.is_empty(),
                Wildcard::InHost => entry.scheme().is_none(),
            };
            // Of the lone `*` wildcard-origin speaks, also where it is accepted.
            if is_unsure
                || text == "*"
                || !entry.is_plain_http()
                || entry.is_local()
                || entry.host.is_empty()
            {
                continue;
            }
            let host = match entry.port() {
                // Of https it is the own port, and never sent.
                "443" => entry.host(),
                _ => &text[entry.host.start..],
            };
            let (part, label) = match entry.scheme() {
                Some(scheme) if scheme.contains('*') => {
                    (entry.scheme_range(), "matches http as well".to_owned())
                }
                Some(_) => (entry.scheme_range(), "not encrypted".to_owned()),
                None => (0..1, "stands for http:// as well".to_owned()),
            };
            let finding = findings
                .at(
                    origin.at(part),
                    "over plain HTTP, whoever is on the network can speak for this origin",
                )
                .label(label)
                .help(format!("write \"https://{host}\""))
                .fix(
                    "write https",
                    Safety::Unsafe,
                    origin.rewrite(format!("https://{host}")),
                );
            findings.push(finding);
        }
    }
}

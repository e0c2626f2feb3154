use super::{Check, Findings, Group, Level, Lint, LintContext};
use crate::document::NodeId;
use crate::finding::{Diagnostic, Safety};
use crate::origin::{OriginPattern, is_host, to_ascii};
use crate::policy::{Entry, Rule};
use crate::provider::Wildcard;

pub(super) const LINT: Lint = Lint {
    name: "unmatchable-origin",
    group: Group::Correctness,
    level: Level::Deny,
    page: page!("unmatchable_origin.md"),
    options: &[],
    check: Check::Policy(check),
};

/// What to do where the intended host is unclear.
const FORM: &str = "write scheme://host, such as \"https://app.example.com\"";
/// What to do with several origins in one entry.
const SPLIT: &str = "write each origin as a separate entry";

fn check(cx: &LintContext<'_>, findings: &mut Findings) {
    for rule in cx.rules() {
        let Some(list) = rule.origins.get() else {
            continue;
        };
        for (origin, pattern) in cx.origins(rule) {
            let text = origin.value();
            // Browsers do send `null`, and the effect of a `*` may be undocumented.
            let is_undocumented = cx.provider().wildcard == Wildcard::Undocumented;
            let is_star = text.contains('*') && (text == "*" || is_undocumented);
            if is_star || text == "null" {
                continue;
            }
            let checked = Checked {
                cx,
                rule,
                list: list.node,
                origin,
                pattern,
                findings,
            };
            let found = checked
                .not_an_origin()
                .or_else(|| checked.extra_part())
                .or_else(|| checked.other_form());
            findings.found.extend(found);
        }
        for (origin, computed) in cx.computed_origins(rule) {
            let Some(path) = computed.path() else {
                continue;
            };
            let (message, label, help) = match &origin.value()[path.clone()] {
                "/" => (
                    "origin {} never matches: it ends with a slash",
                    "browsers send no trailing slash",
                    "remove the slash",
                ),
                _ => (
                    "origin {} never matches: it has a path",
                    "browsers send no path",
                    "remove the path",
                ),
            };
            let message = (message, origin.value());
            let finding = findings
                .entry(origin.at(path.clone()), list.node, message, (help, ""))
                .label(label)
                .fix(help, Safety::Unsafe, [origin.replace(path, "")]);
            findings.push(finding);
        }
    }
}

/// An origin that is checked.
struct Checked<'a> {
    cx: &'a LintContext<'a>,
    rule: &'a Rule,
    list: NodeId,
    origin: &'a Entry,
    pattern: &'a OriginPattern<'a>,
    findings: &'a Findings,
}

impl Checked<'_> {
    /// Reports that the origin never matches, and why.
    fn never_matches(&self, part: std::ops::Range<usize>, why: &str, help: &str) -> Diagnostic {
        let message = format!("origin {{}} never matches: {why}");
        self.report(part, &message, (help, ""))
    }

    fn report(
        &self,
        part: std::ops::Range<usize>,
        message: &str,
        help: (&str, &str),
    ) -> Diagnostic {
        let span = match part.is_empty() {
            true => self.origin.span(),
            false => self.origin.at(part),
        };
        let value = match self.origin.value() {
            "" => "\"\"",
            text => text,
        };
        self.findings.entry(span, self.list, (message, value), help)
    }

    /// Reports that the origin never matches, and suggests the origin that browsers send instead.
    fn suggest(&self, part: std::ops::Range<usize>, why: &str, meant: &str) -> Diagnostic {
        let pattern = OriginPattern::parse(meant);
        // How browsers send origins with these schemes is not known.
        let is_other = pattern.scheme().is_some() && !pattern.is_http_family();
        let suggested = match pattern.serialized() {
            Some(sent) => sent,
            None if meant != "*" && (pattern.star().is_some() || is_other) => meant.to_owned(),
            None => return self.never_matches(part, why, FORM),
        };
        let message = format!("origin {{}} never matches: {why}");
        let quoted = self.cx.quote(&suggested);
        if self.cx.lists_origin(self.rule, &suggested) {
            return self
                .report(
                    part,
                    &message,
                    ("remove it: {} is in the list already", &quoted),
                )
                .fix("remove it", Safety::Unsafe, self.origin.remove());
        }
        self.report(part, &message, ("write {}", &quoted)).fix(
            "write it as browsers send it",
            Safety::Unsafe,
            self.origin.rewrite(suggested),
        )
    }

    /// Texts that are not origins at all.
    fn not_an_origin(&self) -> Option<Diagnostic> {
        let text = self.origin.value();
        if text.is_empty() {
            let found = self.never_matches(0..0, "it is empty", "remove it");
            return Some(found.label("browsers never send an empty origin"));
        }
        if let Some(found) = self.unsubstituted() {
            return Some(found);
        }
        if let Some(comma) = memchr::memchr(b',', text.as_bytes()) {
            let found = self.never_matches(comma..comma + 1, "it contains a comma", SPLIT);
            return Some(found.label("one entry holds one origin"));
        }
        if let Some(found) = self.invalid_character() {
            return Some(found);
        }
        let may_be_space = |byte: u8| byte <= b' ' || !byte.is_ascii();
        let mut characters = text.char_indices();
        if text.bytes().any(may_be_space)
            && let Some((space, character)) = characters.find(|(_, c)| c.is_whitespace())
        {
            let part = space..space + character.len_utf8();
            let why = "it contains white space";
            let trimmed = text.trim();
            let found = if trimmed.is_empty() {
                self.never_matches(part, why, "remove it")
            } else if trimmed.contains(char::is_whitespace) {
                self.never_matches(part, why, SPLIT)
            } else {
                self.suggest(part, why, trimmed)
            };
            return Some(found.label("browsers send none"));
        }
        let scheme = self.pattern.scheme().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("file") {
            let why = "pages from files have the origin null";
            let found = self.never_matches(0..7, why, "remove it");
            return Some(found.label("browsers never send file://"));
        }
        if self.pattern.scheme() == Some("") {
            let found = self.never_matches(0..3, "its scheme is empty", FORM);
            return Some(found.label("browsers send scheme://host"));
        }
        let has_scheme = self.pattern.scheme().is_some() || is_scheme_pattern(self.cx, text);
        if !has_scheme && !(self.cx.provider().matches_without_scheme)(text) {
            let host = text.trim_start_matches(['/', ':']).split('/').next();
            let why = "it has no scheme";
            let found = match host.filter(|host| is_host(host)) {
                Some(host) => {
                    let with = |scheme: &str| format!("{scheme}://{host}");
                    let is_local = OriginPattern::parse(&with("http")).is_local();
                    self.suggest(0..0, why, &with(if is_local { "http" } else { "https" }))
                }
                None => self.never_matches(0..0, why, FORM),
            };
            return Some(found.label("browsers send scheme://host"));
        }
        None
    }

    /// A reference that CloudFormation takes literally. Everywhere else, text with a placeholder is unknown.
    fn unsubstituted(&self) -> Option<Diagnostic> {
        let text = self.origin.value();
        let start = text.find("${")?;
        let end = start + text[start..].find('}')? + 1;
        let name = &text[start..end];
        let why = format!("{name} is not substituted without Fn::Sub");
        let found = self.never_matches(start..end, &why, "put the text into Fn::Sub");
        Some(found.label("literal text"))
    }

    /// Quotes around an origin, and characters of regular expressions or lists.
    fn invalid_character(&self) -> Option<Diagnostic> {
        let text = self.origin.value();
        let is_suspect =
            |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'^' | b'|' | b';');
        if !text.bytes().any(is_suspect) {
            return None;
        }
        let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
        let inner = text.trim_matches(is_quote);
        if inner.len() < text.len() {
            let at = match text.starts_with(is_quote) {
                true => 0,
                false => inner.len(),
            };
            let found = self.suggest(at..at + 1, "it contains quotes", inner);
            return Some(found.label("browsers send no quotes"));
        }
        let at = text.find(['\\', '^', '|', ';'])?;
        let why = format!("it contains {}", &text[at..=at]);
        let help = match &text[at..=at] {
            "|" | ";" => SPLIT,
            _ => {
                "regular expressions are not supported: write scheme://host, such as \"https://app.example.com\""
            }
        };
        let found = self.never_matches(at..at + 1, &why, help);
        Some(found.label("browsers never send this character"))
    }

    /// Parts that an origin does not have.
    fn extra_part(&self) -> Option<Diagnostic> {
        let (text, pattern) = (self.origin.value(), self.pattern);
        if self.is_rest_an_origin() {
            return None;
        }
        if !pattern.rest.is_empty() {
            return Some(self.path());
        }
        if !pattern.user.is_empty() {
            let meant = format!(
                "{}{}",
                &text[..pattern.user.start],
                &text[pattern.user.end..]
            );
            let found = self.suggest(pattern.user.clone(), "it has a user name", &meant);
            return Some(found.label("browsers send none"));
        }
        if !self.cx.provider().allows_port_wildcard && pattern.port().contains('*') {
            let why = format!("{} does not support * as a port", self.cx.provider());
            let help = format!(
                "write each port as a separate entry, such as \"{}3000\"",
                &text[..pattern.port.start]
            );
            let found = self.never_matches(pattern.port.clone(), &why, &help);
            return Some(found.label("list the ports"));
        }
        if pattern.host.is_empty() && pattern.scheme().is_some() {
            return Some(
                self.never_matches(0..text.len(), "it has no host", FORM)
                    .label("no host"),
            );
        }
        // Whether some providers leave out the default port before they compare is undocumented.
        if !self.cx.provider().compares_default_port {
            return None;
        }
        if pattern.host.end < pattern.port.start && pattern.port.is_empty() {
            let part = pattern.host.end..pattern.port.start;
            let found = self.suggest(part, "it ends with a colon", &text[..pattern.host.end]);
            return Some(found.label("browsers send no colon without a port"));
        }
        let default_port = match pattern.scheme() {
            Some("https") => "443",
            Some("http") => "80",
            _ => return None,
        };
        if pattern.port() != default_port {
            return None;
        }
        let why = format!("browsers omit the default port {default_port}");
        let found = self.suggest(
            pattern.host.end..text.len(),
            &why,
            &text[..pattern.host.end],
        );
        Some(found.label("default port"))
    }

    /// A path, a query or a fragment.
    fn path(&self) -> Diagnostic {
        let (text, pattern) = (self.origin.value(), self.pattern);
        let rest = &text[pattern.rest.clone()];
        // As in `https://https://acme.io`: the first scheme looks like a host.
        if rest.starts_with("//")
            && let Some(scheme) = pattern.scheme()
            && text[pattern.host.start..].starts_with(&format!("{scheme}://"))
        {
            let again = pattern.host.start..pattern.host.start + scheme.len() + 3;
            let found = self.suggest(again, "its scheme is doubled", &text[pattern.host.start..]);
            return found.label("the second scheme");
        }
        let (why, label) = match rest {
            "/" => ("it ends with a slash", "browsers send no trailing slash"),
            _ if rest.starts_with('/') => ("it has a path", "browsers send no path"),
            _ if rest.starts_with('?') => ("it has a query", "browsers send no query"),
            _ => ("it has a fragment", "browsers send no fragment"),
        };
        // What starts with two slashes is another origin, and it is unclear which of the two is meant.
        let found = match pattern.host.is_empty() || rest.starts_with("//") {
            true => self.never_matches(pattern.rest.clone(), why, FORM),
            false => self.suggest(pattern.rest.clone(), why, &text[..pattern.rest.start]),
        };
        found.label(label)
    }

    /// Returns true if a `*` covers part of `scheme://`, so that what looks like a path is the rest of an
    /// origin, as in `*//acme.io`. A slash at its end is still one too many.
    fn is_rest_an_origin(&self) -> bool {
        let Some(star) = self.pattern.star() else {
            return false;
        };
        let slashes = self.pattern.rest.start;
        let text = self.origin.value();
        self.pattern.scheme().is_none()
            && (self.cx.provider().matches_without_scheme)(text)
            && (star + 1 == slashes && self.pattern.rest.len() > 1 || slashes < star)
            && !(text[star + 1..].trim_start_matches('/').contains('/'))
    }

    /// Hosts and ports that browsers send in another form, or that can't exist.
    fn other_form(&self) -> Option<Diagnostic> {
        let (text, pattern) = (self.origin.value(), self.pattern);
        if !pattern.host().is_ascii() {
            let why = "browsers send the host in punycode";
            // The text that a `*` matches would have to be encoded together with the rest of its label.
            let is_part = |label: &str| !label.is_ascii() && label.contains('*');
            let found = if pattern.host().split('.').any(is_part) {
                let help = "list the names one by one, in punycode";
                self.never_matches(pattern.host.clone(), why, help)
            } else if let Some(host) = to_ascii(pattern.host()) {
                let (before, after) = (&text[..pattern.host.start], &text[pattern.host.end..]);
                self.suggest(pattern.host.clone(), why, &format!("{before}{host}{after}"))
            } else {
                let help = "write the host as browsers show it in punycode";
                self.never_matches(pattern.host.clone(), why, help)
            };
            return Some(found.label("not ASCII"));
        }
        if !pattern.is_http_family() || pattern.star().is_some() || pattern.scheme().is_none() {
            return None;
        }
        let whole = pattern.host.start..text.len();
        match pattern.serialized() {
            // Upper case is reported by uppercase-origin, and the default port above.
            Some(sent) if sent.eq_ignore_ascii_case(text) => None,
            Some(sent) if matches!(text.get(sent.len()..), Some(":" | ":443" | ":80")) => None,
            Some(sent) => {
                let found = self.suggest(whole, "browsers send this host in another form", &sent);
                Some(found.label(format!("sent as {sent}")))
            }
            None => {
                let is_port = pattern.port().is_empty() || pattern.port().parse::<u16>().is_ok();
                let (part, label) = match is_port {
                    true => (whole, "not a valid host"),
                    false => (pattern.port.clone(), "not a valid port"),
                };
                let found = self.never_matches(part, "it is not a valid origin", FORM);
                Some(found.label(label))
            }
        }
    }
}

/// Returns true for a pattern that starts with the scheme of an app or an extension, such as
/// `chrome-extension:*`: where a `*` matches any characters it matches `chrome-extension://ID`.
fn is_scheme_pattern(cx: &LintContext<'_>, text: &str) -> bool {
    let is_scheme = |before: &str| {
        let letters = before.trim_end_matches('/').trim_end_matches(':');
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        letters.len() > 2 && letters.bytes().all(is_letter)
    };
    cx.provider().wildcard == Wildcard::AnyCharacters
        && text.strip_suffix('*').is_some_and(is_scheme)
}

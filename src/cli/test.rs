//! `corslint test`: what a bucket does with a browser's request, and why.

use std::fmt::Write as _;
use std::path::PathBuf;

use corslint::analyze::{Analysis, LocatedPolicy, analyze};
use corslint::document::Why;
use corslint::matching::{Decision, Fact, Mismatch, Refusal, Request, Response, evaluate};
use corslint::origin::why_not_sent;
use corslint::policy::{Entry, Known, List, Policy, Rule};
use corslint::provider::{Match, Provider};
use corslint::read::{io_message, read_named};
use corslint::report::{Style, escape_control, finding_in_full};
use corslint::settings::Settings;
use corslint::skip::SkipReason;
use corslint::source::Source;

use super::{EXIT_FINDINGS, EXIT_OK, Environment, Outcome};

#[derive(Clone, clap::Args)]
#[command(after_help = "\
Pass the method and the headers that the page uses; the request is allowed if its preflight is.

Exit codes: 0: allowed; 1: refused or unknown; 2: the file is not a readable policy")]
pub(super) struct Args {
    /// The policy; - reads standard input
    file: PathBuf,

    /// The page's origin, as the browser sends it: https://app.acme.io
    #[arg(long)]
    origin: String,

    /// The method that the page uses
    #[arg(long, default_value = "GET")]
    method: String,

    /// A request header that the page sets (repeatable)
    #[arg(long)]
    header: Vec<String>,

    /// Assume this provider if it cannot be detected
    #[arg(long, value_name = "NAME", value_parser = super::values::providers())]
    provider: Option<String>,
}

/// Methods that browsers send in upper case, however the page spells them (WHATWG Fetch, 'normalize a
/// method').
const NORMALIZED_METHODS: &[&str] = &["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

pub(super) fn run(args: &Args, environment: &Environment) -> Outcome {
    let mut normalized = NORMALIZED_METHODS.iter();
    let method = normalized.find(|method| method.eq_ignore_ascii_case(&args.method));
    let args = &Args {
        method: method.map_or_else(|| args.method.clone(), ToString::to_string),
        ..args.clone()
    };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~, ".contains(&byte);
    if let Some(header) = args
        .header
        .iter()
        .find(|header| !header.bytes().all(is_part))
    {
        let header = escape_control(header);
        return Outcome::failed(&format!(
            "{header}: not a header name; pass only the name, as in --header content-type"
        ));
    }
    let is_stdin = args.file.as_os_str() == "-";
    let name = match is_stdin {
        true => "<stdin>".to_owned(),
        false => environment.paths().display(&args.file),
    };
    let bytes = match is_stdin {
        true => (environment.read_stdin)().map_err(|error| io_message(&error)),
        false => read_named(&args.file),
    };
    let mut settings = Settings::default();
    settings.provider = args.provider.as_deref().and_then(Provider::by_id);
    let skipped = |why: &SkipReason| {
        Outcome::failed(&format!(
            "{}: not a policy: {}",
            escape_control(&name),
            why.message()
        ))
    };
    let text = match bytes {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return skipped(&SkipReason::TooLarge),
        Err(reason) => return Outcome::failed(&format!("{}: {reason}", escape_control(&name))),
    };
    let analysis = analyze(&name, text, &settings);
    match (&analysis.skipped, &analysis.policies[..]) {
        (Some(why), _) => skipped(why),
        (None, []) => Outcome {
            stderr: analysis
                .findings
                .iter()
                .map(|finding| finding_in_full(&analysis.source, finding, Style::default()))
                .collect(),
            ..Outcome::failed("")
        },
        (None, policies) => {
            let told: Vec<_> = policies
                .iter()
                .map(|policy| describe(args, &analysis, policy))
                .collect();
            Outcome {
                stdout: told.iter().flat_map(|(text, _)| text.bytes()).collect(),
                stderr: why_not_sent(&args.origin)
                    .map(|hint| format!("note: {}\n", escape_control(&hint)))
                    .unwrap_or_default(),
                code: match told.iter().all(|(_, is_allowed)| *is_allowed) {
                    true => EXIT_OK,
                    false => EXIT_FINDINGS,
                },
            }
        }
    }
}

/// Quotes a file name for a shell.
fn shell_quote(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,~".contains(c);
    match name.chars().all(is_plain) {
        true => name.to_owned(),
        false => format!("'{}'", escape_control(name).replace('\'', r"'\''")),
    }
}

/// Describes the decision of one policy, and returns true with it if the request is allowed.
fn describe(args: &Args, analysis: &Analysis, located: &LocatedPolicy) -> (String, bool) {
    let (source, policy) = (&analysis.source, &located.policy);
    let headers = args.header.join(",");
    let request = Request::preflight(&args.origin, &args.method, &headers);
    let mut text = String::new();
    if !located.address.is_empty() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            text,
            "{} at {}:",
            escape_control(source.name()),
            escape_control(&located.address)
        );
    }
    let requested = requested(args);
    let provider = policy.provider();
    let (is_allowed, lines, response) = match evaluate(policy, &request) {
        Decision::Allowed(response) => {
            let rule = &policy.rules[response.rule];
            let _ = writeln!(text, "allowed: {} allows {requested}", rule.name());
            let lines = vec![(rule, "matches".to_owned())];
            (true, lines, Some(response))
        }
        Decision::Undetermined { rule, why, before } => {
            let _ = writeln!(text, "unknown: {provider} may or may not allow {requested}");
            let mut lines = explained(policy, &before, args);
            lines.push((&policy.rules[rule], unknown(policy, rule, why, args)));
            (false, lines, None)
        }
        Decision::Refused(Refusal::NoRule(mismatches)) => {
            let _ = writeln!(text, "refused: no rule allows {requested}");
            let mut lines = explained(policy, &mismatches, args);
            let later = policy.rules.iter().skip(mismatches.len());
            lines.extend(
                later.map(|rule| (rule, "skipped: an earlier rule already matched".to_owned())),
            );
            (false, lines, None)
        }
        Decision::Refused(Refusal::NoOrigin | Refusal::NoRequestMethod) => {
            let _ = writeln!(text, "refused: not a CORS request");
            (false, Vec::new(), None)
        }
    };
    text.push_str(&aligned(source, &lines));
    if let Some(response) = response {
        text.push('\n');
        text.push_str(&headers_of(&response));
    }
    if located.is_rejected {
        let _ = writeln!(
            text,
            "\n{provider} rejects this policy as it is; run `corslint check {}` to see why",
            shell_quote(&args.file.to_string_lossy())
        );
    }
    (text, is_allowed)
}

/// Describes the request, such as "PUT from https://app.acme.io with content-type".
fn requested(args: &Args) -> String {
    let (method, origin) = (escape_control(&args.method), escape_control(&args.origin));
    let headers: Vec<_> = args
        .header
        .iter()
        .filter(|header| !header.is_empty())
        .collect();
    match headers[..] {
        [] => format!("{method} from {origin}"),
        _ => {
            let headers: Vec<_> = headers
                .iter()
                .map(|header| escape_control(header))
                .collect();
            format!("{method} from {origin} with {}", headers.join(", "))
        }
    }
}

/// Lists rules with their positions and explanations, aligned in columns.
fn aligned(source: &Source, lines: &[(&Rule, String)]) -> String {
    let rows: Vec<_> = lines
        .iter()
        .map(|(rule, what)| {
            let at = source.position(rule.head.start());
            let place = format!(
                "{}:{}:{}",
                escape_control(source.name()),
                at.line,
                at.column
            );
            (rule.name(), place, what)
        })
        .collect();
    let name = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let width = rows.iter().map(|(_, place, _)| place.chars().count()).max();
    let width = width.unwrap_or(0);
    let rows = rows
        .iter()
        .map(|(rule, place, what)| format!("  {rule:name$}  {place:width$}  {what}\n"));
    rows.collect()
}

/// Explains the first mismatch of each rule.
fn explained<'p>(
    policy: &'p Policy,
    mismatches: &[Mismatch],
    args: &Args,
) -> Vec<(&'p Rule, String)> {
    let rules = policy.rules.iter().zip(mismatches);
    rules
        .map(|(rule, mismatch)| {
            let what = match mismatch {
                Mismatch::Origin => {
                    format!("origin does not match (allowed: {})", listed(&rule.origins))
                }
                Mismatch::Method => format!(
                    "origin matches, but {} is not one of {}",
                    escape_control(&args.method),
                    listed(&rule.methods)
                ),
                Mismatch::Header(header) => format!(
                    "origin and method match, but header {} is not allowed (allowed: {})",
                    escape_control(header),
                    listed(&rule.allowed_headers)
                ),
            };
            (rule, what)
        })
        .collect()
}

/// Lists the entries of a list, truncated if there are many.
fn listed(list: &Known<List>) -> String {
    const MAX: usize = 8;
    let texts: Vec<_> = list.entries().map(Entry::value).collect();
    let mut shown: Vec<_> = texts
        .iter()
        .take(MAX)
        .map(|text| escape_control(text))
        .collect();
    if texts.len() > MAX {
        shown.push(format!("and {} more", texts.len() - MAX).into());
    }
    if !list.is_complete() {
        shown.push("and unknown values".into());
    }
    match shown[..] {
        [] => "none".to_owned(),
        _ => shown.join(", "),
    }
}

/// Explains why corslint can't determine whether a rule matches the request.
fn unknown(policy: &Policy, rule: usize, why: Why, args: &Args) -> String {
    let rule = &policy.rules[rule];
    if why != Why::Undocumented {
        return "one of its values is computed or invalid".to_owned();
    }
    let provider = policy.provider();
    let is_certain = |list: &Known<List>, matches: &dyn Fn(&str) -> Match| {
        let mut entries = list.entries();
        entries.any(|entry| matches(entry.value()) == Match::Yes)
    };
    let headers = args.header.iter().map(String::as_str);
    let compared = if !is_certain(&rule.origins, &|entry| {
        (provider.origin_matches)(entry, &args.origin)
    }) {
        Some((args.origin.as_str(), &rule.origins))
    } else {
        let mut headers = headers.filter(|header| {
            !is_certain(&rule.allowed_headers, &|entry| {
                (provider.header_matches)(entry, header)
            })
        });
        headers.next().map(|header| (header, &rule.allowed_headers))
    };
    match compared {
        Some((requested, list)) => format!(
            "may match: how {provider} compares {} with {} is undocumented",
            escape_control(requested),
            listed(list)
        ),
        None => "matches, but which of several matching rules decides is undocumented".to_owned(),
    }
}

/// The response headers, as a browser sees them.
fn headers_of(response: &Response) -> String {
    let mut text = String::new();
    let mut header = |name: &str, value: &str| {
        let _ = writeln!(text, "  Access-Control-{name}: {}", escape_control(value));
    };
    match &response.allow_origin {
        Fact::Known(origin) => header("Allow-Origin", origin),
        Fact::Unknown(why) => header("Allow-Origin", reason(*why)),
    }
    match response.allow_credentials {
        Fact::Known(true) => header("Allow-Credentials", "true"),
        Fact::Known(false) => {}
        Fact::Unknown(why) => header("Allow-Credentials", reason(why)),
    }
    for (name, list) in [
        ("Allow-Methods", &response.allow_methods),
        ("Allow-Headers", &response.allow_headers),
        ("Expose-Headers", &response.expose_headers),
    ] {
        match list {
            Fact::Known(values) if values.is_empty() => {}
            Fact::Known(values) => header(name, &values.join(", ")),
            Fact::Unknown(why) => header(name, reason(*why)),
        }
    }
    match response.max_age {
        Fact::Known(Some(seconds)) => header("Max-Age", &seconds.to_string()),
        Fact::Known(None) => {}
        Fact::Unknown(why) => header("Max-Age", reason(why)),
    }
    text
}

/// Returns the reason a header's value is unknown.
fn reason(why: Why) -> &'static str {
    match why {
        Why::Undocumented => "(undocumented)",
        Why::Template | Why::TooDeep => "(computed)",
        Why::Rejected => "(invalid in this policy)",
    }
}

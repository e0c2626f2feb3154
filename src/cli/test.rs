//! `corslint test`: what a bucket answers to a browser's request, and why.

use std::fmt::Write as _;
use std::path::PathBuf;

use corslint::check::{NoPolicy, PassedOver, policies};
use corslint::config::Config;
use corslint::dialect::DIALECTS;
use corslint::discover;
use corslint::matching::{
    Answer, Fact, Match, Mismatch, Refusal, Request, Response, answer, header_matches,
    method_matches, origin_matches,
};
use corslint::policy::{Field, Known, List, Policy, Rule};
use corslint::report::{Style, finding_in_full, visible};
use corslint::source::Source;

use super::{Environment, FINDINGS, FINE, Outcome};

#[derive(clap::Args)]
#[command(after_help = "\
A page's request is allowed if its preflight is: name the method and the headers that the page sends.

Exit code: 0 allowed, 1 refused or not known, 2 the file could not be read as a policy.")]
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

    /// Read the file as this provider's policy where its content does not tell
    #[arg(long, value_name = "NAME", value_parser = super::options::providers())]
    provider: Option<String>,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Outcome {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~, ".contains(&byte);
    if let Some(header) = args
        .header
        .iter()
        .find(|header| !header.bytes().all(is_part))
    {
        let header = visible(header);
        return Outcome::failed(&format!(
            "{header}: this is no name of a header; a preflight asks for names alone, as in --header content-type"
        ));
    }
    let name = if args.file.as_os_str() == "-" {
        "<stdin>".to_owned()
    } else {
        environment.names().name(&args.file)
    };
    let bytes = if args.file.as_os_str() == "-" {
        (environment.read_stdin)()
            .map(Some)
            .map_err(|error| discover::reason(&error))
    } else {
        discover::read_named(&args.file)
    };
    let text = match bytes.map(|bytes| bytes.map(Source::decode)) {
        Ok(Some(Ok(text))) => text,
        Ok(None) => {
            let why = PassedOver::TooLarge.reason();
            return Outcome::failed(&format!("{}: no policy: {why}", visible(&name)));
        }
        Ok(Some(Err(_))) => {
            return Outcome::failed(&format!("{}: this file is not UTF-8", visible(&name)));
        }
        Err(reason) => return Outcome::failed(&format!("{}: {reason}", visible(&name))),
    };
    let source = Source::new(name, text);
    let dialect = DIALECTS
        .iter()
        .find(|dialect| Some(dialect.name) == args.provider.as_deref());
    let mut config = Config::default();
    config.provider = dialect.map(|dialect| dialect.provider);
    let answered = policies(&source, &config, |address, policy, is_refused| {
        tell(args, &source, address, policy, is_refused)
    });
    match answered {
        Ok(told) => Outcome {
            stdout: told.iter().flat_map(|(text, _)| text.bytes()).collect(),
            stderr: String::new(),
            code: if told.iter().all(|(_, allowed)| *allowed) {
                FINE
            } else {
                FINDINGS
            },
        },
        Err(NoPolicy::PassedOver(why)) => Outcome::failed(&format!(
            "{}: no policy: {}",
            visible(source.name()),
            why.reason()
        )),
        Err(NoPolicy::Broken(fault)) => Outcome {
            stderr: finding_in_full(&source, &fault, Style::default()),
            ..Outcome::failed("")
        },
    }
}

/// A file's name as one types it into a shell.
fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,~".contains(c);
    match name.chars().all(is_plain) {
        true => name.to_owned(),
        false => format!("'{}'", visible(name).replace('\'', r"'\''")),
    }
}

/// The answer of one policy in words, and whether it allows the request.
fn tell(
    args: &Args,
    source: &Source,
    address: &str,
    policy: &Policy<'_>,
    is_refused: bool,
) -> (String, bool) {
    let headers = args.header.join(",");
    let request = Request {
        origin: Some(&args.origin),
        method: "OPTIONS",
        request_method: Some(&args.method),
        request_headers: (!headers.is_empty()).then_some(&headers),
    };
    let mut text = String::new();
    if !address.is_empty() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{} at {}:", visible(source.name()), visible(address));
    }
    let asked = asked(args);
    let provider = policy.provider;
    let (allowed, lines, response) = match answer(policy, &request) {
        Answer::Allowed(response) => {
            let rule = &policy.rules[response.rule];
            let _ = writeln!(text, "allowed: {} allows {asked}", rule.name());
            let lines = vec![(rule, "matches".to_owned())];
            (true, lines, Some(response))
        }
        Answer::Undecided { rule, before } => {
            let _ = writeln!(text, "not known: {provider} may or may not allow {asked}");
            let mut lines = explained(policy, &before, args);
            lines.push((&policy.rules[rule], unknown(policy, rule, args)));
            (false, lines, None)
        }
        Answer::Refused(Refusal::NoRule(mismatches)) => {
            let _ = writeln!(text, "refused: no rule allows {asked}");
            let mut lines = explained(policy, &mismatches, args);
            let later = policy.rules.iter().skip(mismatches.len());
            lines.extend(later.map(|rule| (rule, "not asked: the rule before decides".to_owned())));
            (false, lines, None)
        }
        Answer::Refused(Refusal::NoOrigin | Refusal::NoRequestMethod) => {
            let _ = writeln!(text, "refused: this is no CORS request");
            (false, Vec::new(), None)
        }
    };
    text.push_str(&aligned(source, &lines));
    if let Some(response) = response {
        text.push('\n');
        text.push_str(&headers_of(&response));
    }
    if is_refused {
        let _ = writeln!(
            text,
            "\n{provider} refuses this policy as it is; corslint check {} says why",
            word(&args.file.to_string_lossy())
        );
    }
    (text, allowed)
}

/// "PUT from https://app.acme.io with content-type".
fn asked(args: &Args) -> String {
    let (method, origin) = (visible(&args.method), visible(&args.origin));
    let headers: Vec<_> = args
        .header
        .iter()
        .filter(|header| !header.is_empty())
        .collect();
    match headers[..] {
        [] => format!("{method} from {origin}"),
        _ => {
            let headers: Vec<_> = headers.iter().map(|header| visible(header)).collect();
            format!("{method} from {origin} with {}", headers.join(", "))
        }
    }
}

/// Rules and what is said of them, with their places, in columns.
fn aligned(source: &Source, lines: &[(&Rule<'_>, String)]) -> String {
    let rows: Vec<_> = lines
        .iter()
        .map(|(rule, what)| {
            let at = source.position(rule.head.start());
            let place = format!("{}:{}:{}", visible(source.name()), at.line, at.column);
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

/// For each rule the first thing that does not match.
fn explained<'p, 'd>(
    policy: &'p Policy<'d>,
    mismatches: &[Mismatch],
    args: &Args,
) -> Vec<(&'p Rule<'d>, String)> {
    let rules = policy.rules.iter().zip(mismatches);
    rules
        .map(|(rule, mismatch)| {
            let what = match mismatch {
                Mismatch::Origin => {
                    format!("origin does not match (allowed: {})", listed(&rule.origins))
                }
                Mismatch::Method => format!(
                    "origin matches, {} is not in {}",
                    visible(&args.method),
                    listed(&rule.methods)
                ),
                Mismatch::Header(header) => format!(
                    "origin and method match, header {} is not allowed (allowed: {})",
                    visible(header),
                    listed(&rule.allowed_headers)
                ),
            };
            (rule, what)
        })
        .collect()
}

/// The entries of a list, the first few of many.
fn listed(list: &Field<List<'_>>) -> String {
    const MOST: usize = 8;
    let texts: Vec<_> = list.known().map(Known::value).collect();
    let mut shown: Vec<_> = texts.iter().take(MOST).map(|text| visible(text)).collect();
    if texts.len() > MOST {
        shown.push(format!("and {} more", texts.len() - MOST).into());
    }
    if !list.is_known() {
        shown.push("and what is not known here".into());
    }
    match shown[..] {
        [] => "none".to_owned(),
        _ => shown.join(", "),
    }
}

/// Why it is not known whether a rule decides.
fn unknown(policy: &Policy<'_>, rule: usize, args: &Args) -> String {
    let rule = &policy.rules[rule];
    let lists = [&rule.origins, &rule.methods, &rule.allowed_headers];
    if lists.iter().any(|list| !list.is_known()) {
        return "a value in it is computed elsewhere, or is refused".to_owned();
    }
    let provider = policy.provider;
    let is_sure = |list: &Field<List<'_>>, matches: &dyn Fn(&str) -> Match| {
        let mut texts = list.known().map(Known::value);
        texts.any(|text| matches(text) == Match::Yes)
    };
    let headers = args.header.iter().map(String::as_str);
    let asked = if !is_sure(&rule.origins, &|text| {
        origin_matches(provider, text, &args.origin)
    }) {
        Some((args.origin.as_str(), &rule.origins))
    } else if !is_sure(&rule.methods, &|text| {
        method_matches(provider, text, &args.method)
    }) {
        Some((args.method.as_str(), &rule.methods))
    } else {
        let mut headers = headers.filter(|header| {
            !is_sure(&rule.allowed_headers, &|text| {
                header_matches(provider, text, header)
            })
        });
        headers.next().map(|header| (header, &rule.allowed_headers))
    };
    match asked {
        Some((asked, list)) => format!(
            "may match: how {provider} compares {} with {} is not documented",
            visible(asked),
            listed(list)
        ),
        None => "matches, but which of several rules answers is not documented".to_owned(),
    }
}

/// The response headers, as a browser sees them.
fn headers_of(response: &Response) -> String {
    let mut text = String::new();
    let mut header = |name: &str, value: &str| {
        let _ = writeln!(text, "  Access-Control-{name}: {}", visible(value));
    };
    const NOT_KNOWN: &str = "(not documented)";
    const ELSEWHERE: &str = "(computed elsewhere, or refused)";
    match &response.allow_origin {
        Fact::Known(origin) => header("Allow-Origin", origin),
        Fact::Unknown => header("Allow-Origin", NOT_KNOWN),
    }
    match response.allow_credentials {
        Fact::Known(true) => header("Allow-Credentials", "true"),
        Fact::Known(false) => {}
        Fact::Unknown => header("Allow-Credentials", NOT_KNOWN),
    }
    for (name, list) in [
        ("Allow-Methods", &response.allow_methods),
        ("Allow-Headers", &response.allow_headers),
        ("Expose-Headers", &response.expose_headers),
    ] {
        match list {
            Fact::Known(values) if values.is_empty() => {}
            Fact::Known(values) => header(name, &values.join(", ")),
            Fact::Unknown if name == "Expose-Headers" => header(name, ELSEWHERE),
            Fact::Unknown => header(name, NOT_KNOWN),
        }
    }
    match response.max_age {
        Fact::Known(Some(seconds)) => header("Max-Age", &seconds.to_string()),
        Fact::Known(None) => {}
        Fact::Unknown => header("Max-Age", ELSEWHERE),
    }
    text
}

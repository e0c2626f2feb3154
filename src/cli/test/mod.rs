//! `corslint test`: what a bucket does with a browser's request, and why.

mod json;
mod text;

use std::path::PathBuf;

use corslint::analyze::{Analysis, LocatedPolicy, analyze};
use corslint::fetch::{is_forbidden_header, is_safelisted_header, normalized_method};
use corslint::matching::{Decision, Request, evaluate};
use corslint::origin::why_not_sent;
use corslint::provider::Provider;
use corslint::report::{escape_control, finding_in_full};
use corslint::settings::Settings;
use corslint::skip::SkipReason;

use super::{EXIT_FINDINGS, EXIT_OK, Environment, Outcome};

#[derive(Clone, clap::Args)]
#[command(after_help = "\
Pass the method and the headers that the page uses; the request is allowed if its preflight is. For B2, the
method can also be an operation, such as b2_upload_file.

Exit codes: 0: allowed; 1: refused, unknown, or the provider rejects the policy; 2: the file is not a readable policy")]
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

    /// Only the policy at this address, as --list-files prints it
    #[arg(long, value_name = "ADDRESS")]
    policy: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    format: TestFormat,

    /// Assume this provider if it cannot be detected
    #[arg(long, value_name = "NAME", value_parser = super::values::providers())]
    provider: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum TestFormat {
    /// For humans
    Text,
    /// For programs
    Json,
}

/// A request of a page.
struct PageRequest {
    origin: String,
    method: String,
    /// The headers that the preflight asks for.
    headers: Vec<String>,
    /// What is unusual about the request, one line each.
    notes: Vec<String>,
    /// Why no browser sends the origin; `None` if browsers may send it.
    not_sent: Option<String>,
}

/// The decision of one policy.
struct Tested<'a> {
    analysis: &'a Analysis,
    located: &'a LocatedPolicy,
    decision: Decision,
}

impl Tested<'_> {
    /// Returns true if the bucket allows the request. A policy that the provider rejects never takes effect.
    fn is_allowed(&self) -> bool {
        matches!(self.decision, Decision::Allowed(_)) && !self.located.is_rejected
    }
}

pub(super) fn run(args: &Args, environment: &Environment) -> Outcome {
    match try_run(args, environment) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn try_run(args: &Args, environment: &Environment) -> Result<Outcome, Outcome> {
    let request = page_request(args).map_err(|error| Outcome::failed(&error))?;
    let (name, bytes) = environment.read(&args.file);
    let mut settings = Settings::default();
    settings.provider = args.provider.as_deref().and_then(Provider::by_id);
    let failed = |reason: &str| Outcome::failed(&format!("{}: {reason}", escape_control(&name)));
    let skipped = |why: &SkipReason| failed(&format!("not a policy: {}", why.message()));
    let text = match bytes {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(skipped(&SkipReason::TooLarge)),
        Err(reason) => return Err(failed(&reason)),
    };
    let analysis = analyze(&name, text, &settings);
    if let Some(why) = &analysis.skipped {
        return Err(skipped(why));
    }
    if analysis.policies.is_empty() {
        let style = environment.stderr_style();
        let findings = analysis.findings.iter();
        let findings = findings.map(|finding| finding_in_full(&analysis.source, finding, style));
        return Err(Outcome {
            stderr: findings.collect(),
            ..Outcome::failed("")
        });
    }
    let headers = request.headers.join(",");
    let preflight = Request::preflight(&request.origin, &request.method, &headers);
    let wanted = |located: &&LocatedPolicy| {
        let address = args.policy.as_ref();
        address.is_none_or(|address| *address == located.address)
    };
    let policies = analysis.policies.iter().filter(wanted);
    let tested: Vec<_> = policies
        .map(|located| Tested {
            analysis: &analysis,
            located,
            decision: evaluate(&located.policy, &preflight),
        })
        .collect();
    if tested.is_empty() {
        return Err(failed(&unknown_address(args, &analysis)));
    }
    let stdout = match args.format {
        TestFormat::Text => {
            let style = environment.stdout_style();
            let told = tested.iter();
            told.map(|tested| text::describe(tested, &request, &args.file, style))
                .collect()
        }
        TestFormat::Json => json::render(&tested, &request),
    };
    let notes = request.notes.iter();
    Ok(Outcome {
        stdout: stdout.into_bytes(),
        stderr: notes
            .map(|note| format!("note: {}\n", escape_control(note)))
            .collect(),
        code: match request.not_sent.is_none() && tested.iter().all(Tested::is_allowed) {
            true => EXIT_OK,
            false => EXIT_FINDINGS,
        },
    })
}

/// Returns the request as a browser sends it. The error says which argument is not part of any request.
fn page_request(args: &Args) -> Result<PageRequest, String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if args.origin.is_empty() {
        return Err(
            "--origin is empty; browsers send an origin such as https://app.acme.io".to_owned(),
        );
    }
    if args.method.is_empty() {
        return Err("--method is empty".to_owned());
    }
    if !args.method.bytes().all(is_token) {
        return Err(format!("{}: not a method", escape_control(&args.method)));
    }
    let mut notes = Vec::new();
    let mut headers = Vec::new();
    let names = args.header.iter().flat_map(|list| list.split(','));
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        if !name.bytes().all(is_token) {
            return Err(format!(
                "{}: not a header name; pass only the name, as in --header content-type",
                escape_control(name)
            ));
        }
        let lower_case = name.to_ascii_lowercase();
        if is_forbidden_header(&lower_case) {
            notes.push(format!(
                "pages cannot set {name}, so no preflight asks for it"
            ));
        } else if is_safelisted_header(&lower_case) {
            notes.push(format!(
                "no preflight asks for {name}: pages may always set it"
            ));
        } else {
            headers.push(name.to_owned());
        }
    }
    Ok(PageRequest {
        origin: args.origin.clone(),
        method: normalized_method(&args.method).to_owned(),
        headers,
        notes,
        not_sent: why_not_sent(&args.origin),
    })
}

/// Lists the addresses of a file, for an address that it does not have.
fn unknown_address(args: &Args, analysis: &Analysis) -> String {
    let address = args.policy.as_deref().unwrap_or_default();
    let addresses = analysis
        .policies
        .iter()
        .map(|located| match &*located.address {
            "" => "(the whole file)",
            address => address,
        });
    let addresses: Vec<_> = addresses.collect();
    format!(
        "no policy at {}; the policies are at: {}",
        escape_control(address),
        escape_control(&addresses.join(", "))
    )
}

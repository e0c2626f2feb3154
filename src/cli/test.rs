//! `corslint test`: what a bucket does with a browser's request, and why.

use std::path::PathBuf;

use corslint::analyze::{Analysis, LocatedPolicy, analyze};
use corslint::provider::Provider;
use corslint::report::decision::{PageRequest, Tested, json, text};
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

pub(super) fn run(args: &Args, environment: &Environment) -> Outcome {
    match try_run(args, environment) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn try_run(args: &Args, environment: &Environment) -> Result<Outcome, Outcome> {
    let request = PageRequest::new(&args.origin, &args.method, &args.header)
        .map_err(|error| Outcome::failed(&error))?;
    let (name, bytes) = environment.read(&args.file);
    let mut settings = Settings::default();
    settings.provider = args.provider.as_deref().and_then(Provider::by_id);
    let failed = |reason: &str| Outcome::failed(&format!("{}: {reason}", escape_control(&name)));
    let skipped = |why: &SkipReason| failed(&format!("not a policy: {}", why.message()));
    let bytes = match bytes {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(skipped(&SkipReason::TooLarge)),
        Err(reason) => return Err(failed(&reason)),
    };
    let analysis = analyze(&name, bytes, &settings);
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
    let wanted = |located: &&LocatedPolicy| {
        let address = args.policy.as_ref();
        address.is_none_or(|address| *address == located.address)
    };
    let policies = analysis.policies.iter().filter(wanted);
    let tested: Vec<_> = policies
        .map(|located| Tested::new(&analysis, located, &request))
        .collect();
    if tested.is_empty() {
        return Err(failed(&unknown_address(args, &analysis)));
    }
    let stdout = match args.format {
        TestFormat::Text => {
            let style = environment.stdout_style();
            let told = tested.iter();
            told.map(|tested| text(tested, &request, &args.file, style))
                .collect()
        }
        TestFormat::Json => json(&tested, &request),
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

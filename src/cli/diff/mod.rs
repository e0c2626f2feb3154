//! `corslint diff`: which requests a changed policy allows that were refused before, and the reverse.

mod load;
mod pair;

use std::path::PathBuf;

use corslint::compare::Compared;
use corslint::config::Projects;
use corslint::provider::Provider;
use corslint::report::difference::{self, json, markdown, sarif, text};

use super::{EXIT_ERROR, EXIT_FINDINGS, EXIT_OK, Environment, Outcome};
use load::Loader;

#[derive(Clone, clap::Args)]
#[command(after_help = "\
Compares what policies allow, not their text: reordered, split or reformatted rules make no difference, and the two
files may be in different formats.

Exit codes: 0: nothing is newly allowed; 1: something is, or may be (see --fail-on); 2: error

Examples:
  corslint diff old.json new.json
  aws s3api get-bucket-cors --bucket acme-photos | corslint diff - infra/cors.json
  corslint diff --since main --format markdown")]
pub(super) struct Args {
    /// The old and the new policy: files, directories, or - for standard input; with --since or --staged, paths to search
    #[arg(value_name = "OLD NEW")]
    paths: Vec<PathBuf>,

    /// Compare the policies of the working tree with those of this git revision
    #[arg(long, value_name = "REV")]
    since: Option<String>,

    /// Compare the policies that are staged in git with those of the last commit
    #[arg(long, conflicts_with = "since")]
    staged: bool,

    /// Only the policy at this address, as --list-files prints it
    #[arg(long, value_name = "ADDRESS")]
    policy: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    format: DiffFormat,

    /// The differences that cause exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::NewlyAllowed)]
    fail_on: FailOn,

    /// Assume this provider if it cannot be detected
    #[arg(long, value_name = "NAME", value_parser = super::values::providers())]
    provider: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum DiffFormat {
    /// For humans
    Text,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
    /// SARIF 2.1.0: what is newly allowed, for code scanning
    Sarif,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Requests that were refused before are allowed, or pages may read more
    NewlyAllowed,
    /// Anything but a max age
    Any,
    /// Nothing
    Never,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Outcome {
    match try_run(args, environment) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::failed(&error),
    }
}

fn try_run(args: &Args, environment: &Environment) -> Result<Outcome, String> {
    let mut loader = Loader {
        environment,
        paths: environment.paths(),
        provider: args.provider.as_deref().and_then(Provider::by_id),
        projects: Projects::nearest(environment.paths()),
        errors: Vec::new(),
    };
    let sides = match (&args.since, &args.paths[..]) {
        (_, paths) if args.staged => loader.changed("HEAD", true, paths)?,
        (Some(revision), paths) => loader.changed(revision, false, paths)?,
        (None, [old, new]) => loader.files(old, new)?,
        (None, _) => {
            return Err(
                "name the old and the new policy, or use --since REV or --staged".to_owned(),
            );
        }
    };
    if let Some(outcome) = super::config_errors(
        loader.projects.errors(),
        &loader.paths,
        environment.stderr_style(),
    ) {
        return Ok(outcome);
    }
    let pairs = pair::pairs(sides, args.policy.as_deref())?;
    let is_named = args.since.is_none() && !args.staged;
    let pairs = pairs.into_iter();
    let compared: Vec<_> = pairs.map(|(old, new)| Compared::new(old, new)).collect();
    let mut warnings: String = compared
        .iter()
        .flat_map(difference::warnings)
        .map(|warning| format!("warning: {warning}\n"))
        .collect();
    let style = environment.stdout_style();
    let stdout = match args.format {
        DiffFormat::Text => text(&compared, is_named, style),
        DiffFormat::Json => json(&compared),
        DiffFormat::Markdown => markdown(&compared),
        DiffFormat::Sarif => sarif(&compared),
    };
    let fails = compared.iter().any(|it| match args.fail_on {
        FailOn::NewlyAllowed => it.widens(),
        FailOn::Any => it.changes_access(),
        FailOn::Never => false,
    });
    for error in &loader.errors {
        warnings.push_str(&format!("error: {error}\n"));
    }
    Ok(Outcome {
        stdout: stdout.into_bytes(),
        stderr: warnings,
        code: match () {
            () if !loader.errors.is_empty() => EXIT_ERROR,
            () if fails => EXIT_FINDINGS,
            () => EXIT_OK,
        },
    })
}

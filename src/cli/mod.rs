//! The command line: one file for each subcommand.

mod check;
mod completions;
mod explain;
mod schema;
mod test;

use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use clap::{ArgMatches, Parser, Subcommand};
use corslint::config::{ConfigError, Projects, read_project};
use corslint::finding::Finding;
use corslint::level::Severity;
use corslint::paths::{Paths, repository_root};
use corslint::report::{Style, escape_control, escape_lines, finding_in_full};
use time::Date;

/// The exit code without findings that count.
pub(crate) const EXIT_OK: u8 = 0;
/// The exit code with findings.
pub(crate) const EXIT_FINDINGS: u8 = 1;
/// The exit code if the run itself failed.
pub(crate) const EXIT_ERROR: u8 = 2;

/// A linter for the CORS policies of S3, GCS, R2 and B2 buckets
#[derive(Parser)]
#[command(name = "corslint", version, about, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  corslint check                           every policy in this directory and below
  corslint check infra/cors.json           one file
  aws s3api get-bucket-cors --bucket acme-photos | corslint check -
  corslint test cors.json --origin https://app.acme.io --method PUT --header content-type
  corslint explain wildcard-origin         why it is a problem, and how to fix it
  corslint schema s3-console               the JSON Schema, for an editor

Exit codes: 0: no findings at or above --fail-on; 1: findings; 2: error";

#[derive(Subcommand)]
enum Command {
    /// Check the policies in files and directories
    Check(Box<check::Args>),
    /// Show what a bucket would do with a browser's request, and why
    Test(test::Args),
    /// Explain a lint, or list all lints
    Explain(explain::Args),
    /// Print the JSON Schema of a policy format
    Schema(schema::Args),
    /// Print shell completions
    Completions(completions::Args),
}

/// What the process knows about its environment.
pub(crate) struct Environment {
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
    pub(crate) wants_no_color: bool,
    pub(crate) working_directory: Option<PathBuf>,
    /// In columns; `None` if nothing is a terminal.
    pub(crate) terminal_width: Option<usize>,
    /// Reads standard input; `None` if it is too large.
    pub(crate) read_stdin: fn() -> io::Result<Option<Vec<u8>>>,
    /// Returns the date in UTC.
    pub(crate) today: fn() -> Date,
}

/// What the process prints, and its exit code.
pub(crate) struct Outcome {
    /// Bytes, since standard input that is not text is written back unchanged.
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) code: u8,
}

impl Outcome {
    fn ok(stdout: impl Into<String>) -> Outcome {
        Outcome {
            stdout: stdout.into().into_bytes(),
            stderr: String::new(),
            code: EXIT_OK,
        }
    }

    fn failed(error: &str) -> Outcome {
        Outcome {
            stdout: Vec::new(),
            stderr: format!("error: {error}\n"),
            code: EXIT_ERROR,
        }
    }
}

/// What clap prints itself: help, the version, or a usage error.
pub(crate) fn clap_outcome(error: &clap::Error, environment: &Environment) -> Outcome {
    let rendered = error.render();
    let plain = rendered.to_string();
    let is_terminal = match error.use_stderr() {
        true => environment.stderr_is_terminal,
        false => environment.stdout_is_terminal,
    };
    // Arguments may be file names, which are untrusted: no colors next to those.
    let text = match escape_lines(&plain) {
        escaped if escaped != plain => escaped,
        _ if is_terminal && !environment.wants_no_color => rendered.ansi().to_string(),
        _ => plain,
    };
    match error.use_stderr() {
        true => Outcome {
            stdout: Vec::new(),
            stderr: text,
            code: EXIT_ERROR,
        },
        false => Outcome::ok(text),
    }
}

pub(crate) fn run(cli: Cli, matches: &ArgMatches, environment: &Environment) -> Outcome {
    match cli.command {
        Command::Check(args) => {
            let matches = matches
                .subcommand_matches("check")
                .expect("clap has just parsed this subcommand");
            check::run(&args, matches, environment)
        }
        Command::Test(args) => test::run(&args, environment),
        Command::Explain(args) => explain::run(&args, environment),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}

impl Environment {
    /// The root of the git repository around the working directory, and the path from there, with `/`;
    /// both are empty outside of one.
    fn repository(&self) -> (String, String) {
        let directory = self.working_directory.as_deref();
        let Some((directory, root)) = directory.zip(directory.and_then(repository_root)) else {
            return (String::new(), String::new());
        };
        let slashed = |path: &Path| path.to_string_lossy().replace(MAIN_SEPARATOR, "/");
        (
            slashed(root),
            directory
                .strip_prefix(root)
                .map_or_else(|_| String::new(), slashed),
        )
    }

    /// How paths are resolved and printed.
    fn paths(&self) -> Paths {
        Paths {
            working_directory: self.working_directory.clone(),
        }
    }
}

/// The outcome of a run with invalid configurations; `None` if all are valid. Nothing else is reported:
/// every finding could be different with a valid configuration.
fn config_errors(errors: Vec<ConfigError>, paths: &Paths, style: Style) -> Option<Outcome> {
    if errors.is_empty() {
        return None;
    }
    let errors = errors.into_iter().map(|error| match error {
        ConfigError::Unreadable(path, reason) => {
            format!(
                "error: {}: {reason}\n",
                escape_control(&paths.display(&path))
            )
        }
        ConfigError::Invalid(source, errors) => {
            let errors = errors.into_iter().map(|error| {
                finding_in_full(&source, &Finding::new(error, Severity::Error), style)
            });
            errors.collect::<String>()
        }
    });
    let mut rendered: Vec<_> = errors.collect();
    rendered.sort();
    Some(Outcome {
        stdout: Vec::new(),
        stderr: rendered.concat(),
        code: EXIT_ERROR,
    })
}

/// The configurations of files, as `--config` and `--isolated` say.
fn projects(
    config: Option<&Path>,
    isolated: bool,
    environment: &Environment,
) -> Result<Projects, ConfigError> {
    let paths = environment.paths();
    match config {
        Some(path) => {
            let name = paths.display(path);
            read_project(&paths.absolute(path), &name).map(Projects::only)
        }
        None if isolated => Ok(Projects::isolated()),
        None => Ok(Projects::nearest(paths)),
    }
}

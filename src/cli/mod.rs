//! The command line, one file for each subcommand, and for each step of `check`.

mod check;
mod completions;
mod explain;
mod look;
mod mend;
mod options;
mod output;
mod recorded;
mod schema;
mod summary;
mod test;

use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use clap::{ArgMatches, Parser, Subcommand};
use corslint::config::{ConfigError, Projects};
use corslint::discover;
use corslint::report::{Style, finding_in_full, visible, visible_lines};
use time::Date;

/// The exit code where everything is well.
pub(crate) const FINE: u8 = 0;
/// The exit code where there are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The exit code where the run itself failed.
pub(crate) const RUN_FAILED: u8 = 2;

/// Finds what is wrong in the CORS policies of storage buckets, and says where and why.
#[derive(Parser)]
#[command(name = "corslint", version, about, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  corslint check                           every policy below this folder
  corslint check infra/cors.json           one file
  aws s3api get-bucket-cors --bucket acme-photos | corslint check -
  corslint test cors.json --origin https://app.acme.io --method PUT --header content-type
  corslint explain wildcard-origin         why that is a fault, and what to do
  corslint schema s3-console               the JSON Schema, for an editor

Exit code: 0 no findings that count, 1 findings, 2 the run itself failed.";

#[derive(Subcommand)]
enum Command {
    /// Check the policies in files and folders
    Check(Box<options::Args>),
    /// Say what a bucket would answer to a browser's request, and why
    Test(test::Args),
    /// Print a lint's page, or the table of all lints
    Explain(explain::Args),
    /// Print the JSON Schema of a shape of file
    Schema(schema::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// What the process knows of the world around it.
pub(crate) struct Environment {
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
    pub(crate) wants_no_color: bool,
    pub(crate) working_directory: Option<PathBuf>,
    pub(crate) read_stdin: fn() -> io::Result<Vec<u8>>,
    /// The date in UTC.
    pub(crate) today: fn() -> Date,
}

/// What the process is to print, and its exit code.
pub(crate) struct Outcome {
    /// Bytes, for standard input that is not text goes out as it came.
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) code: u8,
}

impl Outcome {
    fn fine(stdout: impl Into<String>) -> Outcome {
        Outcome {
            stdout: stdout.into().into_bytes(),
            stderr: String::new(),
            code: FINE,
        }
    }

    fn failed(error: &str) -> Outcome {
        Outcome {
            stdout: Vec::new(),
            stderr: format!("error: {error}\n"),
            code: RUN_FAILED,
        }
    }
}

/// What clap prints by itself: help, the version, or what is wrong with the arguments.
pub(crate) fn of_clap(error: &clap::Error, environment: &Environment) -> Outcome {
    let drawn = error.render();
    let plain = drawn.to_string();
    let is_terminal = match error.use_stderr() {
        true => environment.stderr_is_terminal,
        false => environment.stdout_is_terminal,
    };
    // Arguments may be the names of files, which say what they like: no colours beside such.
    let text = match visible_lines(&plain) {
        visible if visible != plain => visible,
        _ if is_terminal && !environment.wants_no_color => drawn.ansi().to_string(),
        _ => plain,
    };
    match error.use_stderr() {
        true => Outcome {
            stdout: Vec::new(),
            stderr: text,
            code: RUN_FAILED,
        },
        false => Outcome::fine(text),
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
    /// The top of the git repository around the working directory, and the way from there, with `/`;
    /// empty outside of one.
    fn repository(&self) -> (String, String) {
        let directory = self.working_directory.as_deref();
        let Some((directory, top)) = directory.zip(directory.and_then(discover::repository_top))
        else {
            return (String::new(), String::new());
        };
        let slashed = |path: &Path| path.to_string_lossy().replace(MAIN_SEPARATOR, "/");
        (
            slashed(top),
            directory
                .strip_prefix(top)
                .map_or_else(|_| String::new(), slashed),
        )
    }

    /// How files are named, counted from the working directory.
    fn names(&self) -> discover::Options {
        discover::Options {
            working_directory: self.working_directory.clone(),
            ..discover::Options::default()
        }
    }
}

/// What is wrong with the configurations that were met; none if nothing is. Then nothing else is
/// said or done: every finding could be other than the project wants it.
fn config_errors(
    errors: Vec<ConfigError>,
    names: &discover::Options,
    style: Style,
) -> Option<Outcome> {
    if errors.is_empty() {
        return None;
    }
    let mut drawn: Vec<_> = errors
        .iter()
        .map(|error| match error {
            ConfigError::Unreadable(path, reason) => {
                format!("error: {}: {reason}\n", visible(&names.name(path)))
            }
            ConfigError::Faults(source, faults) => {
                let faults = faults
                    .iter()
                    .map(|fault| finding_in_full(source, fault, style));
                faults.collect::<String>()
            }
        })
        .collect();
    drawn.sort();
    Some(Outcome {
        stdout: Vec::new(),
        stderr: drawn.concat(),
        code: RUN_FAILED,
    })
}

/// The configurations of files, by the options `--config` and `--isolated`.
fn projects(
    config: Option<&Path>,
    isolated: bool,
    environment: &Environment,
) -> Result<Projects, ConfigError> {
    let names = environment.names();
    match config {
        Some(path) => {
            let name = names.name(path);
            corslint::config::Project::read(&names.absolute(path), &name).map(Projects::only)
        }
        None if isolated => Ok(Projects::isolated()),
        None => Ok(Projects::nearest(names)),
    }
}

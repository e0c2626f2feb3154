//! The command line, one file for each subcommand.

mod check;
mod explain;
mod schema;

use std::io;
use std::path::PathBuf;

use clap::{ArgMatches, Parser, Subcommand};

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
  corslint explain wildcard-origin         why that is a fault, and what to do
  corslint schema s3-console               the JSON Schema, for an editor

Exit code: 0 no findings that count, 1 findings, 2 the run itself failed.";

#[derive(Subcommand)]
enum Command {
    /// Check the policies in files and folders
    Check(check::Args),
    /// Print a lint's page, or the table of all lints
    Explain(explain::Args),
    /// Print the JSON Schema of a shape of file
    Schema(schema::Args),
}

/// What the process knows of the world around it.
pub(crate) struct Environment {
    pub(crate) stdout_is_terminal: bool,
    pub(crate) wants_no_color: bool,
    pub(crate) working_directory: Option<PathBuf>,
    pub(crate) read_stdin: fn() -> io::Result<Vec<u8>>,
}

/// What the process is to print, and its exit code.
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: u8,
}

impl Outcome {
    fn fine(stdout: impl Into<String>) -> Outcome {
        Outcome {
            stdout: stdout.into(),
            stderr: String::new(),
            code: FINE,
        }
    }

    fn failed(error: &str) -> Outcome {
        Outcome {
            stdout: String::new(),
            stderr: format!("error: {error}\n"),
            code: RUN_FAILED,
        }
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
        Command::Explain(args) => explain::run(&args),
        Command::Schema(args) => schema::run(&args),
    }
}

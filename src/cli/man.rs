//! `corslint man`: the manual pages.

use clap::CommandFactory as _;
use corslint::report::escape_control;

use super::{Cli, Outcome};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Subcommand to describe; omit it for the page of corslint itself
    command: Option<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut cli = Cli::command();
    // Gives the subcommands their full names.
    cli.build();
    let command = match &args.command {
        None => &cli,
        Some(name) => match cli.find_subcommand(name) {
            Some(command) => command,
            None => {
                return Outcome::failed(&format!(
                    "unknown subcommand: {} (run `corslint help` for a list)",
                    escape_control(name)
                ));
            }
        },
    };
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).manual("corslint manual");
    match man.render(&mut page) {
        Ok(()) => Outcome {
            stdout: page,
            ..Outcome::ok("")
        },
        Err(error) => Outcome::failed(&error.to_string()),
    }
}

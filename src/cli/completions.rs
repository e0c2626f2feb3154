//! `corslint completions`.

use clap::CommandFactory as _;
use clap::builder::PossibleValue;
use clap_complete::Shell;

use super::{Cli, Outcome};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "corslint", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if args.shell == Shell::Fish {
        script.push_str(&fish_arguments());
    }
    Outcome::ok(script)
}

/// The values of arguments without an option, which `clap_complete` leaves out for fish.
fn fish_arguments() -> String {
    let command = Cli::command();
    let mut lines = String::new();
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        for argument in subcommand.get_positionals() {
            let values = argument.get_possible_values();
            let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
            if !names.is_empty() {
                lines.push_str(&format!(
                    "complete -c corslint -n \"__fish_corslint_using_subcommand {name}\" -f -a \"{}\"\n",
                    names.join(" ")
                ));
            }
        }
    }
    lines
}

//! `corslint completions`.

use clap::CommandFactory as _;
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
    Outcome::ok(String::from_utf8_lossy(&script))
}

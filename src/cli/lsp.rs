//! `corslint lsp`: the language server, on standard input and output.

use corslint::lsp::{self, Host};

use super::{EXIT_FINDINGS, EXIT_OK, Environment, Outcome};

/// What `--help` says at its end.
pub(super) const HELP: &str = concat!(
    "Editors start it; ",
    env!("CARGO_PKG_HOMEPAGE"),
    "docs/editors.html says how."
);

#[derive(clap::Args)]
pub(super) struct Args {
    /// Accepted because many editors pass it; there is no other way to connect
    #[arg(long)]
    stdio: bool,
}

pub(super) fn run(environment: &Environment) -> Outcome {
    let host = Host {
        paths: environment.paths(),
        today: environment.today,
    };
    let mut stdout = (environment.stdout)();
    let is_shut_down = lsp::serve((environment.stdin)(), &mut stdout, host);
    Outcome {
        stdout: Vec::new(),
        stderr: String::new(),
        // The protocol asks for this code if the client did not ask the server to shut down.
        code: match is_shut_down {
            true => EXIT_OK,
            false => EXIT_FINDINGS,
        },
    }
}

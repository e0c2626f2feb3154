//! The process: passes arguments to the library, and writes the resulting output and exit code. No other
//! module prints, reads the environment, or exits.

mod cli;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let environment = cli::Environment {
        stdout_is_terminal: io::stdout().is_terminal(),
        stderr_is_terminal: io::stderr().is_terminal(),
        color: color(),
        has_hyperlinks: supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        working_directory: std::env::current_dir().ok(),
        terminal_width: terminal_size::terminal_size().map(|(width, _)| width.0.into()),
        read_stdin,
        stdin: || Box::new(io::BufReader::new(io::stdin())),
        stdout: || Box::new(io::stdout()),
        today: || time::OffsetDateTime::now_utc().date(),
    };
    let mut arguments: Vec<_> = std::env::args_os().collect();
    // clap's `help` has no help of its own, so `help --help` is `help`.
    if let [_, help, option] = &arguments[..]
        && help == "help"
        && (option == "--help" || option == "-h")
    {
        arguments.pop();
    }
    let matches = match cli::Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return print(cli::clap_outcome(error, &environment)),
    };
    let cli = cli::Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    print(cli::run(cli, &matches, &environment))
}

/// Returns whether environment variables ask for color or for none (no-color.org, bixense.com/clicolors, and
/// `FORCE_COLOR`, which CI services set).
fn color() -> Option<bool> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_off = |value: &std::ffi::OsString| value == "0" || value == "false";
    if set("NO_COLOR").is_some() {
        return Some(false);
    }
    if let Some(forced) = set("CLICOLOR_FORCE").or_else(|| set("FORCE_COLOR")) {
        return Some(!is_off(&forced));
    }
    let is_plain = set("CLICOLOR").is_some_and(|value| value == "0")
        || set("TERM").is_some_and(|term| term == "dumb");
    is_plain.then_some(false)
}

fn print(outcome: cli::Outcome) -> ExitCode {
    let mut code = outcome.code;
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&outcome.stdout);
    // A reader that closes the pipe early, such as `head`, is not an error.
    if let Err(error) = written.and_then(|()| stdout.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(io::stderr(), "error: standard output: {error}");
        code = cli::EXIT_ERROR;
    }
    let _ = io::stderr().lock().write_all(outcome.stderr.as_bytes());
    ExitCode::from(code)
}

/// Reads standard input; `None` if it is too large. Prints a hint if it is a terminal.
fn read_stdin() -> io::Result<Option<Vec<u8>>> {
    if io::stdin().is_terminal() {
        let _ = writeln!(
            io::stderr(),
            "reading a policy from standard input; end it with Ctrl-D"
        );
    }
    corslint::read::read_stream(io::stdin().lock())
}

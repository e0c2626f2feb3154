//! The command line, with one module per subcommand.

mod check;
mod completions;
mod diff;
mod explain;
mod lsp;
mod man;
mod schema;
mod test;
mod values;

use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, CommandFactory as _, Parser, Subcommand};
use corslint::config::{ConfigError, Projects, read_project};
use corslint::finding::Finding;
use corslint::level::Severity;
use corslint::paths::{Paths, repository_root};
use corslint::read::{io_message, read_named};
use corslint::report::{Style, escape_control, escape_lines, finding_in_full};
use time::Date;

/// The exit code if no finding reaches the `--fail-on` level.
pub(crate) const EXIT_OK: u8 = 0;
/// The exit code if a finding reaches the `--fail-on` level.
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

Exit codes of check: 0: no findings at or above --fail-on; 1: findings; 2: error";

#[derive(Subcommand)]
enum Command {
    /// Check the policies in files and directories
    Check(Box<check::Args>),
    /// Show what a bucket would do with a browser's request, and why
    Test(test::Args),
    /// Show which requests a changed policy allows that were refused before
    Diff(diff::Args),
    /// Explain a lint, or list all lints
    Explain(explain::Args),
    /// Print the JSON Schema of a policy format
    Schema(schema::Args),
    /// Run the language server on standard input and output
    #[command(after_help = lsp::HELP)]
    Lsp(lsp::Args),
    /// Print shell completions
    Completions(completions::Args),
    /// Print a manual page
    Man(man::Args),
}

/// The environment of the process.
pub(crate) struct Environment {
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
    /// Whether the environment asks for color, or for none; `None` leaves it to whether there is a terminal.
    pub(crate) color: Option<bool>,
    /// True if the terminal of standard output shows hyperlinks.
    pub(crate) has_hyperlinks: bool,
    pub(crate) working_directory: Option<PathBuf>,
    /// The terminal width in columns; `None` if no stream is a terminal.
    pub(crate) terminal_width: Option<usize>,
    /// Reads standard input; `None` if the input is too large.
    pub(crate) read_stdin: fn() -> io::Result<Option<Vec<u8>>>,
    /// Opens standard input for a language server.
    pub(crate) stdin: fn() -> Box<dyn io::BufRead + Send>,
    /// Opens standard output for a language server.
    pub(crate) stdout: fn() -> Box<dyn io::Write>,
    /// Returns the current date in UTC.
    pub(crate) today: fn() -> Date,
}

/// The output of the process and its exit code.
pub(crate) struct Outcome {
    /// Raw bytes, because standard input that is not UTF-8 is written back unchanged.
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

/// Renders the output of clap: help, the version, or a usage error.
pub(crate) fn clap_outcome(mut error: clap::Error, environment: &Environment) -> Outcome {
    suggest_check(&mut error);
    let rendered = error.render();
    let plain = rendered.to_string();
    let style = match error.use_stderr() {
        true => environment.stderr_style(),
        false => environment.stdout_style(),
    };
    // Arguments may contain untrusted file names. If any character needs escaping, print without colors.
    let text = match escape_lines(&plain) {
        escaped if escaped != plain => escaped,
        _ if style.color => rendered.ansi().to_string(),
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

/// Adds a tip to the error for a path, or an option of `check`, in place of a subcommand.
fn suggest_check(error: &mut clap::Error) {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let path = word(ContextKind::InvalidSubcommand);
    let path = path.filter(|word| word == "-" || Path::new(word).exists());
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let is_at_top = usage.is_some_and(|usage| usage.contains("corslint <COMMAND>"));
    let is_option = |option: &String| {
        let command = Cli::command();
        let check = command.find_subcommand("check").into_iter();
        let mut options = check.flat_map(clap::Command::get_arguments);
        let long = option.trim_start_matches("--");
        is_at_top && options.any(|known| known.get_long() == Some(long))
    };
    let option = word(ContextKind::InvalidArg).filter(is_option);
    let tip = match (path, option) {
        (Some(path), _) => format!("to check it, run `corslint check {path}`"),
        (None, Some(option)) => {
            format!("{option} is an option of check: run `corslint check {option}`")
        }
        (None, None) => return,
    };
    let tips = ContextValue::StyledStrs(vec![tip.into()]);
    error.insert(ContextKind::Suggested, tips);
}

pub(crate) fn run(cli: Cli, matches: &ArgMatches, environment: &Environment) -> Outcome {
    let mut style = environment.stderr_style();
    let mut outcome = match cli.command {
        Command::Check(args) => {
            let matches = matches
                .subcommand_matches("check")
                .expect("clap has just parsed this subcommand");
            style.color = args.wants_color().unwrap_or(style.color);
            check::run(&args, matches, environment)
        }
        Command::Test(args) => test::run(&args, environment),
        Command::Diff(args) => diff::run(&args, environment),
        Command::Explain(args) => explain::run(&args, environment),
        Command::Schema(args) => schema::run(&args),
        Command::Lsp(_) => lsp::run(environment),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    if style.color {
        outcome.stderr = color_errors(&outcome.stderr);
    }
    outcome
}

/// Colors the word "error" of errors that are one line, as in findings.
fn color_errors(text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .map(|line| match line.strip_prefix("error:") {
            Some(rest) => format!("\u{1b}[1;31merror\u{1b}[0m:{rest}"),
            None => line.to_owned(),
        });
    lines.collect()
}

impl Environment {
    /// The style of standard output.
    fn stdout_style(&self) -> Style {
        Style {
            color: self.color.unwrap_or(self.stdout_is_terminal),
            hyperlinks: self.stdout_is_terminal && self.has_hyperlinks && self.color != Some(false),
            width: self.terminal_width.filter(|_| self.stdout_is_terminal),
        }
    }

    /// The style of standard error.
    fn stderr_style(&self) -> Style {
        Style {
            color: self.color.unwrap_or(self.stderr_is_terminal),
            hyperlinks: false,
            width: self.terminal_width.filter(|_| self.stderr_is_terminal),
        }
    }

    /// Returns the root of the git repository around the working directory, and the path from the root to the
    /// working directory. Both use `/`, and both are empty outside a repository.
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

    /// Reads a named file, or standard input for `-`. Returns its name in messages, and its content: `None` if that is
    /// too large.
    fn read(&self, path: &Path) -> (String, Result<Option<Vec<u8>>, String>) {
        match path.as_os_str() == "-" {
            true => {
                let bytes = (self.read_stdin)().map_err(|error| io_message(&error));
                ("<stdin>".to_owned(), bytes)
            }
            false => (self.paths().display(path), read_named(path)),
        }
    }

    /// How paths are resolved and printed.
    fn paths(&self) -> Paths {
        Paths {
            working_directory: self.working_directory.clone(),
        }
    }
}

/// Returns the outcome for invalid configurations; `None` if all are valid. Findings are not reported,
/// because every one of them could be different with a valid configuration.
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

/// Returns the configurations to use, as selected by `--config` and `--isolated`.
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

//! The options of `corslint check`, and how they are read.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use time::{Date, Month};

use corslint::config::FailOn;
use corslint::level::{Selector, Severity};
use corslint::paths::Paths;
use corslint::report::{FORMATS, Format, escape_control};
use corslint::suggest::nearest;

use crate::cli::values::{fail_ons, listed, providers, selectors, severities};

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("fixing").args(["fix", "diff"]))]
#[command(after_help = "\
Examples:
  corslint check                           every policy in this directory and below
  corslint check --fix infra/cors.json     fix one file
  corslint check --staged                  what is about to be committed

Exit codes: 0: no findings at or above --fail-on; 1: findings; 2: error")]
pub(crate) struct Args {
    /// Files and directories to check; - reads standard input
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    /// Output format, optionally with a file to write to (repeatable)
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = listed(output, format_names), hide_possible_values = true, long_help = formats())]
    pub(super) format: Vec<Output>,

    /// Apply safe fixes: the policy keeps allowing exactly the same requests
    #[arg(long, conflicts_with_all = ["staged", "list_files", "write_baseline"])]
    pub(super) fix: bool,

    /// Also apply unsafe fixes (requires --fix or --diff)
    #[arg(long, requires = "fixing")]
    pub(super) unsafe_fixes: bool,

    /// Print the changes --fix would make as a unified diff, without making them
    #[arg(long, conflicts_with_all = ["fix", "staged", "list_files", "write_baseline"])]
    pub(super) diff: bool,

    /// List the policies found, without checking them
    #[arg(long, conflicts_with = "write_baseline")]
    pub(super) list_files: bool,

    /// Count the findings by lint instead of printing them
    #[arg(long, conflicts_with_all = ["diff", "list_files", "write_baseline"])]
    pub(super) statistics: bool,

    /// Lowest severity that makes corslint exit with 1 [default: warning]
    #[arg(long, value_name = "LEVEL", value_parser = fail_ons())]
    pub(super) fail_on: Option<FailOn>,

    /// Hide findings below this severity
    #[arg(long, value_name = "LEVEL", value_parser = severities(), conflicts_with_all = ["list_files", "write_baseline"])]
    pub(super) min_severity: Option<Severity>,

    /// Exit with 2 if no policy is found
    #[arg(long)]
    pub(super) require_policy: bool,

    /// When to color the output
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,

    /// Print only findings and errors, no summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Also say why files were skipped
    #[arg(short, long)]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) files: Files,

    #[command(flatten)]
    pub(super) configuration: Configuration,

    #[command(flatten)]
    pub(super) levels: Levels,
}

#[derive(clap::Args)]
#[command(next_help_heading = "File selection")]
pub(super) struct Files {
    /// Exclude matching files and directories (repeatable); * does not match /
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,

    /// Apply excludes even to paths named on the command line
    #[arg(long)]
    pub(super) force_exclude: bool,

    /// Do not respect .gitignore and .ignore
    #[arg(long)]
    pub(super) no_ignore: bool,

    /// Check only staged files, in their staged version
    #[arg(long, conflicts_with = "since")]
    pub(super) staged: bool,

    /// Check only files added or changed since this revision
    #[arg(long, value_name = "REV")]
    pub(super) since: Option<String>,

    /// Assume this provider for named files if it cannot be detected
    #[arg(long, value_name = "NAME", value_parser = providers())]
    pub(super) provider: Option<String>,

    /// File name to report for standard input; its extension selects the syntax
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filename: Option<String>,

    /// Number of threads (0: one per CPU)
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = jobs)]
    pub(super) jobs: usize,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Configuration")]
pub(super) struct Configuration {
    /// Use this configuration for all files instead of the nearest corslint.toml
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Ignore all configuration files
    #[arg(long, conflicts_with = "config")]
    pub(super) isolated: bool,

    /// Ignore exceptions and the baseline
    #[arg(long)]
    pub(super) no_exceptions: bool,

    /// Hide the findings in this baseline file
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Write all current findings to the baseline
    #[arg(long, requires = "baseline", conflicts_with = "no_exceptions")]
    pub(super) write_baseline: bool,

    /// Check exceptions as of this date (YYYY-MM-DD) [default: today, UTC]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) today: Option<Date>,
}

/// Which lints to run, and their levels. If several options select the same lint, the last one wins.
#[derive(clap::Args)]
#[command(next_help_heading = "Lints and groups (repeatable; the last level wins)")]
pub(super) struct Levels {
    /// Run only these lints or groups, and report syntax errors
    #[arg(long, value_name = "LINT", value_parser = selectors(), hide_possible_values = true, conflicts_with = "write_baseline")]
    pub(super) only: Vec<Selector>,

    /// Disable a lint, a group, or all
    #[arg(short = 'A', long, value_name = "LINT", value_parser = selectors(), hide_possible_values = true)]
    pub(super) allow: Vec<Selector>,

    /// Report a lint or group as notes
    #[arg(short = 'N', long, value_name = "LINT", value_parser = selectors(), hide_possible_values = true)]
    pub(super) note: Vec<Selector>,

    /// Report a lint or group as warnings
    #[arg(short = 'W', long, value_name = "LINT", value_parser = selectors(), hide_possible_values = true)]
    pub(super) warn: Vec<Selector>,

    /// Report a lint or group as errors
    #[arg(short = 'D', long, value_name = "LINT", value_parser = selectors(), hide_possible_values = true)]
    pub(super) deny: Vec<Selector>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// A report format and the file to write the report to; `None` for standard output.
#[derive(Clone)]
pub(super) struct Output {
    pub(super) format: &'static Format,
    pub(super) file: Option<PathBuf>,
}

impl Args {
    /// Returns whether `--color` asks for color or for none; `None` leaves it to the environment.
    pub(in crate::cli) fn wants_color(&self) -> Option<bool> {
        match self.color {
            Color::Auto => None,
            Color::Always => Some(true),
            Color::Never => Some(false),
        }
    }

    /// Returns true if fixes are applied, or their edits reported.
    pub(super) fn needs_trees(&self) -> bool {
        let reports_edits = |output: &Output| output.format.includes_edits;
        self.fix || self.diff || self.format.iter().any(reports_edits)
    }

    /// Returns an error message if two options can't be combined.
    pub(super) fn conflict(&self, paths: &Paths) -> Option<String> {
        let is_to_stdout = |output: &&Output| output.file.is_none();
        if self.format.iter().filter(is_to_stdout).count() > 1 {
            return Some(
                "only one --format can go to standard output; write the others to a file: --format sarif=out.sarif"
                    .to_owned(),
            );
        }
        let is_inventory = |output: &Output| output.file.is_none() && output.format.name == "json";
        if self.list_files && !self.format.iter().all(is_inventory) {
            return Some("--list-files supports no format but json".to_owned());
        }
        let instead = [(self.statistics, "--statistics"), (self.diff, "--diff")];
        if let Some((_, option)) = instead.iter().find(|(is_given, _)| *is_given)
            && let Some(Output { format, .. }) = self.format.iter().find(is_to_stdout)
        {
            return Some(format!(
                "{option} replaces the report; write the report to a file: --format {}=FILE",
                format.name
            ));
        }
        // Users add --write-baseline to their usual command, so reject only a --format with a file.
        if self.configuration.write_baseline
            && self.format.iter().any(|output| output.file.is_some())
        {
            return Some("--write-baseline writes no report; remove --format".to_owned());
        }
        let is_stdin = |path: &PathBuf| path == Path::new("-");
        if self.files.stdin_filename.is_some() && !self.paths.iter().any(is_stdin) {
            return Some("--stdin-filename requires - as the path".to_owned());
        }
        let mut written = HashSet::new();
        let twice = self.outputs().find(|file| {
            // Several reports may be written to the same device.
            let is_one = !file.exists() || file.is_file();
            is_one && !written.insert(real_path(file, paths))
        });
        let name = paths.display(twice?);
        Some(format!(
            "two reports cannot be written to one file: {}",
            escape_control(&name)
        ))
    }

    /// The files that reports are written to.
    fn outputs(&self) -> impl Iterator<Item = &PathBuf> {
        self.format.iter().filter_map(|output| output.file.as_ref())
    }

    /// Returns an error message if a report would overwrite the baseline or one of the files that are read.
    pub(super) fn overwritten<'f>(
        &self,
        read: impl Iterator<Item = &'f Path>,
        paths: &Paths,
    ) -> Option<String> {
        let mut outputs = self.outputs().filter(|file| file.is_file()).peekable();
        outputs.peek()?;
        let mut read: HashSet<_> = read.map(|path| real_path(path, paths)).collect();
        let baseline = self.configuration.baseline.as_deref();
        read.extend(baseline.map(|path| real_path(path, paths)));
        let file = outputs.find(|file| read.contains(&real_path(file, paths)))?;
        let name = paths.display(file);
        Some(format!(
            "the report would overwrite a file that was read: {}",
            escape_control(&name)
        ))
    }
}

/// Returns a path with all links resolved, or the absolute path of a file that doesn't exist.
fn real_path(path: &Path, paths: &Paths) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| paths.absolute(path))
}

fn formats() -> String {
    let mut help =
        "Output format, optionally with a file to write to (repeatable; at most one may go to \
                    standard output)\n\nFormats:\n"
            .to_owned();
    let width = FORMATS.iter().map(|format| format.name.len()).max();
    let width = width.unwrap_or(0);
    for format in FORMATS {
        // Writing to a string cannot fail.
        let _ = writeln!(help, "- {:width$}  {}", format.name, format.about);
    }
    help.trim_end().to_owned()
}

fn format_names() -> Vec<PossibleValue> {
    let formats = FORMATS.iter();
    formats
        .map(|format| PossibleValue::new(format.name).help(format.about))
        .collect()
}

fn output(text: &str) -> Result<Output, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, "-")) => (name, None),
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let Some(format) = FORMATS.iter().find(|format| format.name == name) else {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        return Err(match nearest(name, names.iter().copied()) {
            Some(near) => format!("unknown format; did you mean {near}?"),
            None => format!("unknown format; the formats are {}", names.join(", ")),
        });
    };
    if file
        .as_ref()
        .is_some_and(|file| file.as_os_str().is_empty())
    {
        return Err("missing file name after =".to_owned());
    }
    Ok(Output { format, file })
}

/// The largest number of threads; more only take time to start.
const MAX_JOBS: usize = 256;

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs) if jobs <= MAX_JOBS => Ok(jobs),
        _ => Err(format!("expected a number from 0 to {MAX_JOBS}")),
    }
}

fn date(text: &str) -> Result<Date, String> {
    let parts: Vec<_> = text.split('-').collect();
    let date = match parts[..] {
        [year, month, day] => (|| {
            let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
            Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
        })(),
        _ => None,
    };
    date.ok_or_else(|| "invalid date; expected YYYY-MM-DD".to_owned())
}

//! The options of `corslint check`, and how they are read.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, ValueEnum};
use time::{Date, Month};

use corslint::config::FailOn;
use corslint::level::{Level, Selector};
use corslint::lints;
use corslint::paths::Paths;
use corslint::provider::PROVIDERS;
use corslint::report::{FORMATS, Format, escape_control};
use corslint::suggest::nearest;

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("mending").args(["fix", "diff"]))]
pub(crate) struct Args {
    /// Files and folders to check; - reads standard input
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    /// How to write the findings, and where (repeatable)
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = output, long_help = formats())]
    pub(super) format: Vec<Output>,

    /// Mend what can be mended without changing an answer
    #[arg(long, conflicts_with_all = ["staged", "list_files", "write_baseline"])]
    pub(super) fix: bool,

    /// Mend also what changes answers: with --fix or --diff
    #[arg(long, requires = "mending")]
    pub(super) unsafe_fixes: bool,

    /// Print what --fix would change, as a unified diff, and change nothing
    #[arg(long, conflicts_with_all = ["fix", "staged", "list_files", "write_baseline"])]
    pub(super) diff: bool,

    /// List the policies that are found, and check nothing
    #[arg(long, conflicts_with = "write_baseline")]
    pub(super) list_files: bool,

    /// Count the findings by lint instead of printing them
    #[arg(long, conflicts_with_all = ["diff", "list_files", "write_baseline"])]
    pub(super) statistics: bool,

    /// The least severity that makes the exit code 1 (default: warning)
    #[arg(long, value_name = "LEVEL", value_parser = fail_ons())]
    pub(super) fail_on: Option<String>,

    /// Fail when no policy was found at all
    #[arg(long)]
    pub(super) require_policy: bool,

    /// When to colour the findings
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,

    /// No summary, only findings and errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Say also why files were passed over
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
#[command(next_help_heading = "Which files")]
pub(super) struct Files {
    /// Leave out files and folders (repeatable); * stays in one folder
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,

    /// Leave them out also where they are named on the command line
    #[arg(long)]
    pub(super) force_exclude: bool,

    /// Look also into what .gitignore and .ignore leave out
    #[arg(long)]
    pub(super) no_ignore: bool,

    /// Check only what is staged in git, as it is staged
    #[arg(long, conflicts_with = "since")]
    pub(super) staged: bool,

    /// Check only files that changed since this revision, or are new
    #[arg(long, value_name = "REV")]
    pub(super) since: Option<String>,

    /// Read the named files as this provider's policies where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = providers())]
    pub(super) provider: Option<String>,

    /// The name to report for standard input; its extension tells the syntax
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filename: Option<String>,

    /// How many threads to use; 0 for one a processor
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Configuration")]
pub(super) struct Configuration {
    /// Use this configuration for all files, not the nearest corslint.toml
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Use no configuration
    #[arg(long, conflicts_with = "config")]
    pub(super) isolated: bool,

    /// Ignore exceptions and the baseline
    #[arg(long)]
    pub(super) no_exceptions: bool,

    /// Leave out the findings that are recorded in this file
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Record today's findings in the baseline
    #[arg(long, requires = "baseline", conflicts_with = "no_exceptions")]
    pub(super) write_baseline: bool,

    /// The date by which exceptions expire, as 2027-06-30; by default today's, in UTC
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) today: Option<Date>,
}

/// The last one said of a lint wins.
#[derive(clap::Args)]
#[command(next_help_heading = "Levels of lints and groups (repeatable; the last one wins)")]
pub(super) struct Levels {
    /// Drop the findings of a lint or a group
    #[arg(short = 'A', long, value_name = "LINT", value_parser = selector)]
    pub(super) allow: Vec<Selector>,

    /// Report them as notes
    #[arg(short = 'N', long, value_name = "LINT", value_parser = selector)]
    pub(super) note: Vec<Selector>,

    /// Report them as warnings
    #[arg(short = 'W', long, value_name = "LINT", value_parser = selector)]
    pub(super) warn: Vec<Selector>,

    /// Report them as errors
    #[arg(short = 'D', long, value_name = "LINT", value_parser = selector)]
    pub(super) deny: Vec<Selector>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// A format, and the file that it is written to; `None` for standard output.
#[derive(Clone)]
pub(super) struct Output {
    pub(super) format: &'static Format,
    pub(super) file: Option<PathBuf>,
}

impl Args {
    /// Returns an error for options that can't be combined.
    pub(super) fn conflict(&self, paths: &Paths) -> Option<String> {
        let is_to_stdout = |output: &&Output| output.file.is_none();
        if self.format.iter().filter(is_to_stdout).count() > 1 {
            return Some(
                "only one --format can go to standard output; give the others a file: --format sarif=out.sarif"
                    .to_owned(),
            );
        }
        let is_inventory = |output: &Output| output.file.is_none() && output.format.name == "json";
        if self.list_files && !self.format.iter().all(is_inventory) {
            return Some(
                "--list-files prints a list, or an inventory with --format json, and no other report"
                    .to_owned(),
            );
        }
        let instead = [(self.statistics, "--statistics"), (self.diff, "--diff")];
        if let Some((_, option)) = instead.iter().find(|(is_given, _)| *is_given)
            && let Some(Output { format, .. }) = self.format.iter().find(is_to_stdout)
        {
            return Some(format!(
                "{option} prints no findings; give the report a file: --format {}=FILE",
                format.name
            ));
        }
        // People add --write-baseline to the command that they usually run.
        if self.configuration.write_baseline
            && self.format.iter().any(|output| output.file.is_some())
        {
            return Some("--write-baseline writes no report; leave out --format".to_owned());
        }
        let is_stdin = |path: &PathBuf| path == Path::new("-");
        if self.files.stdin_filename.is_some() && !self.paths.iter().any(is_stdin) {
            return Some(
                "--stdin-filename names what standard input holds; give - to read it".to_owned(),
            );
        }
        let mut written = HashSet::new();
        let mut outputs = self.format.iter().filter_map(|output| output.file.as_ref());
        let twice = outputs.find(|file| {
            // A device accepts any number of reports.
            let is_one = !file.exists() || file.is_file();
            is_one && !written.insert(paths.absolute(file))
        });
        let name = paths.display(twice?);
        Some(format!(
            "two reports cannot go to one file: {}",
            escape_control(&name)
        ))
    }
}

fn formats() -> String {
    let mut help = "How to write the findings, and where: to a file, or to standard output \
                    (repeatable; one at the most to standard output)\n\nFormats:\n"
        .to_owned();
    let width = FORMATS.iter().map(|format| format.name.len()).max();
    let width = width.unwrap_or(0);
    for format in FORMATS {
        // Writing to a string cannot fail.
        let _ = writeln!(help, "- {:width$}  {}", format.name, format.about);
    }
    help.trim_end().to_owned()
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
            Some(near) => format!("there is no format of that name; did you mean {near}?"),
            None => format!(
                "there is no format of that name; the formats are {}",
                names.join(", ")
            ),
        });
    };
    if file
        .as_ref()
        .is_some_and(|file| file.as_os_str().is_empty())
    {
        return Err("the name of the file is missing behind =".to_owned());
    }
    Ok(Output { format, file })
}

pub(crate) fn providers() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(PROVIDERS.iter().map(|provider| provider.id))
}

fn fail_ons() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(FailOn::ALL.iter().map(|level| level.name()))
}

fn selector(name: &str) -> Result<Selector, String> {
    lints::select(name).map_err(|near| match near {
        Some(near) => format!("there is no lint or group of that name; did you mean {near}?"),
        None => "there is no lint or group of that name; corslint explain lists all".to_owned(),
    })
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
    date.ok_or_else(|| "this is no date; write it as 2027-06-30".to_owned())
}

/// Returns the levels in the order in which they were given, whatever the option.
pub(super) fn levels(args: &Args, matches: &ArgMatches) -> Vec<(Selector, Level)> {
    let Levels {
        allow,
        note,
        warn,
        deny,
    } = &args.levels;
    let given = [
        ("allow", allow, Level::Allow),
        ("note", note, Level::Note),
        ("warn", warn, Level::Warn),
        ("deny", deny, Level::Deny),
    ];
    let mut levels: Vec<(usize, Selector, Level)> = Vec::new();
    for (option, selectors, level) in given {
        let places = matches.indices_of(option).into_iter().flatten();
        let selectors = places.zip(selectors);
        levels.extend(selectors.map(|(at, selector)| (at, *selector, level)));
    }
    levels.sort_by_key(|(at, ..)| *at);
    let in_order = levels.into_iter();
    in_order
        .map(|(_, selector, level)| (selector, level))
        .collect()
}

//! `corslint check`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, ValueEnum};

use corslint::check::{Checked, PassedOver, check};
use corslint::config::{Config, Selector};
use corslint::dialect::DIALECTS;
use corslint::discover::{self, Unreadable};
use corslint::finding::Severity;
use corslint::lints::Level;
use corslint::report::{FORMATS, Format, Run, Style, plural, visible};

use super::{Environment, FINDINGS, FINE, Outcome, RUN_FAILED};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Files and folders to check; - reads standard input
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,

    /// How to write the findings
    #[arg(long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = formats())]
    format: String,

    /// List the policies that are found, and check nothing
    #[arg(long)]
    list_files: bool,

    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = FailOn::Warning)]
    fail_on: FailOn,

    /// Leave out files and folders (repeatable); * stays in one folder
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Look also into what .gitignore and .ignore leave out
    #[arg(long)]
    no_ignore: bool,

    /// Read the named files as this provider's policies where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = providers())]
    provider: Option<String>,

    /// The name to report for standard input; its extension tells the syntax
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,

    /// How many threads to use; 0 for one a processor
    #[arg(long, value_name = "N", default_value_t = 0)]
    jobs: usize,

    /// When to colour the findings
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,

    /// No summary, only findings and errors
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Say also why files were passed over
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    levels: Levels,
}

/// The last one said of a lint wins.
#[derive(clap::Args)]
#[command(next_help_heading = "Levels of lints and groups (repeatable; the last one wins)")]
struct Levels {
    /// Drop the findings of a lint or a group
    #[arg(short = 'A', long, value_name = "LINT", value_parser = selector)]
    allow: Vec<Selector>,

    /// Report them as notes
    #[arg(short = 'N', long, value_name = "LINT", value_parser = selector)]
    note: Vec<Selector>,

    /// Report them as warnings
    #[arg(short = 'W', long, value_name = "LINT", value_parser = selector)]
    warn: Vec<Selector>,

    /// Report them as errors
    #[arg(short = 'D', long, value_name = "LINT", value_parser = selector)]
    deny: Vec<Selector>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Note,
    Warning,
    Error,
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

fn formats() -> clap::builder::PossibleValuesParser {
    let values = FORMATS
        .iter()
        .map(|format| clap::builder::PossibleValue::new(format.name).help(format.about));
    clap::builder::PossibleValuesParser::new(values)
}

fn providers() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(DIALECTS.iter().map(|dialect| dialect.name))
}

fn selector(name: &str) -> Result<Selector, String> {
    Selector::parse(name).map_err(|near| match near {
        Some(near) => format!("there is no lint or group of that name; did you mean {near}?"),
        None => "there is no lint or group of that name; corslint explain lists all".to_owned(),
    })
}

/// What came of the files that were looked at.
#[derive(Default)]
struct Looked {
    files: Vec<Checked>,
    /// Whether each was named by the user.
    passed_over: Vec<(String, bool, PassedOver)>,
    unreadable: Vec<Unreadable>,
    named: usize,
}

pub(super) fn run(args: &Args, matches: &ArgMatches, environment: &Environment) -> Outcome {
    let config = config(args, matches);
    let exclude = match discover::globs(args.exclude.iter().map(String::as_str)) {
        Ok(exclude) => exclude,
        Err(error) => return Outcome::failed(&format!("--exclude: {error}")),
    };
    let options = discover::Options {
        exclude,
        no_ignore: args.no_ignore,
        jobs: args.jobs,
        working_directory: environment.working_directory.clone(),
    };
    let looked = look(args, &config, &options, environment);
    let run = Run {
        files: looked.files,
    };
    let (stdout, format_code) = if args.list_files {
        (list(&run), FINE)
    } else {
        let style = Style {
            color: match args.color {
                Color::Auto => environment.stdout_is_terminal && !environment.wants_no_color,
                Color::Always => true,
                Color::Never => false,
            },
        };
        let format = FORMATS.iter().find(|format| format.name == args.format);
        let render = format.map_or(FORMATS[0].render, |format: &Format| format.render);
        (render(&run, style), fail_code(args.fail_on, &run))
    };
    let mut stderr = String::new();
    if args.verbose {
        for (name, _, why) in &looked.passed_over {
            // Writing to a string cannot fail.
            let _ = writeln!(stderr, "{}: no policy: {}", visible(name), why.reason());
        }
    }
    for Unreadable { name, reason } in &looked.unreadable {
        let _ = writeln!(stderr, "error: {}: {}", visible(name), visible(reason));
    }
    if !args.quiet {
        stderr.push_str(&summary(
            args,
            &run,
            &looked.passed_over,
            looked.named,
            environment,
        ));
    }
    let code = if looked.unreadable.is_empty() {
        format_code
    } else {
        RUN_FAILED
    };
    Outcome {
        stdout,
        stderr,
        code,
    }
}

/// The levels in the order in which they were given, whichever options they came by.
fn config(args: &Args, matches: &ArgMatches) -> Config {
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
    let mut said: Vec<(usize, Selector, Level)> = Vec::new();
    for (option, selectors, level) in given {
        let places = matches.indices_of(option).into_iter().flatten();
        said.extend(
            places
                .zip(selectors)
                .map(|(at, selector)| (at, *selector, level)),
        );
    }
    said.sort_by_key(|(at, ..)| *at);
    let mut config = Config::default();
    for (_, selector, level) in said {
        config.set_level(selector, level);
    }
    config
}

/// Reads and checks everything that was asked for, and puts it in order.
fn look(
    args: &Args,
    config: &Config,
    options: &discover::Options,
    environment: &Environment,
) -> Looked {
    let (stdin, paths): (Vec<_>, Vec<_>) = args
        .paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    let provider = DIALECTS
        .iter()
        .find(|dialect| Some(dialect.name) == args.provider.as_deref());
    let mut named_config = config.clone();
    named_config.provider = provider.map(|dialect| dialect.provider);
    let (mut found, mut unreadable) = discover::visit(&paths, options, |candidate| {
        let config = if candidate.named {
            &named_config
        } else {
            config
        };
        let checked = check(&candidate.name, candidate.bytes, config);
        (candidate.named
            || checked.passed_over != Some(PassedOver::NoKeys) && worth_keeping(args, &checked))
        .then_some((candidate.named, checked))
    });
    if !stdin.is_empty() {
        let name = args.stdin_filename.as_deref().unwrap_or("<stdin>");
        match (environment.read_stdin)() {
            Ok(bytes) => found.push((true, check(name, bytes, &named_config))),
            Err(error) => unreadable.push(Unreadable {
                name: name.to_owned(),
                reason: discover::reason(&error),
            }),
        }
    }
    // A file that was found twice is one file.
    found.sort_by(|(_, one), (_, other)| one.source.name().cmp(other.source.name()));
    found.dedup_by(|(_, one), (named, other)| {
        let same = one.source.name() == other.source.name();
        *named |= same;
        same
    });
    unreadable.sort();
    unreadable.dedup();
    let mut looked = Looked {
        unreadable,
        ..Looked::default()
    };
    for (named, checked) in found {
        looked.named += usize::from(named);
        match checked.passed_over {
            None => looked.files.push(checked),
            Some(why) => {
                let name = checked.source.name().to_owned();
                looked.passed_over.push((name, named, why));
            }
        }
    }
    looked
}

/// Whether a file that was found in a folder matters: a policy does, and with `-v` what could have
/// been one.
fn worth_keeping(args: &Args, checked: &Checked) -> bool {
    checked.is_policy() || args.verbose
}

fn fail_code(fail_on: FailOn, run: &Run) -> u8 {
    let least = match fail_on {
        FailOn::Note => Severity::Note,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
        FailOn::Never => return FINE,
    };
    if run.worst() >= Some(least) {
        FINDINGS
    } else {
        FINE
    }
}

/// One line a policy: file, provider, shape, number of rules.
fn list(run: &Run) -> String {
    let mut out = String::new();
    for file in &run.files {
        let name = visible(file.source.name());
        if file.sites.is_empty() {
            let _ = writeln!(out, "{name}  cannot be read");
        }
        for site in &file.sites {
            let address = if site.address.is_empty() {
                String::new()
            } else {
                format!(" at {}", visible(&site.address))
            };
            let _ = writeln!(
                out,
                "{name}{address}  {}  {}  {}",
                site.provider,
                site.shape,
                plural(site.rules, "rule")
            );
        }
    }
    out
}

fn summary(
    args: &Args,
    run: &Run,
    passed_over: &[(String, bool, PassedOver)],
    named: usize,
    environment: &Environment,
) -> String {
    if run.files.is_empty() {
        return nothing_found(args, passed_over, named);
    }
    let mut text = String::new();
    if args.list_files {
        return text;
    }
    let named_policies = named - passed_over.iter().filter(|(_, named, _)| *named).count();
    if named > named_policies {
        let holds = if named_policies == 1 { "holds" } else { "hold" };
        let _ = writeln!(
            text,
            "{named_policies} of {} {holds} a CORS policy",
            plural(named, "named file")
        );
    }
    let _ = writeln!(text, "{}", run.summary());
    if environment.stdout_is_terminal && run.worst().is_some() {
        text.push_str("corslint explain LINT tells why\n");
    }
    text
}

/// What to say where no policy was found: for files that were named why not, for folders where to
/// look.
fn nothing_found(args: &Args, passed_over: &[(String, bool, PassedOver)], named: usize) -> String {
    let mut text = String::new();
    if named > 0 && !args.verbose {
        for (name, _, why) in passed_over.iter().filter(|(_, named, _)| *named) {
            let _ = writeln!(text, "{}: no policy: {}", visible(name), why.reason());
        }
        let could_be_read =
            |why: &PassedOver| matches!(why, PassedOver::NoKeys | PassedOver::NoPolicy(_));
        if args.provider.is_none() && passed_over.iter().any(|(_, _, why)| could_be_read(why)) {
            text.push_str("--provider NAME reads a file as that provider's policy all the same\n");
        }
    }
    let folders: Vec<_> = args
        .paths
        .iter()
        .filter(|path| path.is_dir())
        .map(|path| visible(&path.to_string_lossy()).into_owned())
        .collect();
    if !folders.is_empty() {
        let hint = if args.list_files {
            ""
        } else {
            "; --list-files lists what is found, -v says what was passed over"
        };
        let _ = writeln!(
            text,
            "no CORS policy found under {}{hint}",
            folders.join(", ")
        );
    }
    text
}

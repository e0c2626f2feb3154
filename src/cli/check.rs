//! `corslint check`.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, ValueEnum};
use time::{Date, Month};

use corslint::baseline::Baseline;
use corslint::check::Checked;
use corslint::config::{FailOn, Projects, Selector, nearest};
use corslint::dialect::DIALECTS;
use corslint::discover::{self, Unreadable};
use corslint::lints::Level;
use corslint::report::{FORMATS, Format, Run, Style, inventory, plural, visible};

use super::look::{Entry, Look, Looked, Which};
use super::mend::{self, Mended};
use super::summary::{Other, Summary};
use super::{Environment, FINDINGS, FINE, Outcome, RUN_FAILED, config_errors, projects};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Files and folders to check; - reads standard input
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,

    /// How to write the findings, and where (repeatable)
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = output, long_help = formats())]
    format: Vec<Output>,

    /// Mend what can be mended without changing an answer
    #[arg(long, conflicts_with_all = ["staged", "list_files", "write_baseline"])]
    fix: bool,

    /// Mend also what changes answers: with --fix or --diff
    #[arg(long)]
    unsafe_fixes: bool,

    /// Print what --fix would change, as a unified diff, and change nothing
    #[arg(long, conflicts_with_all = ["fix", "staged", "list_files", "write_baseline"])]
    diff: bool,

    /// List the policies that are found, and check nothing
    #[arg(long)]
    list_files: bool,

    /// Count the findings by lint instead of printing them
    #[arg(long)]
    statistics: bool,

    /// The least severity that makes the exit code 1 (default: warning)
    #[arg(long, value_name = "LEVEL", value_parser = fail_ons())]
    fail_on: Option<String>,

    /// Fail when no policy was found at all
    #[arg(long)]
    require_policy: bool,

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
    files: Files,

    #[command(flatten)]
    configuration: Configuration,

    #[command(flatten)]
    levels: Levels,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Which files")]
struct Files {
    /// Leave out files and folders (repeatable); * stays in one folder
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Leave them out also where they are named on the command line
    #[arg(long)]
    force_exclude: bool,

    /// Look also into what .gitignore and .ignore leave out
    #[arg(long)]
    no_ignore: bool,

    /// Check only what is staged in git, as it is staged
    #[arg(long, conflicts_with = "since")]
    staged: bool,

    /// Check only files that changed since this revision, or are new
    #[arg(long, value_name = "REV")]
    since: Option<String>,

    /// Read the named files as this provider's policies where their content does not tell
    #[arg(long, value_name = "NAME", value_parser = providers())]
    provider: Option<String>,

    /// The name to report for standard input; its extension tells the syntax
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,

    /// How many threads to use; 0 for one a processor
    #[arg(long, value_name = "N", default_value_t = 0)]
    jobs: usize,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Configuration")]
struct Configuration {
    /// Use this configuration for all files, not the nearest corslint.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Use no configuration
    #[arg(long, conflicts_with = "config")]
    isolated: bool,

    /// Ignore exceptions and the baseline
    #[arg(long)]
    no_exceptions: bool,

    /// Leave out the findings that are recorded in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Record today's findings in the baseline
    #[arg(long, requires = "baseline", conflicts_with = "no_exceptions")]
    write_baseline: bool,

    /// The date by which exceptions expire, as 2027-06-30; by default today's, in UTC
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
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
enum Color {
    Auto,
    Always,
    Never,
}

/// A format, and the file that it is written to; else standard output.
#[derive(Clone)]
struct Output {
    format: &'static Format,
    file: Option<PathBuf>,
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

pub(super) fn providers() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(DIALECTS.iter().map(|dialect| dialect.name))
}

fn fail_ons() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(FailOn::ALL.iter().map(|level| level.name()))
}

fn selector(name: &str) -> Result<Selector, String> {
    Selector::parse(name).map_err(|near| match near {
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

pub(super) fn run(args: &Args, matches: &ArgMatches, environment: &Environment) -> Outcome {
    let style = Style {
        color: match args.color {
            Color::Auto => environment.stdout_is_terminal && !environment.wants_no_color,
            Color::Always => true,
            Color::Never => false,
        },
    };
    match try_run(args, matches, environment, style) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

/// The error is the outcome of a run that was stopped.
fn try_run(
    args: &Args,
    matches: &ArgMatches,
    environment: &Environment,
    style: Style,
) -> Result<Outcome, Outcome> {
    let files = discover::Options {
        no_ignore: args.files.no_ignore,
        jobs: args.files.jobs,
        working_directory: environment.working_directory.clone(),
    };
    if args
        .format
        .iter()
        .filter(|output| output.file.is_none())
        .count()
        > 1
    {
        return Err(Outcome::failed(
            "only one --format can go to standard output; give the others a file: --format sarif=out.sarif",
        ));
    }
    let mut written = HashSet::new();
    for file in args.format.iter().filter_map(|output| output.file.as_ref()) {
        // A device takes any number of reports.
        let is_one = !file.exists() || file.is_file();
        if is_one && !written.insert(files.absolute(file)) {
            let name = files.name(file);
            let name = visible(&name);
            return Err(Outcome::failed(&format!(
                "two reports cannot go to one file: {name}"
            )));
        }
    }
    let exclude = discover::globs(args.files.exclude.iter().map(String::as_str))
        .map_err(|error| Outcome::failed(&format!("--exclude: {error}")))?;
    let configuration = &args.configuration;
    let projects = projects(
        configuration.config.as_deref(),
        configuration.isolated,
        environment,
    )
    .map_err(|error| {
        config_errors(vec![error], &files, style).unwrap_or_else(|| Outcome::fine(""))
    })?;
    let baseline = match &configuration.baseline {
        Some(path) if !configuration.no_exceptions => Some(
            Recorded::read(path, configuration.write_baseline, &files)
                .map_err(|error| Outcome::failed(&error))?,
        ),
        _ => None,
    };
    let today = configuration.today.unwrap_or_else(environment.today);
    let dialect = DIALECTS
        .iter()
        .find(|dialect| Some(dialect.name) == args.files.provider.as_deref());
    let levels = levels(args, matches);
    let look = Look {
        paths: &args.paths,
        stdin_filename: args.files.stdin_filename.as_deref(),
        which: match &args.files.since {
            _ if args.files.staged => Which::Staged,
            Some(revision) => Which::Since(revision),
            None => Which::All,
        },
        exclude: &exclude,
        force_exclude: args.files.force_exclude,
        files: &files,
        projects: &projects,
        levels: &levels,
        provider: dialect.map(|dialect| dialect.provider),
        today: (!configuration.no_exceptions).then_some(today),
        keep_others: args.verbose,
    };
    let Looked {
        mut entries,
        mut unreadable,
    } = look
        .look(environment)
        .map_err(|error| Outcome::failed(&error))?;
    if let Some(outcome) = config_errors(projects.errors(), &files, style) {
        return Err(outcome);
    }
    if configuration.write_baseline
        && let Some(mut recorded) = baseline
    {
        entries.extend(about_exceptions(args, &projects, &levels, today));
        return recorded
            .write(&entries)
            .map_err(|error| Outcome::failed(&error));
    }
    let mut notes = Vec::new();
    let mut mended = Mended::default();
    if args.fix || args.diff {
        let recheck = |entry: &Entry, text: String| {
            let mut entry = look.again(entry, text.into_bytes());
            if let Some(recorded) = &baseline {
                recorded.hide(&mut entry);
            }
            entry
        };
        if let Some(recorded) = &baseline {
            for entry in &mut entries {
                recorded.hide(entry);
            }
        }
        mended = mend::mend(&mut entries, args.unsafe_fixes, args.diff, &recheck);
        unreadable.append(&mut mended.failed);
    }
    let mut configurations = about_exceptions(args, &projects, &levels, today);
    if let Some(recorded) = &baseline {
        if args.fix || args.diff {
            configurations.iter_mut().for_each(|entry| {
                recorded.hide(entry);
            });
        } else {
            entries.append(&mut configurations);
            notes = recorded.apply(&mut entries);
        }
    }
    entries.append(&mut configurations);
    entries.sort_by(|one, other| one.name().cmp(other.name()));
    notes.extend(mended.notes());
    Ok(report(
        args,
        environment,
        style,
        entries,
        &unreadable,
        mended,
        notes,
    ))
}

/// Writes what was found.
fn report(
    args: &Args,
    environment: &Environment,
    style: Style,
    entries: Vec<Entry>,
    unreadable: &[Unreadable],
    mended: Mended,
    notes: Vec<String>,
) -> Outcome {
    let fail_on = FailOn::ALL
        .iter()
        .find(|level| Some(level.name()) == args.fail_on.as_deref());
    let fails = entries.iter().any(|entry| {
        let fail_on = fail_on.copied().or(entry.fail_on);
        let findings = entry.checked.findings.iter();
        let worst = findings.map(|finding| finding.severity).max();
        fail_on.unwrap_or(FailOn::Warning).fails(worst)
    });
    let named = entries.iter().filter(|entry| entry.named).count();
    let mut others = Vec::new();
    let mut run = Run {
        files: Vec::new(),
        below_top: environment.below_top(),
        jobs: args.files.jobs,
    };
    for entry in entries {
        let Entry { checked, named, .. } = entry;
        match &checked.passed_over {
            Some(why) if checked.findings.is_empty() => others.push(Other {
                name: checked.source.name().to_owned(),
                named,
                why: why.clone(),
            }),
            _ => run.files.push(checked),
        }
    }
    let mut failed = Vec::new();
    for output in args.format.iter().filter(|_| !args.list_files) {
        if let Some(file) = &output.file
            && let Err(error) = write_whole(file, &(output.format.render)(&run, Style::default()))
        {
            failed.push(Unreadable {
                name: environment.names().name(file),
                reason: discover::reason(&error),
            });
        }
    }
    let to_stdout = args.format.iter().find(|output| output.file.is_none());
    let findings = if args.list_files {
        match to_stdout {
            Some(output) if output.format.name == "json" => inventory(&run),
            _ => list(&run),
        }
    } else if args.statistics {
        statistics(&run)
    } else {
        match to_stdout {
            Some(output) => (output.format.render)(&run, style),
            None if args.format.is_empty() => (FORMATS[0].render)(&run, style),
            None => String::new(),
        }
    };
    let has_fixes = !mended.diff.is_empty() || mended.is_incomplete();
    // The text that was mended goes where the text came from; what is said of it beside it.
    let (stdout, mut stderr) = match mended.stdin {
        Some(text) => (text, findings),
        None if args.diff => (mended.diff.clone(), String::new()),
        None => (findings, String::new()),
    };
    let summary = Summary {
        run: &run,
        others: &others,
        named,
        paths: &args.paths,
        verbose: args.verbose,
        lists_files: args.list_files,
        forces_provider: args.files.provider.is_some(),
        notes,
        for_a_person: environment.stdout_is_terminal,
    };
    stderr.push_str(&summary.reasons());
    for Unreadable { name, reason } in unreadable.iter().chain(&failed) {
        // Writing to a string cannot fail.
        let _ = writeln!(stderr, "error: {}: {}", visible(name), visible(reason));
    }
    if !args.quiet {
        stderr.push_str(&summary.write());
    }
    let lacks_policy = args.require_policy && run.policies() == 0;
    if lacks_policy {
        stderr.push_str("error: no CORS policy was found, and --require-policy wants one\n");
    }
    let fails = match (args.diff, args.list_files) {
        (true, _) => has_fixes,
        (_, is_list) => fails && !is_list,
    };
    let went_well = unreadable.is_empty() && failed.is_empty() && !lacks_policy;
    let code = match (went_well, fails) {
        (false, _) => RUN_FAILED,
        (true, true) => FINDINGS,
        (true, false) => FINE,
    };
    Outcome {
        stdout,
        stderr,
        code,
    }
}

/// Writes a report so that its file is whole or not there.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    // A device or a pipe cannot be replaced by a file.
    if path.exists() && !path.is_file() {
        return fs::write(path, text);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".corslint-")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The levels in the order in which they were given, whichever options they came by.
fn levels(args: &Args, matches: &ArgMatches) -> Vec<(Selector, Level)> {
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
        let selectors = places.zip(selectors);
        said.extend(selectors.map(|(at, selector)| (at, *selector, level)));
    }
    said.sort_by_key(|(at, ..)| *at);
    let in_order = said.into_iter();
    in_order
        .map(|(_, selector, level)| (selector, level))
        .collect()
}

/// The configurations whose exceptions have expired or match nothing.
fn about_exceptions(
    args: &Args,
    projects: &Projects,
    levels: &[(Selector, Level)],
    today: Date,
) -> Vec<Entry> {
    if args.list_files || args.configuration.no_exceptions {
        return Vec::new();
    }
    let mut entries = Vec::new();
    for project in projects.all() {
        let mut config = project.config.clone();
        for (selector, level) in levels {
            config.set_level(*selector, *level);
        }
        let findings = project.exceptions.findings(&project, &config, today);
        let source = project.source.clone();
        let checked = Checked::about_configuration(source, findings, &config);
        if !checked.findings.is_empty() {
            entries.push(Entry {
                path: PathBuf::from(checked.source.name()),
                checked,
                named: false,
                is_stdin: false,
                fail_on: project.fail_on,
            });
        }
    }
    entries
}

/// A baseline and where it is.
struct Recorded {
    path: PathBuf,
    name: String,
    /// Files are named from its folder.
    folder: PathBuf,
    baseline: Baseline,
}

impl Recorded {
    /// Reads a baseline. One that is to be written need not be there.
    fn read(
        path: &Path,
        to_be_written: bool,
        files: &discover::Options,
    ) -> Result<Recorded, String> {
        let name = files.name(path);
        let baseline = match fs::read_to_string(path) {
            Ok(text) => Baseline::parse(&text).map_err(|error| format!("{name}: {error}"))?,
            Err(error) if to_be_written && error.kind() == std::io::ErrorKind::NotFound => {
                Baseline::default()
            }
            Err(error) => return Err(format!("{name}: {}", discover::reason(&error))),
        };
        let absolute = files.absolute(path);
        Ok(Recorded {
            path: path.to_owned(),
            name,
            folder: absolute.parent().unwrap_or(Path::new("")).to_owned(),
            baseline,
        })
    }

    fn key(&self, entry: &Entry) -> String {
        let below = entry.path.strip_prefix(&self.folder).unwrap_or(&entry.path);
        below.to_string_lossy().replace('\\', "/")
    }

    /// Takes the recorded findings of one file out, and returns how many entries match none.
    fn hide(&self, entry: &mut Entry) -> usize {
        let key = self.key(entry);
        self.baseline.apply(&key, &mut entry.checked.findings)
    }

    /// Takes the recorded findings out, and says how many are recorded that are there no more.
    fn apply(&self, entries: &mut [Entry]) -> Vec<String> {
        let mut left_over = 0;
        let before: usize = entries.iter().map(|e| e.checked.findings.len()).sum();
        for entry in entries.iter_mut() {
            left_over += self.hide(entry);
        }
        let after: usize = entries.iter().map(|e| e.checked.findings.len()).sum();
        let mut lines = Vec::new();
        if before > after {
            let hidden = plural(before - after, "finding");
            lines.push(format!("{hidden} left out that {} records", self.name));
        }
        if left_over > 0 {
            let (entries, drops) = match left_over {
                1 => ("1 entry matches".to_owned(), "it"),
                more => (format!("{more} entries match"), "them"),
            };
            lines.push(format!(
                "{entries} nothing any more in {}; --write-baseline drops {drops}",
                self.name
            ));
        }
        lines
    }

    /// Records the findings. Files that were not looked at keep their entries, unless they are gone.
    fn write(&mut self, entries: &[Entry]) -> Result<Outcome, String> {
        let gone = self
            .baseline
            .files()
            .filter(|file| !self.folder.join(file).exists());
        for file in gone.map(str::to_owned).collect::<Vec<_>>() {
            self.baseline.forget(&file);
        }
        for entry in entries {
            let key = self.key(entry);
            self.baseline.record(&key, &entry.checked.findings);
        }
        fs::write(&self.path, self.baseline.write())
            .map_err(|error| format!("{}: {}", self.name, discover::reason(&error)))?;
        let recorded = plural(self.baseline.len(), "finding");
        Ok(Outcome {
            stdout: String::new(),
            stderr: format!("{recorded} recorded in {}\n", visible(&self.name)),
            code: FINE,
        })
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

/// One line a lint: how many findings, the most first.
fn statistics(run: &Run) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, finding) in run.findings() {
        *counts.entry(finding.lint).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(lint, count)| (std::cmp::Reverse(*count), *lint));
    let width = rows.first().map_or(0, |(_, count)| count.to_string().len());
    let rows = rows
        .iter()
        .map(|(lint, count)| format!("{count:width$}  {lint}\n"));
    rows.collect()
}

//! `corslint check`.

use std::path::Path;

use clap::ArgMatches;
use time::Date;

use corslint::check::Checked;
use corslint::config::{Projects, Selector};
use corslint::dialect::DIALECTS;
use corslint::discover;
use corslint::lints::Level;
use corslint::report::Style;

use super::look::{Entry, Look, Looked, Which};
use super::mend::{self, Mended};
use super::options::{Args, Color, levels};
use super::output::{errors, report};
use super::recorded::Recorded;
use super::{Environment, Outcome, RUN_FAILED, config_errors, projects};

pub(super) fn run(args: &Args, matches: &ArgMatches, environment: &Environment) -> Outcome {
    match try_run(args, matches, environment) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

/// The error is the outcome of a run that was stopped.
fn try_run(
    args: &Args,
    matches: &ArgMatches,
    environment: &Environment,
) -> Result<Outcome, Outcome> {
    let style = |is_terminal: bool| Style {
        color: match args.color {
            Color::Auto => is_terminal && !environment.wants_no_color,
            Color::Always => true,
            Color::Never => false,
        },
    };
    let beside = style(environment.stderr_is_terminal);
    let files = discover::Options {
        no_ignore: args.files.no_ignore,
        jobs: args.files.jobs,
        working_directory: environment.working_directory.clone(),
    };
    if let Some(conflict) = args.conflict(&files) {
        return Err(Outcome::failed(&conflict));
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
        config_errors(vec![error], &files, beside).unwrap_or_else(|| Outcome::fine(""))
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
    if let Some(outcome) = config_errors(projects.errors(), &files, beside) {
        return Err(outcome);
    }
    entries.extend(about_exceptions(args, &files, &projects, &levels, today));
    let mut notes = match baseline {
        Some(mut recorded) if configuration.write_baseline => {
            let mut outcome = recorded
                .write(&entries)
                .map_err(|error| Outcome::failed(&error))?;
            if !unreadable.is_empty() {
                outcome.stderr.insert_str(0, &errors(&unreadable));
                outcome.code = RUN_FAILED;
            }
            return Ok(outcome);
        }
        Some(ref recorded) => recorded.apply(&mut entries),
        None => Vec::new(),
    };
    let mut mended = Mended::default();
    if args.fix || args.diff {
        let recheck = |entry: &Entry, text: String| {
            let mut entry = look.again(entry, text.into_bytes());
            if let Some(recorded) = &baseline {
                recorded.hide(&mut entry);
            }
            entry
        };
        mended = mend::mend(&mut entries, args.unsafe_fixes, args.diff, &recheck);
        unreadable.append(&mut mended.failed);
    }
    let style = match &mended.stdin {
        Some(_) => beside,
        None => style(environment.stdout_is_terminal),
    };
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

/// The configurations whose exceptions have expired or match nothing.
fn about_exceptions(
    args: &Args,
    files: &discover::Options,
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
                path: files.absolute(Path::new(checked.source.name())),
                checked,
                named: false,
                stdin: None,
                fail_on: project.fail_on,
            });
        }
    }
    entries
}

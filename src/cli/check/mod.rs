//! `corslint check`, with one module per step.

mod baseline;
mod changed;
mod checked;
mod conflicts;
mod exclude;
mod exit_code;
mod fix;
mod lint_options;
mod options;
mod output;
mod scan;
mod summary;

use std::collections::BTreeMap;
use std::path::Path;

use clap::ArgMatches;
use time::Date;

use corslint::analyze::Analysis;
use corslint::config::{Projects, globs, is_empty_glob, never_matches};
use corslint::discover;
use corslint::paths::Paths;
use corslint::provider::Provider;
use corslint::report::{Style, escape_control};

use super::{EXIT_ERROR, Environment, Outcome, config_errors, projects};
use baseline::BaselineFile;
use checked::CheckedFile;
use exclude::Exclude;
use fix::{FixedFiles, fix_files};
use lint_options::LintOptions;
use output::{errors, report};
use scan::{ScanResult, Scanner, Selection};
use summary::Notes;

pub(super) use options::Args;

pub(super) fn run(args: &Args, matches: &ArgMatches, environment: &Environment) -> Outcome {
    match try_run(args, matches, environment) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

/// Runs the check. `Err` holds the outcome of a run that stopped early.
fn try_run(
    args: &Args,
    matches: &ArgMatches,
    environment: &Environment,
) -> Result<Outcome, Outcome> {
    let style = |style: Style| Style {
        color: args.wants_color().unwrap_or(style.color),
        ..style
    };
    let stderr_style = style(environment.stderr_style());
    let files = discover::Options {
        no_ignore: args.files.no_ignore,
        jobs: args.files.jobs,
        paths: environment.paths(),
    };
    let paths = &files.paths;
    if let Some(conflict) = args.conflict(paths) {
        return Err(Outcome::failed(&conflict));
    }
    if args.files.exclude.iter().any(|glob| is_empty_glob(glob)) {
        return Err(Outcome::failed("--exclude: empty glob"));
    }
    for glob in &args.files.exclude {
        if let Some(problem) = never_matches(glob) {
            let message = format!(
                "--exclude: {} never matches: {problem}; globs are relative to the working directory",
                escape_control(glob)
            );
            return Err(Outcome::failed(&message));
        }
    }
    let exclude = globs(args.files.exclude.iter().map(String::as_str))
        .map_err(|error| Outcome::failed(&format!("--exclude: {error}")))?;
    let configuration = &args.configuration;
    let projects = projects(
        configuration.config.as_deref(),
        configuration.isolated,
        environment,
    )
    .map_err(|error| {
        config_errors(vec![error], paths, stderr_style).unwrap_or_else(|| Outcome::ok(""))
    })?;
    let baseline = match &configuration.baseline {
        Some(path) if !configuration.no_exceptions => Some(
            BaselineFile::read(path, configuration.write_baseline, paths)
                .map_err(|error| Outcome::failed(&error))?,
        ),
        _ => None,
    };
    let today = configuration.today.unwrap_or_else(environment.today);
    let lints = LintOptions::new(&args.levels, matches);
    let mut scanner = Scanner {
        paths: &args.paths,
        stdin_filename: args.files.stdin_filename.as_deref(),
        selection: match &args.files.since {
            _ if args.files.staged => Selection::Staged,
            Some(revision) => Selection::ChangedSince(revision),
            None => Selection::All,
        },
        exclude: &Exclude {
            globs: &exclude,
            written: &args.files.exclude,
            projects: &projects,
            paths,
        },
        force_exclude: args.files.force_exclude,
        files: &files,
        projects: &projects,
        lints: &lints,
        provider: args.files.provider.as_deref().and_then(Provider::by_id),
        today: (!configuration.no_exceptions).then_some(today),
        keep_skipped: args.verbose,
        keep_trees: args.needs_trees(),
    };
    let ScanResult {
        mut entries,
        mut unreadable,
        changed,
    } = scanner
        .run(environment)
        .map_err(|error| Outcome::failed(&error))?;
    if let Some(outcome) = config_errors(projects.errors(), paths, stderr_style) {
        return Err(outcome);
    }
    let used = projects.all();
    let configurations = used.iter().map(|project| Path::new(project.source.name()));
    let policies = entries.iter().filter(|entry| entry.analysis.is_policy());
    let read = policies
        .map(|entry| entry.path.as_path())
        .chain(configurations);
    if let Some(error) = args.overwritten(read, paths) {
        return Err(Outcome::failed(&error));
    }
    let nothing_found = !entries.iter().any(|entry| entry.analysis.is_policy());
    let has_directory = args.paths.iter().any(|path| path.is_dir());
    let mut skipped_counts = BTreeMap::new();
    if nothing_found && has_directory && !args.quiet {
        // Only now are the reasons wanted, so search again to collect them.
        let again = match args.verbose {
            true => None,
            false => {
                scanner.keep_skipped = true;
                Some(
                    scanner
                        .run(environment)
                        .map_err(|error| Outcome::failed(&error))?,
                )
            }
        };
        for entry in again.as_ref().map_or(&entries, |again| &again.entries) {
            if let Some(why) = &entry.analysis.skipped {
                *skipped_counts.entry(why.summary()).or_default() += 1;
            }
        }
    }
    entries.extend(check_exceptions(args, paths, &projects, &lints, today));
    let lines = match baseline {
        Some(mut baseline) if configuration.write_baseline => {
            let mut outcome = baseline
                .write(&entries)
                .map_err(|error| Outcome::failed(&error))?;
            if !unreadable.is_empty() {
                outcome.stderr.insert_str(0, &errors(&unreadable));
                outcome.code = EXIT_ERROR;
            }
            return Ok(outcome);
        }
        Some(ref baseline) => baseline.apply(&mut entries),
        None => Vec::new(),
    };
    let finish = |entry: &mut CheckedFile| {
        if let Some(lowest) = args.min_severity {
            let findings = &mut entry.analysis.findings;
            findings.retain(|finding| finding.severity >= lowest);
        }
        entry.analysis.merge_findings();
    };
    entries.iter_mut().for_each(finish);
    let mut fixed = FixedFiles::default();
    if args.fix || args.diff {
        let recheck = |entry: &CheckedFile, text: String| {
            let mut entry = scanner.recheck(entry, text.into_bytes());
            if let Some(baseline) = &baseline {
                baseline.suppress(&mut entry);
            }
            finish(&mut entry);
            entry
        };
        fixed = fix_files(
            &mut entries,
            args.unsafe_fixes,
            args.diff,
            environment.working_directory.as_deref(),
            &recheck,
        );
        unreadable.append(&mut fixed.failed);
    }
    let style = match &fixed.stdin {
        Some(_) => stderr_style,
        None => style(environment.stdout_style()),
    };
    entries.sort_by(|one, other| one.name().cmp(other.name()));
    let notes = Notes {
        lines: lines.into_iter().chain(fixed.notes()).collect(),
        changed,
        skipped_counts,
    };
    Ok(report(
        args,
        environment,
        style,
        entries,
        &unreadable,
        fixed,
        &notes,
    ))
}

/// Reports the exceptions that have expired or match nothing.
fn check_exceptions(
    args: &Args,
    paths: &Paths,
    projects: &Projects,
    lints: &LintOptions,
    today: Date,
) -> Vec<CheckedFile> {
    if args.list_files || args.configuration.no_exceptions {
        return Vec::new();
    }
    let mut entries = Vec::new();
    for project in projects.all() {
        let mut settings = project.settings.clone();
        lints.apply(&mut settings);
        let found = project.exceptions.diagnostics(&project, &settings, today);
        let source = project.source.clone();
        let analysis = Analysis::of_configuration(source, found, &settings);
        if !analysis.findings.is_empty() {
            entries.push(CheckedFile {
                path: paths.absolute(Path::new(analysis.source.name())),
                analysis,
                named: false,
                stdin: None,
                fail_on: project.fail_on,
                accepted: 0,
                configuration: None,
                elsewhere: Vec::new(),
            });
        }
    }
    entries
}

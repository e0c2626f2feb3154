//! What `corslint check` prints and writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use corslint::analyze::Analysis;
use corslint::discover::{Unreadable, thread_count};
use corslint::policy::Policy;
use corslint::read::io_message;
use corslint::report::{
    FORMATS, Format, Render, Run, Style, escape_control, escape_lines, inventory, plural,
};
use corslint::skip::SkipReason;
use corslint::write::write_atomic;

use super::checked::CheckedFile;
use super::exit_code::{exit_code, mark_failures};
use super::fix::FixedFiles;
use super::options::Args;
use super::summary::{CheckedConfiguration, Notes, SkippedFile, Summary};
use crate::cli::{Environment, Outcome};

/// Renders and writes the reports.
pub(super) fn report(
    args: &Args,
    environment: &Environment,
    style: Style,
    mut entries: Vec<CheckedFile>,
    unreadable: &[Unreadable],
    fixed: FixedFiles,
    notes: &Notes,
) -> Outcome {
    let has_failures = mark_failures(&mut entries, args.fail_on);
    let jobs = args.files.jobs;
    let named = entries.iter().filter(|entry| entry.named).count();
    let (mut skipped, mut configurations) = (Vec::new(), Vec::new());
    let (repository_root, prefix) = environment.repository();
    let mut run = Run {
        files: Vec::new(),
        prefix,
        repository_root,
        accepted: entries.iter().map(|entry| entry.accepted).sum(),
    };
    let mut failed = Vec::new();
    for entry in entries {
        let CheckedFile {
            analysis,
            named,
            stdin,
            configuration,
            ..
        } = entry;
        match &analysis.skipped {
            Some(why) if analysis.findings.is_empty() => {
                let name = analysis.source.name().to_owned();
                // Otherwise `aws ... | corslint check -` would succeed if `aws` fails.
                if stdin.is_some() && !matches!(why, SkipReason::Excluded(_)) {
                    failed.push(Unreadable {
                        name: name.clone(),
                        reason: "no CORS policy found".to_owned(),
                    });
                }
                let why = why.clone();
                skipped.push(SkippedFile { name, named, why });
            }
            _ => {
                if args.verbose && analysis.is_policy() {
                    configurations.push(CheckedConfiguration {
                        name: analysis.source.name().to_owned(),
                        configuration,
                    });
                }
                run.files.push(analysis);
            }
        }
    }
    for output in &args.format {
        if let Some(file) = &output.file
            && let Err(error) = write_atomic(
                file,
                render(output.format, &run, Style::default(), jobs).as_bytes(),
            )
        {
            failed.push(Unreadable {
                name: environment.paths().display(file),
                reason: io_message(&error),
            });
        }
    }
    let to_stdout = args.format.iter().find(|output| output.file.is_none());
    let findings = if args.list_files {
        match to_stdout {
            Some(_) => inventory(&run),
            None => list(&run),
        }
    } else if args.statistics {
        statistics(&run)
    } else {
        match to_stdout {
            Some(output) => render(output.format, &run, style, jobs),
            None if args.format.is_empty() => render(&FORMATS[0], &run, style, jobs),
            None => String::new(),
        }
    };
    let resolved = fixed.resolved();
    let has_fixes = !fixed.diff.is_empty() || fixed.is_incomplete();
    // Fixed standard input goes to standard output, and its findings to standard error.
    let (stdout, mut stderr) = match fixed.stdin {
        Some(bytes) => (bytes, findings),
        None if args.diff && environment.stdout_is_terminal => {
            let diff = escape_lines(&fixed.diff);
            let diff = if style.color { color_diff(&diff) } else { diff };
            (diff.into_bytes(), String::new())
        }
        // Other programs parse the diff, so the bytes of the files are not escaped.
        None if args.diff => (fixed.diff.into_bytes(), String::new()),
        None => (findings.into_bytes(), String::new()),
    };
    let summary = Summary {
        run: &run,
        skipped: &skipped,
        configurations: &configurations,
        requires_policy: args.require_policy,
        named,
        paths: &args.paths,
        verbose: args.verbose,
        quiet: args.quiet,
        lists_files: args.list_files,
        forces_provider: args.files.provider.is_some(),
        notes,
        for_a_person: environment.stdout_is_terminal,
    };
    stderr.push_str(&summary.reasons());
    stderr.push_str(&errors(unreadable));
    stderr.push_str(&errors(&failed));
    if !args.quiet {
        stderr.push_str(&resolved);
        stderr.push_str(&summary.write());
    }
    let lacks_policy = args.require_policy && run.policy_count() == 0;
    if lacks_policy {
        stderr.push_str("error: no CORS policy found, but --require-policy is set\n");
    }
    let fails = match (args.diff, args.list_files) {
        (true, _) => has_fixes,
        (_, is_list) => has_failures && !is_list,
    };
    let has_errors = !unreadable.is_empty() || !failed.is_empty() || lacks_policy;
    // The process is about to exit, so don't spend time on freeing every tree.
    std::mem::forget(run);
    Outcome {
        stdout,
        stderr,
        code: exit_code(has_errors, fails),
    }
}

/// Minimum number of files per rendering thread. Starting a thread takes about as long as rendering a few
/// findings.
const MIN_FILES_PER_THREAD: usize = 16;

/// Renders a run on `jobs` threads (0: one per CPU), if the format renders each file separately.
fn render(format: &Format, run: &Run, style: Style, jobs: usize) -> String {
    let Render::EachFile(render) = format.render else {
        return format.render(run, style);
    };
    let share = run
        .files
        .len()
        .div_ceil(thread_count(jobs))
        .max(MIN_FILES_PER_THREAD);
    let render_all = |files: &[Analysis]| -> String {
        files.iter().map(|file| render(run, file, style)).collect()
    };
    thread::scope(|scope| {
        let mut chunks = run.files.chunks(share);
        let first = chunks.next().unwrap_or_default();
        let others: Vec<_> = chunks
            .map(|files| scope.spawn(move || render_all(files)))
            .collect();
        let mut text = render_all(first);
        for other in others {
            text.push_str(&other.join().expect("rendering does not panic"));
        }
        text
    })
}

/// Lists the paths that could not be read or written.
pub(super) fn errors(unreadable: &[Unreadable]) -> String {
    let lines = unreadable.iter().map(|Unreadable { name, reason }| {
        format!(
            "error: {}: {}\n",
            escape_control(name),
            escape_control(reason)
        )
    });
    lines.collect()
}

/// Colors the lines of a diff as git does.
fn color_diff(diff: &str) -> String {
    let lines = diff.split_inclusive('\n').map(|line| {
        let code = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => "1",
            [b'@', ..] => "36",
            [b'-', ..] => "31",
            [b'+', ..] => "32",
            _ => return line.to_owned(),
        };
        let text = line.trim_end_matches('\n');
        format!("\u{1b}[{code}m{text}\u{1b}[0m{}", &line[text.len()..])
    });
    lines.collect()
}

/// Lists the policies, each with its file, address, provider, dialect, and number of rules.
fn list(run: &Run) -> String {
    let mut out = String::new();
    for file in &run.files {
        let name = escape_control(file.source.name());
        if file.policies.is_empty() {
            let _ = writeln!(out, "{name}  cannot be parsed");
        }
        for located in &file.policies {
            let address = if located.address.is_empty() {
                String::new()
            } else {
                format!(" at {}", escape_control(&located.address))
            };
            let _ = writeln!(
                out,
                "{name}{address}  {}  {}  {}",
                located.policy.provider(),
                located.policy.dialect.name(),
                rule_count(&located.policy)
            );
        }
    }
    out
}

/// Says how many rules a policy has; others may be added when a tool runs.
fn rule_count(policy: &Policy) -> String {
    match (policy.is_complete, policy.written_rules()) {
        (true, written) => plural(written, "rule"),
        (false, 0) => "computed rules".to_owned(),
        (false, written) => format!("{} and computed ones", plural(written, "rule")),
    }
}

/// Counts the findings of each lint, the most frequent first.
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

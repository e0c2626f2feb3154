//! What `corslint check` prints and writes, and its exit code.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use corslint::config::FailOn;
use corslint::discover::{self, Unreadable};
use corslint::report::{FORMATS, Run, Style, inventory, plural, visible, visible_lines};
use corslint::write;

use super::look::Entry;
use super::mend::Mended;
use super::options::Args;
use super::summary::{Other, Summary};
use super::{Environment, FINDINGS, FINE, Outcome, RUN_FAILED};

/// Writes what was found.
pub(super) fn report(
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
    let (top, below_top) = environment.repository();
    let mut run = Run {
        files: Vec::new(),
        below_top,
        top,
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
    for output in &args.format {
        if let Some(file) = &output.file
            && let Err(error) = write::whole(
                file,
                (output.format.render)(&run, Style::default()).as_bytes(),
            )
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
            Some(_) => inventory(&run),
            None => list(&run),
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
        Some(bytes) => (bytes, findings),
        None if args.diff && environment.stdout_is_terminal => {
            (visible_lines(&mended.diff).into_bytes(), String::new())
        }
        // Programs read it: byte for byte what the files hold.
        None if args.diff => (mended.diff.into_bytes(), String::new()),
        None => (findings.into_bytes(), String::new()),
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
    stderr.push_str(&errors(unreadable));
    stderr.push_str(&errors(&failed));
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

/// A line for each path that could not be read or written.
pub(super) fn errors(unreadable: &[Unreadable]) -> String {
    let lines = unreadable.iter().map(|Unreadable { name, reason }| {
        format!("error: {}: {}\n", visible(name), visible(reason))
    });
    lines.collect()
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

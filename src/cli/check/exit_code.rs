//! The exit code of `corslint check`: 0, 1 for findings at or above `--fail-on`, and 2 for errors.

use corslint::config::FailOn;

use super::checked::CheckedFile;
use crate::cli::{EXIT_ERROR, EXIT_FINDINGS, EXIT_OK};

/// Marks the findings that fail the run: those at or above the threshold, which is `fail_on` or the one in
/// the configuration of the file. Returns true if there are any.
pub(super) fn mark_failures(entries: &mut [CheckedFile], fail_on: Option<FailOn>) -> bool {
    let mut has_failures = false;
    for entry in entries {
        let fail_on = fail_on.or(entry.fail_on).unwrap_or(FailOn::Warning);
        for finding in &mut entry.analysis.findings {
            finding.fails = fail_on.fails(finding.severity);
            has_failures |= finding.fails;
        }
    }
    has_failures
}

/// Returns the exit code of a run. An error takes precedence, because the findings may be incomplete.
pub(super) fn exit_code(has_errors: bool, fails: bool) -> u8 {
    match (has_errors, fails) {
        (true, _) => EXIT_ERROR,
        (false, true) => EXIT_FINDINGS,
        (false, false) => EXIT_OK,
    }
}

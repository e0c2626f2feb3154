//! The exit code of `corslint check`: 0, 1 for findings at or above `--fail-on`, and 2 for errors.

use corslint::config::FailOn;

use super::scan::CheckedFile;
use crate::cli::{EXIT_ERROR, EXIT_FINDINGS, EXIT_OK};

/// Returns true if a finding is at or above the threshold: `fail_on`, or the one in the file's configuration.
pub(super) fn has_failures(entries: &[CheckedFile], fail_on: Option<FailOn>) -> bool {
    entries.iter().any(|entry| {
        let findings = entry.analysis.findings.iter();
        let worst = findings.map(|finding| finding.severity).max();
        let fail_on = fail_on.or(entry.fail_on).unwrap_or(FailOn::Warning);
        fail_on.fails(worst)
    })
}

/// Returns the exit code of a run. An error takes precedence, because the findings may be incomplete.
pub(super) fn exit_code(has_errors: bool, fails: bool) -> u8 {
    match (has_errors, fails) {
        (true, _) => EXIT_ERROR,
        (false, true) => EXIT_FINDINGS,
        (false, false) => EXIT_OK,
    }
}

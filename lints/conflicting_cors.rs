use super::{Check, Group, Level, Lint};
use crate::finding::CONFLICTING_CORS;

/// Compares the policies of a file, and on the command line those of a directory.
pub(super) const LINT: Lint = Lint {
    name: CONFLICTING_CORS,
    group: Group::Suspicious,
    level: Level::Deny,
    page: page!("conflicting_cors.md"),
    options: &[],
    check: Check::Builtin,
};

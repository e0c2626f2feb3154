use super::{Check, Group, Level, Lint};
use crate::finding::MALFORMED_SUPPRESSION;

/// Reported where the comments of a file are read.
pub(super) const LINT: Lint = Lint {
    name: MALFORMED_SUPPRESSION,
    group: Group::Project,
    level: Level::Deny,
    page: page!("malformed_suppression.md"),
    options: &[],
    check: Check::Builtin,
};

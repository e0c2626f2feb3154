use super::{Check, Group, Level, Lint};
use crate::finding::UNUSED_EXCEPTION;

/// Reported after all files were checked.
pub(super) const LINT: Lint = Lint {
    name: UNUSED_EXCEPTION,
    group: Group::Project,
    level: Level::Warn,
    page: page!("unused_exception.md"),
    options: &[],
    check: Check::Builtin,
};

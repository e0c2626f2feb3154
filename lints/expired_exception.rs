use super::{Check, Group, Level, Lint};
use crate::finding::EXPIRED_EXCEPTION;

/// Reported after all files were checked.
pub(super) const LINT: Lint = Lint {
    name: EXPIRED_EXCEPTION,
    group: Group::Project,
    level: Level::Warn,
    page: page!("expired_exception.md"),
    options: &[],
    check: Check::Builtin,
};

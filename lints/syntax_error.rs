use super::{Check, Group, Level, Lint};
use crate::finding::SYNTAX_ERROR;

/// Reported by the parser.
pub(super) const LINT: Lint = Lint {
    name: SYNTAX_ERROR,
    group: Group::Correctness,
    level: Level::Deny,
    page: page!("syntax_error.md"),
    options: &[],
    check: Check::Builtin,
};

use super::{Check, Group, Level, Lint};

/// Made by the reader of the syntax.
pub(super) const LINT: Lint = Lint {
    name: "syntax-error",
    group: Group::Correctness,
    level: Level::Deny,
    page: include_str!("syntax_error.md"),
    options: &[],
    check: Check::Engine,
};

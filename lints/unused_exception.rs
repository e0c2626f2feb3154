use super::{Check, Group, Level, Lint, UNUSED_EXCEPTION};

/// Made where exceptions are applied, after all files were checked.
pub(super) const LINT: Lint = Lint {
    name: UNUSED_EXCEPTION,
    group: Group::Project,
    level: Level::Warn,
    page: include_str!("unused_exception.md"),
    options: &[],
    check: Check::Engine,
};

use super::{Check, EXPIRED_EXCEPTION, Group, Level, Lint};

/// Made where exceptions are applied.
pub(super) const LINT: Lint = Lint {
    name: EXPIRED_EXCEPTION,
    group: Group::Project,
    level: Level::Warn,
    page: include_str!("expired_exception.md"),
    options: &[],
    check: Check::Engine,
};

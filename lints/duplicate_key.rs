use super::{Check, Group, Level, Lint};

/// Made by the recognition, which is the last to see both keys.
pub(super) const LINT: Lint = Lint {
    name: "duplicate-key",
    group: Group::Correctness,
    level: Level::Deny,
    page: include_str!("duplicate_key.md"),
    options: &[],
    check: Check::Engine,
};

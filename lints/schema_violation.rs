use super::{Check, Group, Level, Lint};

/// Made by the recognition (keys) and the schema check (values).
pub(super) const LINT: Lint = Lint {
    name: "schema-violation",
    group: Group::Correctness,
    level: Level::Deny,
    page: include_str!("schema_violation.md"),
    options: &[],
    check: Check::Engine,
};

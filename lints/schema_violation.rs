use super::{Check, Group, Level, Lint};
use crate::finding::SCHEMA_VIOLATION;

/// Reported when keys are mapped to fields, and when the schema validates the values.
pub(super) const LINT: Lint = Lint {
    name: SCHEMA_VIOLATION,
    group: Group::Correctness,
    level: Level::Deny,
    page: page!("schema_violation.md"),
    options: &[],
    check: Check::Builtin,
};

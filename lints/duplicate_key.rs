use super::{Check, Group, Level, Lint};
use crate::finding::DUPLICATE_KEY;

/// Reported when keys are mapped to fields: only then are both keys at hand.
pub(super) const LINT: Lint = Lint {
    name: DUPLICATE_KEY,
    group: Group::Correctness,
    level: Level::Deny,
    page: page!("duplicate_key.md"),
    options: &[],
    check: Check::Builtin,
};

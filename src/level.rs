//! Levels of lints, severities of findings, and the groups of lints.

use std::fmt;

use serde::Serialize;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Informational; doesn't fail a run by default.
    Note,
    /// A likely problem.
    Warning,
    /// A policy that the provider rejects, that can never work, or that allows too much for any use case.
    Error,
}

impl Severity {
    /// Returns the severity with this name, or of the level with this name.
    pub fn by_name(name: &str) -> Option<Severity> {
        Level::by_name(name)?.severity()
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The level at which findings of a lint are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Findings are not reported.
    Allow,
    /// Findings are reported as notes.
    Note,
    /// Findings are reported as warnings.
    Warn,
    /// Findings are reported as errors.
    Deny,
}

impl Level {
    /// All levels, the least severe first.
    pub const ALL: &[Level] = &[Level::Allow, Level::Note, Level::Warn, Level::Deny];

    /// Returns the level with this name, or with the name of its severity: `warn` or `warning`, `deny` or
    /// `error`.
    pub fn by_name(name: &str) -> Option<Level> {
        let has_name = |level: &&Level| {
            let severity = level.severity().map(Severity::name);
            level.name() == name || severity == Some(name)
        };
        Level::ALL.iter().find(has_name).copied()
    }

    /// Its name on the command line and in `corslint.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }

    /// The severity of findings at this level; `None` if they are dropped.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Allow => None,
            Level::Note => Some(Severity::Note),
            Level::Warn => Some(Severity::Warning),
            Level::Deny => Some(Severity::Error),
        }
    }
}

/// A group of lints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The provider rejects the policy, or part of it can never work.
    Correctness,
    /// The policy allows more than its author probably intended.
    Security,
    /// The policy makes browsers do unnecessary work.
    Efficiency,
    /// The policy works, but probably not as intended.
    Suspicious,
    /// The finding is correct, but most projects would ignore it.
    Pedantic,
    /// The policy violates the project's configuration.
    Project,
}

impl Group {
    /// All groups, in the order of the catalog.
    pub const ALL: &[Group] = &[
        Group::Correctness,
        Group::Security,
        Group::Efficiency,
        Group::Suspicious,
        Group::Pedantic,
        Group::Project,
    ];

    /// Its name on the command line and in `corslint.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Group::Correctness => "correctness",
            Group::Security => "security",
            Group::Efficiency => "efficiency",
            Group::Suspicious => "suspicious",
            Group::Pedantic => "pedantic",
            Group::Project => "project",
        }
    }
}

/// One or several lints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// All lints.
    All,
    /// One lint, by its name.
    Lint(&'static str),
    /// All lints of a group.
    Group(Group),
}

/// The name of [`Selector::All`].
pub const ALL: &str = "all";

impl Selector {
    /// Returns true if this selects a lint with the given name and group.
    pub fn selects(self, name: &str, group: Group) -> bool {
        match self {
            Selector::All => true,
            Selector::Lint(lint) => lint == name,
            Selector::Group(selected) => selected == group,
        }
    }
}

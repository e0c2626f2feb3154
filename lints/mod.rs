//! The lints. Each lint is a value in [`LINTS`] with its own file. The Markdown page of the same name
//! describes what the lint finds and why, with examples that also serve as tests.

/// The page of a lint.
#[cfg(feature = "pages")]
macro_rules! page {
    ($file:literal) => {
        include_str!($file)
    };
}
#[cfg(not(feature = "pages"))]
macro_rules! page {
    ($file:literal) => {
        ""
    };
}

mod conflicting_cors;
mod context;
mod duplicate_key;
mod every_method;
mod excessive_max_age;
mod expired_exception;
mod insecure_origin;
mod local_origin;
mod malformed_suppression;
mod missing_allowed_headers;
mod missing_max_age;
mod null_origin;
mod overbroad_origin;
mod placeholder_origin;
mod precedence;
mod redundant_entry;
mod schema_violation;
mod syntax_error;
mod unanchored_origin;
mod undocumented_wildcard;
mod unexposed_etag;
mod unlisted_origin;
mod unmatchable_origin;
mod unnecessary_method;
mod unreachable_rule;
mod unused_exception;
mod uppercase_origin;
mod useless_header;
mod wildcard_header;
mod wildcard_origin;
mod wildcard_write;

pub use context::{Findings, LintContext, Notation};
pub use precedence::outranks;

use crate::finding::Diagnostic;
use crate::level::{self, Group, Level, Selector};
use crate::matching;
use crate::policy::Policy;
use crate::settings::Settings;
use crate::suggest::nearest;

/// All lints, by group, in the order of the catalog.
pub static LINTS: &[Lint] = &[
    syntax_error::LINT,
    schema_violation::LINT,
    duplicate_key::LINT,
    unmatchable_origin::LINT,
    uppercase_origin::LINT,
    unreachable_rule::LINT,
    wildcard_write::LINT,
    wildcard_origin::LINT,
    overbroad_origin::LINT,
    unanchored_origin::LINT,
    null_origin::LINT,
    insecure_origin::LINT,
    local_origin::LINT,
    missing_max_age::LINT,
    excessive_max_age::LINT,
    unnecessary_method::LINT,
    every_method::LINT,
    redundant_entry::LINT,
    placeholder_origin::LINT,
    missing_allowed_headers::LINT,
    unexposed_etag::LINT,
    useless_header::LINT,
    undocumented_wildcard::LINT,
    conflicting_cors::LINT,
    wildcard_header::LINT,
    unlisted_origin::LINT,
    malformed_suppression::LINT,
    unused_exception::LINT,
    expired_exception::LINT,
];

/// A check of a policy for one kind of problem.
pub struct Lint {
    /// Its name, which names the problem.
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// Its level, unless another is set.
    pub level: Level,
    /// Its documentation, in Markdown; empty without the feature `pages`.
    pub page: &'static str,
    /// The options that can be set in addition to the level.
    pub options: &'static [OptionSpec],
    /// Where its findings come from.
    pub check: Check,
}

/// An option of a lint.
pub struct OptionSpec {
    /// Its key in `corslint.toml`.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// The values that it accepts.
    pub kind: OptionKind,
}

/// The values that an option accepts.
#[derive(Clone, Copy)]
pub enum OptionKind {
    /// A whole number.
    Integer {
        /// The smallest one.
        min: i64,
        /// The largest one.
        max: i64,
    },
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Where the findings of a lint come from.
pub enum Check {
    /// A function of the policy.
    Policy(fn(&LintContext<'_>, &mut Findings)),
    /// Another stage: parsing, mapping, the schema, or the configuration.
    Builtin,
}

impl Lint {
    /// Returns the lint with that name.
    pub fn by_name(name: &str) -> Option<&'static Lint> {
        LINTS.iter().find(|lint| lint.name == name)
    }

    /// The problem in one sentence: the first of its page.
    pub fn summary(&self) -> &'static str {
        let after_title = self.page.split_once('\n').map_or("", |(_, rest)| rest);
        after_title.trim_start().lines().next().unwrap_or_default()
    }

    /// The address of its page.
    pub fn url(&self) -> String {
        const SITE: &str = env!("CARGO_PKG_HOMEPAGE");
        let page = self.name.replace('-', "_");
        format!("{SITE}lints/{page}.html")
    }

    /// Returns the level at which it is reported with these settings.
    pub fn level_in(&self, settings: &Settings) -> Level {
        settings.level(self.name, self.group).unwrap_or(self.level)
    }
}

/// Returns the lint or group with the given name; `all` selects all lints. The error is the most similar name, if there is one.
pub fn select(name: &str) -> Result<Selector, Option<&'static str>> {
    if let Some(lint) = Lint::by_name(name) {
        return Ok(Selector::Lint(lint.name));
    }
    if let Some(group) = Group::ALL.iter().find(|group| group.name() == name) {
        return Ok(Selector::Group(*group));
    }
    if name == level::ALL {
        return Ok(Selector::All);
    }
    Err(nearest(name, selector_names()))
}

/// Returns the names that [`select`] accepts.
pub fn selector_names() -> impl Iterator<Item = &'static str> {
    let lints = LINTS.iter().map(|lint| lint.name);
    let groups = Group::ALL.iter().map(|group| group.name());
    lints.chain(groups).chain([level::ALL])
}

/// Runs every lint that reads a policy.
pub fn run(policy: &Policy, notation: Notation, settings: &Settings) -> Vec<Diagnostic> {
    let mut diagnostics = run_some(LINTS, policy, notation, settings);
    precedence::keep_highest_ranked(policy, settings, &mut diagnostics);
    diagnostics
}

/// Runs one lint, to measure it.
pub fn run_one(
    lint: &Lint,
    policy: &Policy,
    notation: Notation,
    settings: &Settings,
) -> Vec<Diagnostic> {
    run_some(std::slice::from_ref(lint), policy, notation, settings)
}

fn run_some(
    lints: &[Lint],
    policy: &Policy,
    notation: Notation,
    settings: &Settings,
) -> Vec<Diagnostic> {
    let headers = matching::lower_case_headers(policy);
    let mut context = LintContext::new(policy, &headers, notation, settings);
    let mut findings = Findings {
        lint: "",
        found: Vec::new(),
    };
    for lint in lints {
        if let Check::Policy(check) = lint.check {
            findings.lint = lint.name;
            context.lint = lint.name;
            check(&context, &mut findings);
        }
    }
    findings.found
}

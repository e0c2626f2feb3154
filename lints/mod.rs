//! The lints. Each is a value in [`LINTS`]; its file holds one function, and a page of the same name
//! beside it says what it finds and why, with examples that are its tests.

mod duplicate_key;
mod every_method;
mod excessive_max_age;
mod expired_exception;
mod insecure_origin;
mod local_origin;
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
mod wildcards;

use crate::config::{Allowed, Config, OptionValue};
use crate::finding::Finding;
use crate::matching;
use crate::origin::Entry;
use crate::policy::{Known, Policy, Provider, Rule};
use crate::source::Span;

/// All lints, by group, in the order of the catalogue.
pub const LINTS: &[Lint] = &[
    syntax_error::LINT,
    schema_violation::LINT,
    duplicate_key::LINT,
    unmatchable_origin::LINT,
    uppercase_origin::LINT,
    unreachable_rule::LINT,
    wildcard_origin::LINT,
    wildcard_write::LINT,
    overbroad_origin::LINT,
    unanchored_origin::LINT,
    null_origin::LINT,
    insecure_origin::LINT,
    local_origin::LINT,
    wildcard_header::LINT,
    missing_max_age::LINT,
    excessive_max_age::LINT,
    unnecessary_method::LINT,
    every_method::LINT,
    redundant_entry::LINT,
    placeholder_origin::LINT,
    missing_allowed_headers::LINT,
    unexposed_etag::LINT,
    useless_header::LINT,
    unlisted_origin::LINT,
    unused_exception::LINT,
    expired_exception::LINT,
];

/// One question about a policy.
pub struct Lint {
    /// Names the fault.
    pub name: &'static str,
    /// What kind of fault it is.
    pub group: Group,
    /// How it is reported where nothing else is said.
    pub level: Level,
    /// Its documentation.
    pub page: &'static str,
    /// What can be set beside its level.
    pub options: &'static [OptionSpec],
    /// Where its findings come from.
    pub check: Check,
}

/// Something that a project can set of a lint.
pub struct OptionSpec {
    /// Its key in `corslint.toml`.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// What it takes.
    pub kind: OptionKind,
}

/// What an option takes.
#[derive(Clone, Copy)]
pub enum OptionKind {
    /// A whole number.
    Integer {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// One of these words.
    Word(&'static [&'static str]),
}

/// The lint of exceptions that match nothing.
pub const UNUSED_EXCEPTION: &str = "unused-exception";
/// The lint of exceptions whose day has passed.
pub const EXPIRED_EXCEPTION: &str = "expired-exception";

/// Where findings come from.
pub enum Check {
    /// A function of the policy.
    Policy(fn(&Context<'_, '_>, &mut Findings)),
    /// An earlier stage: the reader of the syntax, the recognition, or the schema check.
    Engine,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The provider refuses it, or it can never work.
    Correctness,
    /// It lets in more than its author can want.
    Security,
    /// Browsers do needless work.
    Efficiency,
    /// It works, but hardly as meant.
    Suspicious,
    /// It breaks what the project's own configuration says.
    Project,
}

impl Group {
    /// All groups, in the order of the catalogue.
    pub const ALL: &[Group] = &[
        Group::Correctness,
        Group::Security,
        Group::Efficiency,
        Group::Suspicious,
        Group::Project,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Group::Correctness => "correctness",
            Group::Security => "security",
            Group::Efficiency => "efficiency",
            Group::Suspicious => "suspicious",
            Group::Project => "project",
        }
    }
}

/// What becomes of a lint's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// They are dropped.
    Allow,
    /// They are notes.
    Note,
    /// They are warnings.
    Warn,
    /// They are errors.
    Deny,
}

impl Level {
    /// All levels, the mildest first.
    pub const ALL: &[Level] = &[Level::Allow, Level::Note, Level::Warn, Level::Deny];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

impl Lint {
    /// The lint of that name.
    pub fn by_name(name: &str) -> Option<&'static Lint> {
        LINTS.iter().find(|lint| lint.name == name)
    }

    /// The fault in one sentence: the first of its page.
    pub fn summary(&self) -> &'static str {
        let after_title = self.page.split_once('\n').map_or("", |(_, rest)| rest);
        after_title.trim_start().lines().next().unwrap_or_default()
    }
}

/// What a lint may look at.
pub struct Context<'p, 'd> {
    /// The policy.
    pub policy: &'p Policy<'d>,
    config: &'p Config,
    lint: &'static str,
    /// For each rule the earlier ones that match all that it matches.
    containing: Vec<Vec<usize>>,
    /// For each rule the earlier one that decides every request it could decide.
    decided: Vec<Option<usize>>,
    /// The known origins of each rule, taken apart.
    origins: Vec<Vec<(Known<'d>, Entry<'d>)>>,
}

impl<'p, 'd> Context<'p, 'd> {
    fn new(policy: &'p Policy<'d>, config: &'p Config) -> Context<'p, 'd> {
        let containing = matching::containing(policy);
        let rules = policy.rules.iter().zip(&containing);
        let decided = rules.map(|(rule, containing)| {
            // None is told after one that grants all its methods.
            let last = *containing.last()?;
            matching::grants_all(&policy.rules[last], rule).then_some(last)
        });
        let origins = policy.rules.iter().map(|rule| {
            let origins = rule.origins.known();
            origins
                .map(|origin| (origin, Entry::parse(origin.value())))
                .collect()
        });
        Context {
            policy,
            config,
            lint: "",
            decided: decided.collect(),
            origins: origins.collect(),
            containing,
        }
    }

    /// The known origins of a rule, each with its parts.
    pub fn origins(&self, rule: &Rule<'d>) -> &[(Known<'d>, Entry<'d>)] {
        &self.origins[rule.index]
    }

    /// The first earlier rule that decides all requests of a method that `rule` could decide.
    pub fn decides_before(&self, rule: &Rule<'d>, method: &str) -> Option<&'p Rule<'d>> {
        let earlier = self.containing[rule.index].iter();
        let mut earlier = earlier.map(|index| &self.policy.rules[*index]);
        earlier.find(|earlier| matching::granted(earlier, method).is_some())
    }

    /// All that the project's front ends need, where the project says so.
    pub fn allowed(&self) -> &'p Allowed {
        &self.config.allowed
    }

    /// A number that was set of the lint that runs.
    pub fn number(&self, option: &str) -> Option<i64> {
        match self.config.option(self.lint, option) {
            Some(OptionValue::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// Whether a word was set of the lint that runs.
    pub fn is_set(&self, option: &str, word: &str) -> bool {
        let set = self.config.option(self.lint, option);
        matches!(set, Some(OptionValue::Word(set)) if set == word)
    }

    /// Who reads the policy.
    pub fn provider(&self) -> Provider {
        self.policy.provider
    }

    /// The rules that can decide a request. Of one that cannot, only that is said.
    pub fn rules(&self) -> impl Iterator<Item = &'p Rule<'d>> + '_ {
        let rules = self.policy.rules.iter();
        rules.filter(|rule| self.decided[rule.index].is_none())
    }

    /// The rules that can never decide, each with the earlier one that decides before it.
    pub fn dead_rules(&self) -> impl Iterator<Item = (&'p Rule<'d>, &'p Rule<'d>)> + '_ {
        let rules = self.policy.rules.iter();
        rules.filter_map(|rule| Some((rule, &self.policy.rules[self.decided[rule.index]?])))
    }
}

/// Where a lint puts what it finds.
pub struct Findings {
    lint: &'static str,
    found: Vec<Finding>,
}

impl Findings {
    /// A finding of the lint that runs, at `span`; to be completed and given to [`Findings::push`].
    pub fn new_at(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(self.lint, span, message)
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}

/// Runs every lint that reads a policy.
pub fn run(policy: &Policy<'_>, config: &Config) -> Vec<Finding> {
    let mut findings = run_some(LINTS, policy, config);
    precedence::settle(policy, config, &mut findings);
    findings
}

/// Runs one lint, to measure it.
pub fn run_one(lint: &Lint, policy: &Policy<'_>, config: &Config) -> Vec<Finding> {
    run_some(std::slice::from_ref(lint), policy, config)
}

fn run_some(lints: &[Lint], policy: &Policy<'_>, config: &Config) -> Vec<Finding> {
    let mut context = Context::new(policy, config);
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

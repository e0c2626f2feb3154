//! The lints. Each lint is a value in [`LINTS`] with its own file. The Markdown page of the same name
//! describes what the lint finds and why, with examples that also serve as tests.

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

use crate::document::NodeId;
use crate::field::Field;
use crate::finding::Diagnostic;
use crate::level::{Group, Level, Selector};
use crate::matching::{self, Coverage};
use crate::origin::{OriginPattern, placeholder};
use crate::policy::{Entry, Policy, Rule};
use crate::provider::Provider;
use crate::settings::{AllowList, OptionValue, Settings};
use crate::source::Span;
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
    wildcard_header::LINT,
    unlisted_origin::LINT,
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
    /// Its documentation, in Markdown.
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
        const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
        let page = self.name.replace('-', "_");
        format!("{REPOSITORY}/blob/main/lints/{page}.md")
    }

    /// Returns the level at which it is reported with these settings.
    pub fn level_in(&self, settings: &Settings) -> Level {
        settings.level(self.name, self.group).unwrap_or(self.level)
    }
}

/// Returns the lint or group with the given name. The error is the most similar name, if there is one.
pub fn select(name: &str) -> Result<Selector, Option<&'static str>> {
    if let Some(lint) = Lint::by_name(name) {
        return Ok(Selector::Lint(lint.name));
    }
    if let Some(group) = Group::ALL.iter().find(|group| group.name() == name) {
        return Ok(Selector::Group(*group));
    }
    let lints = LINTS.iter().map(|lint| lint.name);
    let groups = Group::ALL.iter().map(|group| group.name());
    Err(nearest(name, lints.chain(groups)))
}

/// How a value or an assignment is written in the syntax of the file, for help texts.
#[derive(Clone, Copy)]
pub struct Notation {
    /// Writes a string.
    pub quote: fn(&str) -> String,
    /// Writes a key and its value.
    pub assign: fn(&str, &str) -> String,
}

/// The data that is available to a lint.
pub struct LintContext<'p> {
    /// The policy.
    pub policy: &'p Policy,
    /// Which earlier rules decide requests before a rule is reached.
    pub coverage: Coverage<'p>,
    notation: Notation,
    settings: &'p Settings,
    lint: &'static str,
    /// For each rule the earlier ones that together decide every request that it could decide.
    shadowed_by: Vec<Option<Vec<usize>>>,
    /// The known origins of each rule, split into their parts.
    origins: Vec<Vec<(&'p Entry, OriginPattern<'p>)>>,
}

impl<'p> LintContext<'p> {
    fn new(
        policy: &'p Policy,
        headers: &'p [Vec<String>],
        notation: Notation,
        settings: &'p Settings,
    ) -> LintContext<'p> {
        let coverage = Coverage::new(policy, headers);
        let rules = policy.rules.iter();
        let shadowed_by = rules.map(|rule| coverage.shadowing(rule)).collect();
        let origins = policy.rules.iter().map(|rule| {
            let origins = rule.origins.entries();
            origins
                .map(|origin| (origin, OriginPattern::parse(origin.value())))
                .collect()
        });
        LintContext {
            policy,
            coverage,
            notation,
            settings,
            lint: "",
            shadowed_by,
            origins: origins.collect(),
        }
    }

    /// The known origins of a rule, each with its parts.
    pub fn origins(&self, rule: &Rule) -> &[(&'p Entry, OriginPattern<'p>)] {
        &self.origins[rule.index]
    }

    /// The name of a rule in a message: "this rule" if it is the only one.
    pub fn rule_name(&self, rule: &Rule) -> String {
        match self.policy.rules.len() {
            1 => "this rule".to_owned(),
            _ => rule.name(),
        }
    }

    /// Returns the first origin of a rule that opens it to every website.
    pub fn open_origin(&self, rule: &'p Rule) -> Option<&'p Entry> {
        let mut origins = rule.origins.entries();
        origins.find(|origin| (self.provider().is_open)(origin.value()))
    }

    /// Returns true if an entry is a public site, that is, not local, a placeholder, or an app origin.
    pub fn is_public(&self, entry: &OriginPattern<'_>) -> bool {
        entry.is_http_family()
            && !entry.host.is_empty()
            && !entry.is_local()
            && !entry.is_app()
            && placeholder(entry).is_none()
    }

    /// Returns true if some preflight for a rule can succeed: it allows a method that is always preflighted,
    /// or any request header.
    pub fn is_preflighted(&self, rule: &Rule) -> bool {
        let is_simple = |method: &str| {
            // Methods that a page may use without a preflight (WHATWG Fetch, 'CORS-safelisted method').
            let http = self.provider().http_method(method);
            matches!(http, Some("GET" | "HEAD" | "POST"))
        };
        let mut headers = rule.allowed_headers.entries();
        headers.next().is_some() || rule.methods.entries().any(|m| !is_simple(m.value()))
    }

    /// Returns true if no known method of a rule changes objects.
    pub fn only_reads(&self, rule: &Rule) -> bool {
        let mut methods = rule.methods.entries();
        !methods.any(|method| self.provider().writes(method.value()))
    }

    /// The origins and methods that the project's front ends need, if configured.
    pub fn allowed(&self) -> &'p AllowList {
        &self.settings.allowed
    }

    /// Returns a number that is set for the running lint.
    pub fn number(&self, option: &str) -> Option<i64> {
        match self.settings.option(self.lint, option) {
            Some(OptionValue::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The provider that evaluates the policy.
    pub fn provider(&self) -> &'static Provider {
        self.policy.provider()
    }

    /// The dialect's key for a field.
    pub fn key(&self, field: Field) -> &'static str {
        self.policy.dialect.key(field)
    }

    /// Writes a string as the syntax of the file does.
    pub fn quote(&self, text: &str) -> String {
        (self.notation.quote)(text)
    }

    /// Writes a key and its value as the syntax of the file does.
    pub fn assign(&self, key: &str, value: &str) -> String {
        (self.notation.assign)(key, value)
    }

    /// The rules that can decide a request. Lints skip all other rules, which `unreachable-rule` reports.
    pub fn rules(&self) -> impl Iterator<Item = &'p Rule> + '_ {
        let rules = self.policy.rules.iter();
        rules.filter(|rule| self.shadowed_by[rule.index].is_none())
    }

    /// The rules that can never decide, each with the earlier ones that decide instead.
    pub fn unreachable_rules(&self) -> impl Iterator<Item = (&'p Rule, &[usize])> {
        let rules = self.policy.rules.iter();
        rules.filter_map(|rule| Some((rule, self.shadowed_by[rule.index].as_deref()?)))
    }
}

/// Lists the names of rules, as in "rule 1" and "rules 1 and 3".
fn rule_names(rules: &[usize]) -> String {
    let numbers: Vec<_> = rules.iter().map(|index| (index + 1).to_string()).collect();
    match &numbers[..] {
        [number] => format!("rule {number}"),
        numbers => format!("rules {}", join(numbers, "and")),
    }
}

/// Joins words, as in "a, b and c".
fn join(words: &[String], conjunction: &str) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} {conjunction} {last}", words.join(", ")),
    }
}

/// Collects what the lints report.
pub struct Findings {
    lint: &'static str,
    found: Vec<Diagnostic>,
}

impl Findings {
    /// Creates a diagnostic of the running lint, to be completed and given to [`Findings::push`].
    pub fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.lint, span, message)
    }

    /// Creates a diagnostic of the running lint about one entry of a list; see [`Diagnostic::of_entry`].
    pub fn entry(
        &self,
        span: Span,
        scope: NodeId,
        message: (&str, &str),
        help: (&str, &str),
    ) -> Diagnostic {
        Diagnostic::of_entry(self.lint, span, scope, message, help)
    }

    /// Adds a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }
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

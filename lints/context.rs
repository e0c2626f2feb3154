//! The data that a lint reads, and the collection that it reports to.

use crate::document::NodeId;
use crate::fetch::is_safelisted_method;
use crate::field::Field;
use crate::finding::Diagnostic;
use crate::matching::{self, Coverage};
use crate::origin::{ComputedOrigin, OriginPattern, placeholder};
use crate::policy::{ComputedItem, Entry, Policy, Rule};
use crate::provider::{Match, Provider};
use crate::settings::{AllowList, OptionValue, Settings};
use crate::source::Span;

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
    pub(super) lint: &'static str,
    /// For each rule the earlier ones that together decide every request that it could decide.
    shadowed_by: Vec<Option<Vec<usize>>>,
    /// The known origins of each rule, split into their parts.
    origins: Vec<Vec<(&'p Entry, OriginPattern<'p>)>>,
    /// The same origins as texts, sorted.
    sorted_origins: Vec<Vec<&'p str>>,
}

impl<'p> LintContext<'p> {
    pub(super) fn new(
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
        let sorted_origins = policy.rules.iter().map(|rule| {
            let mut origins: Vec<_> = rule.origins.entries().map(Entry::value).collect();
            origins.sort_unstable();
            origins
        });
        LintContext {
            policy,
            coverage,
            notation,
            settings,
            lint: "",
            shadowed_by,
            origins: origins.collect(),
            sorted_origins: sorted_origins.collect(),
        }
    }

    /// The known origins of a rule, each with its parts.
    pub fn origins(&self, rule: &Rule) -> &[(&'p Entry, OriginPattern<'p>)] {
        &self.origins[rule.index]
    }

    /// The origins of a rule of which a tool computes parts.
    pub fn computed_origins(
        &self,
        rule: &'p Rule,
    ) -> impl Iterator<Item = (&'p ComputedItem, ComputedOrigin<'p>)> {
        let items = rule.origins.get().map_or(&[][..], |list| &list.computed);
        let items = items.iter();
        items.map(|item| (item, ComputedOrigin::new(&item.template)))
    }

    /// Returns true if a rule is known to list an origin. Rules may be long, so this is a binary search.
    pub fn lists_origin(&self, rule: &Rule, origin: &str) -> bool {
        self.sorted_origins[rule.index]
            .binary_search(&origin)
            .is_ok()
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
            let http = self.provider().http_method(method);
            http.is_some_and(is_safelisted_method)
        };
        let mut headers = rule.allowed_headers.entries();
        headers.next().is_some() || rule.methods.entries().any(|m| !is_simple(m.value()))
    }

    /// Returns true if no known method of a rule changes objects.
    pub fn only_reads(&self, rule: &Rule) -> bool {
        let mut methods = rule.methods.entries();
        !methods.any(|method| self.provider().writes(method.value()))
    }

    /// Returns true if an upload through a rule always fails, because the rule lacks a header that every
    /// request of that method has. A page can omit only `Content-Type`.
    pub fn refuses_every_upload(&self, rule: &Rule, method: &str) -> bool {
        let needed = self.provider().method(method).map(|m| m.needs_headers);
        let mut needed = needed.unwrap_or_default().iter();
        needed.any(|header| *header != "content-type" && self.lacks_header(rule, header))
    }

    /// Returns true if a rule certainly does not allow a request header.
    pub fn lacks_header(&self, rule: &Rule, header: &str) -> bool {
        matching::header_match(self.provider(), rule, header) == Match::No
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
pub(super) fn rule_names(rules: &[usize]) -> String {
    let numbers: Vec<_> = rules.iter().map(|index| (index + 1).to_string()).collect();
    match &numbers[..] {
        [number] => format!("rule {number}"),
        numbers => format!("rules {}", join(numbers, "and")),
    }
}

/// Joins words, as in "a, b and c".
pub(super) fn join(words: &[String], conjunction: &str) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} {conjunction} {last}", words.join(", ")),
    }
}

/// Collects what the lints report.
pub struct Findings {
    pub(super) lint: &'static str,
    pub(super) found: Vec<Diagnostic>,
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

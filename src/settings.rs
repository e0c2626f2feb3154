//! Settings for one file: lint levels and options, the provider, and allowed origins and methods.

use crate::bucket::Elsewhere;
use crate::finding::SYNTAX_ERROR;
use crate::level::{Group, Level, Selector};
use crate::provider::Provider;

/// The settings for one file. By default, every lint runs at its default level.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The levels in the order they were set. The last one that selects a lint wins.
    levels: Vec<(Selector, Level)>,
    /// The lints to run; empty for all.
    only: Vec<Selector>,
    /// The lint, the option, and its value. The last value set wins.
    options: Vec<(&'static str, &'static str, OptionValue)>,
    /// The origins and methods that the project needs.
    pub allowed: AllowList,
    /// True if comments in the file don't accept findings.
    pub ignores_suppressions: bool,
    /// Buckets whose rules earlier files of the same directory set. Without them, only the resources of one file
    /// are compared.
    pub elsewhere: Vec<Elsewhere>,
    /// The provider to assume for a file if it can't be detected from the content.
    pub provider: Option<&'static Provider>,
}

/// The origins and methods that a project needs. A list is `None` if the project doesn't configure it.
#[derive(Debug, Clone, Default)]
pub struct AllowList {
    /// Patterns of origins, each with at most one `*`.
    pub origins: Option<Vec<String>>,
    /// HTTP methods.
    pub methods: Option<Vec<String>>,
}

/// The value of a lint's option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// A whole number.
    Integer(i64),
    /// One of the option's allowed words.
    Word(String),
}

impl Settings {
    /// Sets a level, overriding any level set before.
    pub fn set_level(&mut self, selector: Selector, level: Level) {
        self.levels.push((selector, level));
    }

    /// Sets an option of a lint, overriding any value set before.
    pub fn set_option(&mut self, lint: &'static str, option: &'static str, value: OptionValue) {
        self.options.push((lint, option, value));
    }

    /// Runs only these lints. Syntax errors are always reported, because a file with one may not be checked.
    pub fn run_only(&mut self, selectors: &[Selector]) {
        self.only = selectors.to_vec();
    }

    /// Returns the level that was set for a lint; `None` if none was.
    pub fn level(&self, lint: &str, group: Group) -> Option<Level> {
        let mut only = self.only.iter();
        let is_run = self.only.is_empty()
            || lint == SYNTAX_ERROR
            || only.any(|selector| selector.selects(lint, group));
        if !is_run {
            return Some(Level::Allow);
        }
        let mut set = self.levels.iter().rev();
        set.find(|(selector, _)| selector.selects(lint, group))
            .map(|(_, level)| *level)
    }

    /// Returns the value of a lint's option; `None` if it was not set.
    pub fn option(&self, lint: &str, option: &str) -> Option<&OptionValue> {
        let mut set = self.options.iter().rev();
        set.find(|(of, name, _)| *of == lint && *name == option)
            .map(|(_, _, value)| value)
    }

    /// Applies the levels, options, and provider of an override on top of these settings.
    pub fn apply(&mut self, other: &Settings) {
        self.levels.extend(other.levels.iter().copied());
        self.options.extend(other.options.iter().cloned());
        self.provider = other.provider.or(self.provider);
    }
}

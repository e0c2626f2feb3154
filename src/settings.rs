//! What the user wants for one file: levels and options of lints, and what the project needs.

use crate::level::{Group, Level, Selector};
use crate::provider::Provider;

/// The settings for one file. The default runs every lint at its own level.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// In the order in which they were set; the last one that selects a lint wins.
    levels: Vec<(Selector, Level)>,
    /// Lint, option and value; the last one that was set wins.
    options: Vec<(&'static str, &'static str, OptionValue)>,
    /// Everything that this project's front ends need.
    pub allowed: AllowList,
    /// The provider to assume for a file whose content does not show it.
    pub provider: Option<&'static Provider>,
}

/// Everything that a project's front ends need; a `None` list means that the project doesn't say.
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
    /// One of the option's words.
    Word(String),
}

impl Settings {
    /// Sets a level. It wins over levels that were set before.
    pub fn set_level(&mut self, selector: Selector, level: Level) {
        self.levels.push((selector, level));
    }

    /// Sets an option of a lint. It wins over a value that was set before.
    pub fn set_option(&mut self, lint: &'static str, option: &'static str, value: OptionValue) {
        self.options.push((lint, option, value));
    }

    /// Returns the level that was set for a lint; `None` if none was.
    pub fn level(&self, lint: &str, group: Group) -> Option<Level> {
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

    /// Adds the levels, the options and the provider of an override, which win over these.
    pub fn apply(&mut self, other: &Settings) {
        self.levels.extend(other.levels.iter().copied());
        self.options.extend(other.options.iter().cloned());
        self.provider = other.provider.or(self.provider);
    }
}

//! What the user wants: the level of each lint, its options, what the project's front ends need, and
//! how files are read.

mod exceptions;
mod file;
mod project;

pub use exceptions::Exceptions;
pub use file::{FailOn, json_schema};
pub use project::{CONFIG_NAME, ConfigError, Project, Projects};

use crate::finding::Severity;
use crate::lints::{Group, LINTS, Level, Lint};
use crate::policy::Provider;

/// What is wished for one file. The default asks for nothing: every lint at its own level.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Levels in the order in which they were given; of those that fit a lint the last counts.
    levels: Vec<(Selector, Level)>,
    /// Options of lints; of those that were given twice the last counts.
    options: Vec<(&'static str, &'static str, OptionValue)>,
    /// All that the project's front ends need.
    pub allowed: Allowed,
    /// Whose policy a file is read as where it does not look like any.
    pub provider: Option<Provider>,
}

/// All that the project's front ends need, where the project says so.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Patterns of origins, each with at most one `*`.
    pub origins: Option<Vec<String>>,
    /// Methods of HTTP.
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

/// A lint, or all of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// One lint.
    Lint(&'static str),
    /// A group.
    Group(Group),
}

impl Selector {
    /// The lint or the group of that name; else the nearest name, if one is near.
    pub fn parse(name: &str) -> Result<Selector, Option<&'static str>> {
        if let Some(lint) = Lint::by_name(name) {
            return Ok(Selector::Lint(lint.name));
        }
        if let Some(group) = Group::ALL.iter().find(|group| group.name() == name) {
            return Ok(Selector::Group(*group));
        }
        let lints = LINTS.iter().map(|lint| lint.name);
        Err(nearest(
            name,
            lints.chain(Group::ALL.iter().map(|group| group.name())),
        ))
    }

    fn selects(self, lint: &Lint) -> bool {
        match self {
            Selector::Lint(name) => name == lint.name,
            Selector::Group(group) => group == lint.group,
        }
    }
}

/// The name that was probably meant.
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let is_begun = |known: &str| name.len() >= 3 && known.starts_with(name);
    known
        .map(|known| (strsim::osa_distance(name, known), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4 || is_begun(known))
        .min()
        .map(|(_, known)| known)
}

impl Config {
    /// Sets a level; it wins over those that were set before.
    pub fn set_level(&mut self, selector: Selector, level: Level) {
        self.levels.push((selector, level));
    }

    /// How a lint is reported.
    pub fn level(&self, lint: &Lint) -> Level {
        let said = self.levels.iter().rev();
        said.filter(|(selector, _)| selector.selects(lint))
            .map(|(_, level)| *level)
            .next()
            .unwrap_or(lint.level)
    }

    /// The severity of a lint's findings; none if they are dropped.
    pub fn severity(&self, lint: &Lint) -> Option<Severity> {
        match self.level(lint) {
            Level::Allow => None,
            Level::Note => Some(Severity::Note),
            Level::Warn => Some(Severity::Warning),
            Level::Deny => Some(Severity::Error),
        }
    }

    /// The value of a lint's option, where one was given.
    pub fn option(&self, lint: &str, name: &str) -> Option<&OptionValue> {
        let given = self.options.iter().rev();
        let mut given = given.filter(|(of, option, _)| *of == lint && *option == name);
        given.next().map(|(_, _, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_level_that_fits_counts() {
        let mut config = Config::default();
        let wildcard = Lint::by_name("wildcard-origin").expect("it exists");
        assert_eq!(config.severity(wildcard), Some(Severity::Warning));
        config.set_level(Selector::Lint("wildcard-origin"), Level::Allow);
        config.set_level(Selector::Group(Group::Security), Level::Deny);
        assert_eq!(config.severity(wildcard), Some(Severity::Error));
    }

    #[test]
    fn a_name_that_is_near_is_offered() {
        assert_eq!(
            Selector::parse("wildcard-origins"),
            Err(Some("wildcard-origin"))
        );
        assert_eq!(Selector::parse("nothing-like-it"), Err(None));
    }
}

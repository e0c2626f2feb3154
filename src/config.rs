//! What the user wants: the level of each lint, and how files are read.

use crate::finding::Severity;
use crate::lints::{Group, LINTS, Level, Lint};
use crate::policy::Provider;

/// A project's wishes. The default asks for nothing: every lint at its own level.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Levels in the order in which they were given; of those that fit a lint the last counts.
    levels: Vec<(Selector, Level)>,
    /// Whose policy a file is read as where it does not look like any.
    pub provider: Option<Provider>,
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
pub fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    known
        .map(|known| (strsim::osa_distance(name, known), known))
        .min()
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .map(|(_, known)| known)
}

impl Config {
    /// Sets a level; it wins over those that were set before.
    pub fn set_level(&mut self, selector: Selector, level: Level) {
        self.levels.push((selector, level));
    }

    /// The severity of a lint's findings; none if they are dropped.
    pub fn severity(&self, lint: &Lint) -> Option<Severity> {
        let said = self.levels.iter().rev();
        let level = said
            .filter(|(selector, _)| selector.selects(lint))
            .map(|(_, level)| *level)
            .next()
            .unwrap_or(lint.level);
        match level {
            Level::Allow => None,
            Level::Note => Some(Severity::Note),
            Level::Warn => Some(Severity::Warning),
            Level::Deny => Some(Severity::Error),
        }
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

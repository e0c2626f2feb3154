//! The options that select lints and set their levels.

use clap::ArgMatches;

use corslint::level::{Level, Selector};
use corslint::lints::LINTS;
use corslint::settings::Settings;

use super::options::Levels;

/// The lint options of the command line. They override configuration files.
pub(super) struct LintOptions {
    only: Vec<Selector>,
    /// The levels in command-line order, across all level options.
    levels: Vec<(Selector, Level)>,
}

impl LintOptions {
    pub(super) fn new(args: &Levels, matches: &ArgMatches) -> LintOptions {
        let given = [
            ("allow", &args.allow, Level::Allow),
            ("note", &args.note, Level::Note),
            ("warn", &args.warn, Level::Warn),
            ("deny", &args.deny, Level::Deny),
        ];
        let mut levels: Vec<(usize, Selector, Level)> = Vec::new();
        for (option, selectors, level) in given {
            let places = matches.indices_of(option).into_iter().flatten();
            let selectors = places.zip(selectors);
            levels.extend(selectors.map(|(at, selector)| (at, *selector, level)));
        }
        levels.sort_by_key(|(at, ..)| *at);
        let in_order = levels.into_iter();
        LintOptions {
            only: args.only.clone(),
            levels: in_order
                .map(|(_, selector, level)| (selector, level))
                .collect(),
        }
    }

    /// Applies the options to the settings of a file. A lint that is disabled, but named in `--only`, is
    /// reported as a warning.
    pub(super) fn apply(&self, settings: &mut Settings) {
        for selector in &self.only {
            let lints = LINTS.iter().filter(|lint| match selector {
                Selector::All => false,
                Selector::Group(group) => {
                    *group == lint.group && settings.level(lint.name, lint.group).is_none()
                }
                Selector::Lint(name) => *name == lint.name,
            });
            let disabled = lints.filter(|lint| lint.level_in(settings) == Level::Allow);
            for lint in disabled.collect::<Vec<_>>() {
                settings.set_level(Selector::Lint(lint.name), Level::Warn);
            }
        }
        settings.run_only(&self.only);
        for (selector, level) in &self.levels {
            settings.set_level(*selector, *level);
        }
    }
}

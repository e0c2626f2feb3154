//! Values of options: how they are parsed, and which ones completions offer.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};

use corslint::config::FailOn;
use corslint::level::{Level, Selector, Severity};
use corslint::lints;
use corslint::provider::PROVIDERS;

/// Parses a value with a function, and lists the usual values for completions. Options with many values hide
/// them in the help.
#[derive(Clone)]
pub(super) struct Listed<T> {
    parse: fn(&str) -> Result<T, String>,
    values: fn() -> Vec<PossibleValue>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Listed<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        TypedValueParser::parse_ref(&self.parse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.values)().into_iter()))
    }
}

/// Parses a value and lists the usual values.
pub(super) fn listed<T>(
    parse: fn(&str) -> Result<T, String>,
    values: fn() -> Vec<PossibleValue>,
) -> Listed<T> {
    Listed { parse, values }
}

/// The name of a lint or group, or `all`.
pub(super) fn selectors() -> Listed<Selector> {
    let parse = |name: &str| {
        lints::select(name).map_err(|near| match near {
            Some(near) => format!("unknown lint or group; did you mean {near}?"),
            None => "unknown lint or group; run `corslint explain` for a list".to_owned(),
        })
    };
    listed(parse, || {
        lints::selector_names().map(PossibleValue::new).collect()
    })
}

/// The name of a lint. Any other text is accepted, so that the error can suggest a name.
pub(super) fn lint_names() -> Listed<String> {
    let parse = |name: &str| Ok(name.to_owned());
    listed(parse, || {
        let lints = lints::LINTS.iter();
        lints.map(|lint| PossibleValue::new(lint.name)).collect()
    })
}

/// The name of a severity, or of its level.
pub(super) fn severities() -> Listed<Severity> {
    let parse = |name: &str| {
        Severity::by_name(name)
            .ok_or_else(|| "the severities are note, warning and error".to_owned())
    };
    listed(parse, || {
        let severities = Level::ALL.iter().filter_map(|level| level.severity());
        severities
            .map(|severity| PossibleValue::new(severity.name()))
            .collect()
    })
}

/// A value of `--fail-on`.
pub(super) fn fail_ons() -> Listed<FailOn> {
    let parse = |name: &str| {
        FailOn::by_name(name)
            .ok_or_else(|| "the values are note, warning, error and never".to_owned())
    };
    listed(parse, || {
        FailOn::ALL
            .iter()
            .map(|value| PossibleValue::new(value.name()))
            .collect()
    })
}

/// The name of a provider.
pub(super) fn providers() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(PROVIDERS.iter().map(|provider| provider.id))
}

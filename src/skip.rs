//! Why files are skipped.

use crate::locate;
use crate::source::Source;

/// Why a file contains no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// It contains no key of a policy.
    NoKeys,
    /// It is well-formed, but nothing in it is a policy; what is missing.
    NoPolicy(&'static str),
    /// It is not well-formed, and does not look like a policy.
    Malformed,
    /// It is a template that can't be parsed before it is rendered.
    Template,
    /// It is empty.
    Empty,
    /// It is larger than [`Source::MAX_BYTES`].
    TooLarge,
    /// It is a configuration of corslint.
    Configuration,
    /// It is in a syntax that corslint does not read; its name, if it is known.
    OtherSyntax(Option<&'static str>),
}

impl SkipReason {
    /// The reason in words, to follow the name of the file.
    pub fn message(&self) -> String {
        match self {
            SkipReason::NoKeys => locate::missing_keys_hint("").to_owned(),
            SkipReason::NoPolicy(missing) => (*missing).to_owned(),
            SkipReason::Malformed => {
                "not valid JSON, and does not look like a CORS policy".to_owned()
            }
            SkipReason::Template => {
                "a template that is not valid JSON until it is rendered".to_owned()
            }
            SkipReason::Empty => "empty".to_owned(),
            SkipReason::TooLarge => {
                let limit = Source::MAX_BYTES / (1024 * 1024);
                format!("larger than {limit} MiB")
            }
            SkipReason::Configuration => "a corslint configuration".to_owned(),
            SkipReason::OtherSyntax(Some(name)) => {
                format!("this is {name}; corslint only reads JSON")
            }
            SkipReason::OtherSyntax(None) => "corslint only reads JSON".to_owned(),
        }
    }
}

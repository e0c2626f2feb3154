//! Why files are skipped.

use crate::locate;
use crate::source::Source;

/// Why a file contains no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The file contains no policy key.
    NoKeys,
    /// The file is well-formed but contains no policy. The text says what is missing.
    NoPolicy(&'static str),
    /// The file is not well-formed and does not look like a policy.
    Malformed,
    /// The file is a template that must be rendered before it can be parsed.
    Template,
    /// It is empty.
    Empty,
    /// It is larger than [`Source::MAX_BYTES`].
    TooLarge,
    /// The file is a corslint configuration.
    Configuration,
    /// The file has a syntax that corslint doesn't support; contains the syntax name if known.
    OtherSyntax(Option<&'static str>),
}

impl SkipReason {
    /// Returns the reason as text to print after the file name.
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

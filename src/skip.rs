//! Why files are skipped.

use crate::source::Source;

/// The reason for a file without any policy key.
pub const NO_KEYS: &str = "no CORS keys found (such as AllowedOrigins or origin)";

/// The reason for XML with another root element.
pub const NO_ROOT: &str = "XML without a CORSConfiguration or CorsConfig";

/// Why a file contains no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The file contains no policy key.
    NoKeys,
    /// The file is well-formed but contains no policy. The text says what is missing.
    NoPolicy(&'static str),
    /// The file is another kind of file. The text says what it is.
    OtherKind(&'static str),
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
    /// It is ignored by `.gitignore` or `.ignore`.
    Ignored,
    /// It is excluded; contains the glob and its origin.
    Excluded(String),
    /// It is a symbolic link.
    Link,
    /// The file has a syntax that corslint doesn't support; contains the syntax name if known.
    OtherSyntax(Option<&'static str>),
}

impl SkipReason {
    /// Returns what is common to all files with this kind of reason, to print after their number.
    pub fn summary(&self) -> &'static str {
        match self {
            SkipReason::NoKeys => "without CORS keys",
            SkipReason::NoPolicy(_) | SkipReason::OtherKind(_) => "without a bucket's policy",
            SkipReason::Malformed => "malformed",
            SkipReason::Template => "not rendered",
            SkipReason::Empty => "empty",
            SkipReason::TooLarge => "too large",
            SkipReason::Configuration => "configuration",
            SkipReason::Ignored => "ignored",
            SkipReason::Excluded(_) => "excluded",
            SkipReason::Link => "linked",
            SkipReason::OtherSyntax(_) => "in other formats",
        }
    }

    /// Returns the reason as text to print after the file name.
    pub fn message(&self) -> String {
        match self {
            SkipReason::NoKeys => NO_KEYS.to_owned(),
            SkipReason::NoPolicy(text) | SkipReason::OtherKind(text) => (*text).to_owned(),
            SkipReason::Malformed => "malformed, and does not look like a CORS policy".to_owned(),
            SkipReason::Template => {
                "a template that can't be parsed until it is rendered".to_owned()
            }
            SkipReason::Empty => "empty".to_owned(),
            SkipReason::TooLarge => {
                let limit = Source::MAX_BYTES / (1024 * 1024);
                format!("larger than {limit} MiB")
            }
            SkipReason::Ignored => "ignored by .gitignore or .ignore".to_owned(),
            SkipReason::Excluded(by) => format!("excluded by {by}"),
            SkipReason::Link => "a symbolic link; links are not followed".to_owned(),
            SkipReason::Configuration => "a corslint configuration".to_owned(),
            SkipReason::OtherSyntax(Some(name)) => {
                format!("this is {name}; corslint only reads JSON, YAML, XML and HCL")
            }
            SkipReason::OtherSyntax(None) => {
                "corslint only reads JSON, YAML, XML and HCL".to_owned()
            }
        }
    }
}

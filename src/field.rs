//! The fields of a policy, independent of their names in any tool.

/// A field of a rule, or the list of rules itself. [`crate::dialect`] defines the name each tool uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The list of rules, if the dialect wraps it in an object.
    Rules,
    /// The name of a rule.
    Id,
    /// The origins that may use a rule.
    Origins,
    /// The methods (B2: operations) that a rule allows.
    Methods,
    /// The request headers that a preflight may ask for.
    AllowedHeaders,
    /// The response headers that a page may read.
    ExposedHeaders,
    /// The number of seconds for which browsers cache a preflight.
    MaxAge,
}

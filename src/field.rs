//! The fields of a policy, whatever a tool calls them.

/// A field of a rule, or the list of rules itself. How a tool spells it is in [`crate::dialect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The list of rules: a field of the policy, where the tool wants an object around the list.
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

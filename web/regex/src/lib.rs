//! What `jsonschema` uses of the crate `regex`, made of `regex-lite`: the patterns of the schemas need neither tables of
//! Unicode nor automata, which are a third of the module.

pub use regex_lite::{Error, Regex};

/// A builder of regular expressions.
pub struct RegexBuilder(regex_lite::RegexBuilder);

impl RegexBuilder {
    /// Creates a builder for a pattern.
    pub fn new(pattern: &str) -> RegexBuilder {
        RegexBuilder(regex_lite::RegexBuilder::new(pattern))
    }

    /// Limits the size of the compiled expression.
    pub fn size_limit(&mut self, bytes: usize) -> &mut RegexBuilder {
        self.0.size_limit(bytes);
        self
    }

    /// Has no effect: there are no automata.
    pub fn dfa_size_limit(&mut self, _bytes: usize) -> &mut RegexBuilder {
        self
    }

    /// Compiles the pattern.
    pub fn build(&self) -> Result<Regex, Error> {
        self.0.build()
    }
}

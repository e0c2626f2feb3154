//! `corslint.toml`: levels and options of lints, overrides, exceptions, and what the project needs.
//! Parsing it is pure; finding and reading the files is not.

mod exceptions;
mod file;
mod globs;
#[cfg(feature = "cli")]
mod load;
mod parse;
mod project;
mod toml_error;

pub use exceptions::Exceptions;
pub use file::{FailOn, json_schema};
pub use globs::{globs, rooted_globs};
#[cfg(feature = "cli")]
pub use load::{Projects, read_project};
pub use project::{CONFIG_NAME, ConfigError, Project};

//! `corslint.toml`: lint levels and options, overrides, exceptions, and allowed origins and methods.
//! Parsing does no I/O; only finding and reading the files does.

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
pub use globs::{MAX_BRACES, globs, is_empty_glob, never_matches, rooted_globs};
#[cfg(feature = "cli")]
pub use load::{Projects, read_found, read_project};
pub use project::{CONFIG_NAME, ConfigError, Project};

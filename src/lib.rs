//! corslint reads the CORS policies of storage buckets and says what is wrong with them, where,
//! and why.
//!
//! [`check::check`] is the whole way for one text: what the command line, an editor and a web page
//! call. The library never prints, never reads the environment and never exits.

pub mod baseline;
pub mod check;
pub mod config;
pub mod dialect;
pub mod discover;
pub mod document;
pub mod finding;
pub mod fix;
pub mod git;
#[path = "../lints/mod.rs"]
pub mod lints;
pub mod matching;
pub mod origin;
pub mod policy;
pub mod report;
#[path = "../schema/mod.rs"]
pub mod schema;
pub mod source;
pub mod syntax;
pub mod write;

//! corslint lints the CORS policies of storage buckets: it finds them in a text, reports what is wrong,
//! and fixes it.
//!
//! [`analyze()`] is the pipeline for one text; the command line, an editor and a web page all call it.
//! The library never prints, never reads the environment and never exits. Without its default features
//! it needs neither a file system nor threads.
//!
//! ```
//! use corslint::{Decision, Request, Settings, analyze, evaluate, fix_all};
//!
//! let policy = r#"[{
//!   "AllowedOrigins": ["https://app.acme.io", "https://app.acme.io"],
//!   "AllowedMethods": ["GET"],
//!   "MaxAgeSeconds": 3600
//! }]"#;
//! let settings = Settings::default();
//! let analysis = analyze("cors.json", policy, &settings);
//!
//! // What is wrong, and where?
//! let finding = &analysis.findings[0];
//! let line = analysis.source.position(finding.span().start()).line;
//! println!("{}:{line}: {} [{}]", analysis.source.name(), finding.message, finding.lint);
//! assert_eq!((line, finding.lint), (2, "redundant-entry"));
//!
//! // Apply the safe fixes.
//! let outcome = fix_all(&analysis, false, &|text| analyze("cors.json", text, &settings));
//! let fixed = outcome.fixed.expect("there was something to fix");
//! assert!(fixed.source.text().contains(r#""AllowedOrigins": ["https://app.acme.io"],"#));
//!
//! // Does the policy allow a request?
//! let request = Request::preflight("https://app.acme.io", "GET", "");
//! let decision = evaluate(&fixed.policies[0].policy, &request);
//! assert!(matches!(decision, Decision::Allowed(_)));
//! ```

#![warn(missing_docs)]

pub mod analyze;
pub mod baseline;
pub mod bucket;
mod check_policy;
pub mod compare;
pub mod config;
pub mod dialect;
#[cfg(feature = "cli")]
pub mod discover;
pub mod document;
pub mod fetch;
pub mod field;
pub mod finding;
pub mod finding_key;
pub mod fix;
#[cfg(feature = "cli")]
pub mod git;
mod hash;
pub mod level;
#[path = "../lints/mod.rs"]
pub mod lints;
pub mod locate;
#[cfg(feature = "cli")]
pub mod lsp;
pub mod matching;
pub mod merge;
pub mod origin;
#[cfg(feature = "cli")]
pub mod paths;
pub mod policy;
pub mod provider;
#[cfg(feature = "cli")]
pub mod read;
pub mod report;
#[path = "../schema/mod.rs"]
pub mod schema;
pub mod settings;
pub mod skip;
pub mod source;
pub mod suggest;
pub mod suppress;
pub mod syntax;
#[cfg(feature = "cli")]
pub mod write;

pub use analyze::{Analysis, LocatedPolicy, analyze};
pub use finding::Finding;
pub use fix::{FixOutcome, fix_all};
pub use matching::{Decision, Request, evaluate};
pub use settings::Settings;
pub use source::Span;

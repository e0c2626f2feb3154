//! Reports about the differences of policies, with one module per format.

mod json;
mod markdown;
mod sarif;
mod text;
mod words;

pub use json::{json_schema, render as json};
pub use markdown::render as markdown;
pub use sarif::render as sarif;
pub use text::render as text;
pub use words::{name, warnings};

//! From text to a [`Document`], one file for each syntax.

mod json;

use crate::document::Document;
use crate::finding::{Change, Finding};
use crate::source::Span;

/// A syntax that policies are written in.
pub struct Syntax {
    /// Its name in messages.
    pub name: &'static str,
    /// The extensions of its files, in lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// Reads a text.
    pub read: fn(&str) -> Read<'_>,
    /// Turns changes of a document into edits of its text.
    pub lower: Lower,
}

/// For each group of changes its edits, in the order of their places; none overlaps another.
pub type Lower = fn(&str, &Document<'_>, &[Vec<&Change>]) -> Vec<Vec<Edit>>;

/// Bytes of a text, and what is to stand there instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes that go.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// The syntaxes, in the order in which an extension is looked up.
pub const SYNTAXES: &[Syntax] = &[json::SYNTAX, json::WITH_COMMENTS];

/// The lint that a fault of syntax belongs to.
pub const SYNTAX_ERROR: &str = "syntax-error";

/// What became of a text.
#[derive(Debug)]
pub enum Read<'a> {
    /// A tree; faults that reading went on after.
    Document(Document<'a>, Vec<Finding>),
    /// No tree: the one fault that ended it.
    Broken(Box<Finding>),
    /// A template that no reader of the syntax accepts before it is filled in.
    Template,
    /// Nothing but white space.
    Empty,
}

/// The syntax of files with that name; none if its extension is no syntax's.
pub fn by_name(name: &str) -> Option<&'static Syntax> {
    let (_, extension) = name.rsplit_once('.')?;
    SYNTAXES.iter().find(|syntax| {
        syntax
            .extensions
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    })
}

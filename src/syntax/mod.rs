//! Parsing text into a [`Document`] and turning changes into text edits, with a module for each syntax.

mod comments;
mod edits;
mod hcl;
mod json;
mod segments;
mod xml;
mod yaml;

use std::ops::Range;
use std::sync::Arc;

use crate::document::{Document, NodeId, Problem};
use crate::source::{BYTE_ORDER_MARK, Edit, Span};

/// The mark that starts a comment, and the one that ends it; the second is empty if the line ends it.
pub type CommentMarks = (&'static str, &'static str);

/// A syntax that policies are written in.
pub struct Syntax {
    /// Its name in messages.
    pub name: &'static str,
    /// The extensions of its files, in lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// How comments are marked.
    pub comment_marks: &'static [CommentMarks],
    /// Returns the comments of a text, in order.
    pub comments: fn(&Arc<str>) -> Vec<Span>,
    /// Parses a text.
    pub parse: fn(&Arc<str>) -> ParseOutcome,
    /// Turns changes of the tree into text edits.
    pub lower: Lower,
    /// How a string is written, for help texts.
    pub quote: fn(&str) -> String,
    /// How a key and its value are written, for help texts.
    pub assign: fn(&str, &str) -> String,
}

impl std::fmt::Debug for Syntax {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A function that returns the edits for each group of changes, in order and without overlaps. Changes
/// in a group are applied together, since two adjacent removed items share a comma.
pub type Lower = fn(&str, &Document, &[Vec<TreeChange>]) -> Vec<Vec<Edit>>;

/// A change of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeChange {
    /// Removes an item from its list.
    Remove(NodeId),
    /// Replaces a part of a string, given in bytes of the decoded string.
    SetText {
        /// The string.
        node: NodeId,
        /// The part.
        part: Range<usize>,
        /// The new text, decoded.
        with: String,
    },
    /// Replaces a value by a number.
    SetNumber {
        /// The value.
        node: NodeId,
        /// The number.
        number: i64,
    },
    /// Adds a number as the last member of an object.
    InsertNumber {
        /// The object.
        object: NodeId,
        /// The key.
        key: &'static str,
        /// The number.
        number: i64,
    },
    /// Renames the key of a member.
    RenameKey {
        /// The member's value.
        value: NodeId,
        /// The new key.
        key: &'static str,
    },
    /// Puts a value into a list of its own.
    WrapInList(NodeId),
    /// An edit of the text itself.
    Raw(Edit),
}

/// The syntaxes, in the order in which an extension is looked up.
pub static SYNTAXES: &[Syntax] = &[
    json::SYNTAX,
    json::WITH_COMMENTS,
    xml::SYNTAX,
    yaml::SYNTAX,
    hcl::SYNTAX,
];

/// The result of parsing a text.
#[derive(Debug)]
pub enum ParseOutcome {
    /// The tree.
    Parsed(Document),
    /// Nothing could be parsed; the last error is the one that ended parsing.
    Failed(Vec<Problem>),
    /// A template that no parser of the syntax accepts before it is rendered.
    Template,
    /// Nothing but white space.
    Empty,
}

/// Returns the syntax for a file name; `None` if no syntax has its extension.
pub fn by_name(name: &str) -> Option<&'static Syntax> {
    let (_, extension) = name.rsplit_once('.')?;
    let is_extension = |known: &str| known.eq_ignore_ascii_case(extension);
    SYNTAXES
        .iter()
        .find(|syntax| syntax.extensions.iter().any(|known| is_extension(known)))
}

/// The extensions of files whose content decides which syntax they have.
const SNIFFED: &[&str] = &["template"];

/// Returns true if files of that name are read without being named.
pub fn is_read(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_extension = |known: &&str| known.eq_ignore_ascii_case(extension);
    by_name(name).is_some() || SNIFFED.iter().any(is_extension)
}

/// Returns the syntax of a file, based on its extension or else on its first character. The error is
/// the name of the unsupported syntax, if known.
pub fn of_file(name: &str, text: &str) -> Result<&'static Syntax, Option<&'static str>> {
    if let Some(syntax) = by_name(name) {
        return Ok(syntax);
    }
    let start = text.trim_start_matches(BYTE_ORDER_MARK).trim_start();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (start.chars().next(), extension) {
        (Some(first), "template") if !matches!(first, '[' | '{' | '<') => Ok(&yaml::SYNTAX),
        (_, "hcl") => Err(Some("HCL")),
        (Some('<'), _) => Ok(&xml::SYNTAX),
        (Some('[' | '{') | None, _) => Ok(&SYNTAXES[0]),
        _ if start.trim_end() == "null" => Ok(&SYNTAXES[0]),
        _ => Err(None),
    }
}

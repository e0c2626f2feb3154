//! What is said of a file: a fault, its places, and what to do.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::document::NodeId;
use crate::source::Span;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails a run by default.
    Note,
    /// Should be looked at.
    Warning,
    /// Wrong: the provider refuses it, it can never work, or it lets in whom it must not.
    Error,
}

impl Severity {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A place in the file and what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The bytes.
    pub span: Span,
    /// One line; may be empty.
    pub text: String,
}

/// What a finding is about, whatever line it is on: by this it is known again after the file was
/// moved or reformatted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The whole string in which it is; none if it is at a bracket or a number.
    pub value: Option<String>,
    /// The ID of the rule in which it is.
    pub rule_id: Option<String>,
    /// The number of that rule in its file, from 0.
    pub rule_number: Option<usize>,
    /// A hash of that rule's keys and values, white space aside.
    pub rule: Option<u32>,
}

/// How a fault can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as `remove the comma`.
    pub title: String,
    /// Whether it keeps every answer.
    pub safety: Safety,
    /// What should change.
    pub changes: Vec<Change>,
}

/// Whether a fix keeps what the bucket answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// The same policy is read before and after, and every request keeps its answer; only a max age
    /// may be added where there was none.
    Safe,
    /// Anything else, however obvious.
    Unsafe,
}

/// What should change, on nodes; the syntax knows the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Takes an item out of its list. Without `may_empty` the last one stays.
    RemoveItem {
        /// The item.
        item: NodeId,
        /// Whether the list may be left empty.
        may_empty: bool,
    },
    /// Writes other text in place of a part of a string.
    ReplaceText {
        /// The string.
        node: NodeId,
        /// The bytes of the decoded string.
        part: Range<usize>,
        /// What is to stand there, decoded.
        with: String,
    },
    /// Writes a number in place of a value.
    SetNumber {
        /// The value.
        node: NodeId,
        /// The number.
        number: i64,
    },
    /// Puts a value into a list of its own.
    WrapInList(NodeId),
    /// Adds a number as the last member of an object.
    InsertNumber {
        /// The object.
        object: NodeId,
        /// The key.
        key: String,
        /// The value.
        number: i64,
    },
    /// Gives a member another key.
    RenameKey {
        /// The member's value.
        value: NodeId,
        /// The key.
        key: String,
    },
    /// Takes a comma out; made by the reader of the syntax only.
    RemoveComma(Span),
    /// Adds a comma at a byte; made by the reader of the syntax only.
    InsertComma(usize),
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The lint that found it.
    pub lint: &'static str,
    /// Set from the lint's level by `check`.
    pub severity: Severity,
    /// What is wrong: one line, lower case at its start, no full stop.
    pub message: String,
    /// The first is where it is; the others explain. Never empty.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// How it can be mended.
    pub fix: Option<Fix>,
    /// The policy's address in its document, where that holds several.
    pub address: Option<String>,
    /// Set by `check`.
    pub place: Place,
}

impl Finding {
    /// A fault that `lint` found at `span`. The severity is that of an error until `check` sets it.
    pub fn new(lint: &'static str, span: Span, message: impl Into<String>) -> Finding {
        Finding {
            lint,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label {
                span,
                text: String::new(),
            }],
            help: None,
            fix: None,
            address: None,
            place: Place::default(),
        }
    }

    /// Says what is at the first label.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Finding {
        self.labels[0].text = text.into();
        self
    }

    /// Adds another place that explains the first.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Finding {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// Says how it can be mended.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safety: Safety, change: Change) -> Finding {
        self.fix = Some(Fix {
            title: title.into(),
            safety,
            changes: vec![change],
        });
        self
    }

    /// Where it is.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }
}

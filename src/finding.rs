//! Findings and diagnostics: what is wrong, where it is, and how to fix it.

use std::collections::HashSet;
use std::ops::Range;

use serde::Serialize;

use crate::document::{NodeId, Problem};
use crate::field::Field;
use crate::finding_key::FindingKey;
use crate::level::Severity;
use crate::source::{Edit, Span};

/// The lint of syntax errors.
pub const SYNTAX_ERROR: &str = "syntax-error";
/// The lint of values that a schema rejects and of keys that a provider doesn't support.
pub const SCHEMA_VIOLATION: &str = "schema-violation";
/// The lint of duplicate keys.
pub const DUPLICATE_KEY: &str = "duplicate-key";
/// The lint of resources that overwrite each other's rules.
pub const CONFLICTING_CORS: &str = "conflicting-cors";
/// The name of the lint for comments that should accept findings but can't be read.
pub const MALFORMED_SUPPRESSION: &str = "malformed-suppression";
/// The lint of exceptions that match nothing.
pub const UNUSED_EXCEPTION: &str = "unused-exception";
/// The lint of exceptions whose date has passed.
pub const EXPIRED_EXCEPTION: &str = "expired-exception";

/// A span and what is special about the text there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The marked text.
    pub span: Span,
    /// A one-line explanation of the marked text; may be empty.
    pub text: String,
}

/// What a lint reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The lint that reports it; empty for an error in a configuration.
    pub lint: &'static str,
    /// What is wrong: one line, in lower case, without a full stop.
    pub message: String,
    /// The first label marks the problem; the others explain it. Never empty.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// How it can be fixed.
    pub fix: Option<Fix>,
    /// The severity unless the user sets a level; `None` to use the default level of the lint.
    pub severity: Option<Severity>,
    /// The key for merging with other diagnostics; `None` if it is never merged.
    pub merge: Option<Box<MergeKey>>,
}

/// The key for merging findings about entries that have the same problem and the same remedy. In the
/// templates, `{}` is a placeholder for the text that differs between entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeKey {
    /// The list that contains the entry; for a problem of the whole policy, its first rule.
    pub scope: NodeId,
    /// The template of the message.
    pub message: String,
    /// The text that replaces `{}` in the message.
    pub value: String,
    /// The template of the help.
    pub help: String,
    /// The text that replaces `{}` in the help; empty if all entries have the same help.
    pub suggestion: String,
}

/// A change that resolves a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// A description of the fix, such as `remove the comma`.
    pub title: String,
    /// Whether the fix preserves what the policy allows.
    pub safety: Safety,
    /// The changes, which must be applied together.
    pub changes: Vec<Change>,
    /// True if the fix removes what other entries cover. It is applied only after the unsafe fixes of those.
    pub relies_on_others: bool,
}

impl Fix {
    /// Returns true if it removes one of these nodes.
    pub fn removes_any(&self, nodes: &HashSet<NodeId>) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|change| matches!(change, Change::Remove(node) if nodes.contains(node)))
    }

    /// Returns true if it changes one of these nodes.
    pub fn changes_any(&self, nodes: &HashSet<NodeId>) -> bool {
        let mut changed = self.changes.iter().filter_map(|change| match change {
            Change::Remove(node)
            | Change::SetText { node, .. }
            | Change::SetNumber { node, .. }
            | Change::SetField { rule: node, .. }
            | Change::RenameKey { value: node, .. }
            | Change::WrapInList(node) => Some(node),
            Change::Raw(_) => None,
        });
        changed.any(|node| nodes.contains(node))
    }
}

/// Whether a fix preserves what a policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Every request gets the same decision and response before and after the fix, except that a missing
    /// max age may be added. `matching::is_preserved` verifies this.
    Safe,
    /// Anything else, however obvious.
    Unsafe,
}

/// A change to nodes and fields. The dialect translates fields to keys, and the syntax produces the edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Removes an item from its list.
    Remove(NodeId),
    /// Replaces a part of a string.
    SetText {
        /// The string.
        node: NodeId,
        /// The byte range to replace in the decoded string.
        part: Range<usize>,
        /// The new text, decoded.
        with: String,
    },
    /// Replaces a value with a number.
    SetNumber {
        /// The value.
        node: NodeId,
        /// The number.
        number: i64,
    },
    /// Adds a field to a rule that lacks it.
    SetField {
        /// The rule.
        rule: NodeId,
        /// The field.
        field: Field,
        /// Its value.
        number: i64,
    },
    /// Renames the key of a member to the name of a field in the dialect.
    RenameKey {
        /// The member's value.
        value: NodeId,
        /// The field.
        to: Field,
    },
    /// Wraps a value in a list.
    WrapInList(NodeId),
    /// Edits the text to repair a syntax error. Applied in a separate pass.
    Raw(Edit),
}

/// A problem, with everything that a report needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The lint that reports it.
    pub lint: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The first label marks the problem; the others explain it. Never empty.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// How it can be fixed.
    pub fix: Option<Fix>,
    /// The key for merging with other findings; `None` if it is never merged.
    pub merge: Option<Box<MergeKey>>,
    /// The address of the policy in its file, if the file contains several.
    pub address: Option<String>,
    /// Identifies the finding after edits.
    pub key: FindingKey,
    /// True if the finding makes corslint exit with 1. By default, warnings and errors do.
    pub fails: bool,
}

impl Diagnostic {
    /// Creates a diagnostic of `lint` at `span`, to be completed with the methods below.
    pub fn new(lint: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            lint,
            message: message.into(),
            labels: vec![Label {
                span,
                text: String::new(),
            }],
            help: None,
            fix: None,
            severity: None,
            merge: None,
        }
    }

    /// Creates a diagnostic about one entry of a list. It is merged with diagnostics about other entries that
    /// have the same message and help templates. `{}` is replaced with `value` in the message and with
    /// `suggestion` in the help.
    pub fn of_entry(
        lint: &'static str,
        span: Span,
        scope: NodeId,
        (message, value): (&str, &str),
        (help, suggestion): (&str, &str),
    ) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(lint, span, message.replace("{}", value));
        diagnostic.help = Some(help.replace("{}", suggestion));
        diagnostic.merge = Some(Box::new(MergeKey {
            scope,
            message: message.to_owned(),
            value: one_line(value.to_owned()),
            help: help.to_owned(),
            suggestion: suggestion.to_owned(),
        }));
        diagnostic
    }

    /// Sets the severity to use unless the user sets a level for the lint.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = Some(severity);
        self
    }

    /// Sets the text of the first label.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.labels[0].text = text.into();
        self
    }

    /// Adds a secondary label.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Sets the fix.
    #[must_use]
    pub fn fix(
        mut self,
        title: impl Into<String>,
        safety: Safety,
        changes: impl Into<Vec<Change>>,
    ) -> Diagnostic {
        self.fix = Some(Fix {
            title: title.into(),
            safety,
            changes: changes.into(),
            relies_on_others: false,
        });
        self
    }

    /// Marks the fix as one that removes what other entries cover.
    #[must_use]
    pub fn relies_on_others(mut self) -> Diagnostic {
        if let Some(fix) = &mut self.fix {
            fix.relies_on_others = true;
        }
        self
    }

    /// The span of the first label.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }
}

impl From<Problem> for Diagnostic {
    fn from(problem: Problem) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(SYNTAX_ERROR, problem.span, problem.message)
            .label(problem.label)
            .help(problem.help);
        if let Some((span, text)) = problem.related {
            diagnostic = diagnostic.secondary(span, text);
        }
        if let Some((title, edit)) = problem.fix {
            diagnostic = diagnostic.fix(title, Safety::Safe, [Change::Raw(edit)]);
        }
        diagnostic
    }
}

/// Escapes line breaks: formats with one line per finding show the message as it is.
fn one_line(text: String) -> String {
    match text.contains('\n') {
        true => text.replace('\n', "\\n"),
        false => text,
    }
}

impl Finding {
    /// Creates a finding from a diagnostic.
    pub fn new(diagnostic: Diagnostic, severity: Severity) -> Finding {
        let Diagnostic {
            lint,
            message,
            labels,
            help,
            fix,
            merge,
            severity: _,
        } = diagnostic;
        Finding {
            lint,
            severity,
            message: one_line(message),
            labels,
            help,
            fix,
            merge,
            address: None,
            key: FindingKey::default(),
            fails: severity >= Severity::Warning,
        }
    }

    /// The span of the first label.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }

    /// Returns the message, prefixed with the address of the policy if the file contains several. For formats
    /// that show only the message.
    pub fn message_with_address(&self) -> String {
        match &self.address {
            Some(address) if !address.is_empty() => format!("{address}: {}", self.message),
            _ => self.message.clone(),
        }
    }

    /// Returns [`Self::message_with_address`] followed by the help.
    pub fn message_with_help(&self) -> String {
        match &self.help {
            Some(help) => format!("{}; {help}", self.message_with_address()),
            None => self.message_with_address(),
        }
    }
}

//! Code actions: fixes, and ways to accept a finding.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CreateFile, DocumentChangeOperation,
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, Position, Range, ResourceOp,
    TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use time::Date;

use super::client::Client;
use super::diagnostics::diagnostic;
use super::document::{Checked, Document};
use super::position::Encoding;
use super::uri;
use crate::config::{CONFIG_NAME, Project};
use crate::finding::{Finding, Safety};
use crate::fix;
use crate::source::{BYTE_ORDER_MARK, Edit, Source, Span};
use crate::syntax::CommentMarks;

/// The kind of the action that applies all safe fixes.
pub(super) const FIX_ALL: &str = "source.fixAll.corslint";
/// The number of findings for which there are actions, if the client asks for those of a large part of a document.
const MAX_FINDINGS: usize = 20;
/// The reason that the user is asked to replace.
const REASON: &str = "TODO: say why this is acceptable";

/// The document, and what the actions need to know around it.
pub(super) struct Context<'a> {
    pub(super) document: &'a Document,
    pub(super) checked: &'a Checked,
    pub(super) client: Client,
    /// Checks a changed text of the document.
    pub(super) recheck: &'a dyn Fn(String) -> Checked,
    /// The configuration to add exceptions to, and its text, which is `None` if the file does not exist.
    pub(super) configuration: Option<(PathBuf, Option<String>)>,
    /// The date that exceptions are checked against.
    pub(super) today: Date,
    /// The kinds of actions that the client asks for; `None` for all.
    pub(super) only: Option<&'a [CodeActionKind]>,
}

impl Context<'_> {
    /// Returns the actions for the findings at a span.
    pub(super) fn actions(&self, at: Span) -> Vec<CodeActionOrCommand> {
        let mut actions = Vec::new();
        if self.is_wanted(&CodeActionKind::QUICKFIX) {
            let findings = self.checked.analysis.findings.iter().enumerate();
            let here: Vec<_> = findings
                .filter(|(_, finding)| touches(finding.span(), at))
                .take(MAX_FINDINGS)
                .collect();
            if !here.is_empty() {
                let edits = fix::edits(&self.checked.analysis);
                actions.extend(here.iter().filter_map(|(i, it)| self.fix(it, &edits[*i])));
                actions.extend(here.iter().filter_map(|(_, it)| self.comment(it)));
                actions.extend(here.iter().filter_map(|(_, it)| self.exception(it)));
            }
        }
        if self.is_wanted(&CodeActionKind::new(FIX_ALL)) {
            actions.extend(self.fix_all());
        }
        // Findings of one line may be accepted in the same way.
        let mut distinct: Vec<CodeAction> = Vec::with_capacity(actions.len());
        for action in actions {
            let is_same =
                |other: &CodeAction| other.title == action.title && other.edit == action.edit;
            if !distinct.iter().any(is_same) {
                distinct.push(action);
            }
        }
        let distinct = distinct.into_iter();
        distinct.map(CodeActionOrCommand::CodeAction).collect()
    }

    /// Returns true if the client asks for a kind of action, or for a kind that includes it.
    fn is_wanted(&self, kind: &CodeActionKind) -> bool {
        let includes = |only: &CodeActionKind| {
            let rest = kind.as_str().strip_prefix(only.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        {
            let only = self.only.filter(|only| !only.is_empty());
            only.is_none_or(|only| {
                only.iter()
                    .any(|kind| kind.as_str().is_empty() || includes(kind))
            })
        }
    }

    fn source(&self) -> &Source {
        &self.checked.analysis.source
    }

    fn action(&self, finding: &Finding, title: String, edit: WorkspaceEdit) -> CodeAction {
        let diagnostic = diagnostic(finding, self.source(), &self.document.uri, self.client);
        CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic]),
            edit: Some(edit),
            ..CodeAction::default()
        }
    }

    /// Returns the edits of the document.
    fn edit_here(&self, edits: &[Edit]) -> WorkspaceEdit {
        let edits = edits.iter();
        let edits = edits.map(|edit| self.client.encoding.edit(self.source(), edit));
        in_document(self.document.uri.clone(), edits.collect())
    }

    /// The fix of a finding, if it resolves the finding.
    fn fix(&self, finding: &Finding, edits: &[Edit]) -> Option<CodeAction> {
        let safety = finding.fix.as_ref()?.safety;
        let analysis = &self.checked.analysis;
        let (text, _) = fix::apply(analysis, &[finding])?;
        let fixed = (self.recheck)(text).analysis;
        if edits.is_empty() || !fix::is_improvement(analysis, &fixed, &[finding]) {
            return None;
        }
        let title = &finding.fix.as_ref()?.title;
        let title = match safety {
            Safety::Safe => format!("{}: {title}", finding.lint),
            Safety::Unsafe => format!("{}: {title} (changes what is allowed)", finding.lint),
        };
        Some(CodeAction {
            is_preferred: (safety == Safety::Safe).then_some(true),
            ..self.action(finding, title, self.edit_here(edits))
        })
    }

    /// All safe fixes of the document.
    fn fix_all(&self) -> Option<CodeAction> {
        let analysis = &self.checked.analysis;
        let outcome = fix::fix_all(analysis, false, &|text| (self.recheck)(text).analysis);
        let fixed = outcome.fixed?;
        let edit = difference(self.source().text(), fixed.source.text());
        Some(CodeAction {
            title: "Apply all safe fixes of corslint".to_owned(),
            kind: Some(CodeActionKind::new(FIX_ALL)),
            edit: Some(self.edit_here(&[edit])),
            ..CodeAction::default()
        })
    }

    /// A comment above the line of a finding that accepts it, if the syntax has comments.
    fn comment(&self, finding: &Finding) -> Option<CodeAction> {
        let (_, syntax) = self.checked.analysis.tree.as_ref()?;
        let edit = comment_above(self.source(), finding, syntax.comment_marks.first()?);
        let text = crate::source::apply_edits(self.source().text(), std::slice::from_ref(&edit));
        if !accepts_only(&self.checked.entries, &(self.recheck)(text).entries) {
            return None;
        }
        let title = format!("{}: accept with a comment", finding.lint);
        Some(self.action(finding, title, self.edit_here(&[edit])))
    }

    /// An exception in the configuration that accepts a finding.
    fn exception(&self, finding: &Finding) -> Option<CodeAction> {
        let (path, text) = self.configuration.as_ref()?;
        let file = self.document.path.as_deref()?;
        let relative = file.strip_prefix(path.parent()?).ok()?;
        let mut values: Vec<Option<&String>> = Vec::new();
        for entry in entries_of(finding, &self.checked.entries) {
            let key = &entry.key;
            let value = key.value.as_ref().or(key.rule_id.as_ref());
            let value = value.or(key.address.as_ref());
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let tables = values
            .iter()
            .map(|value| exception(finding.lint, relative, *value));
        let tables = tables.collect::<Vec<_>>().join("\n");
        let old = text.as_deref().unwrap_or_default();
        let before = match old {
            "" => "",
            old if old.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let added = format!("{before}{tables}");
        if !self.is_accepted(finding, path, &format!("{old}{added}")) {
            return None;
        }
        let uri = uri::of_path(path)?;
        let edit = match text {
            Some(text) => append(uri, text, added, self.client.encoding),
            None if self.client.creates_files => create(uri, added),
            None => return None,
        };
        let title = format!(
            "{}: accept with an exception in {CONFIG_NAME}",
            finding.lint
        );
        Some(self.action(finding, title, edit))
    }
}

impl Context<'_> {
    /// Returns true if a configuration with this text is valid and accepts a finding.
    fn is_accepted(&self, finding: &Finding, configuration: &Path, text: &str) -> bool {
        let directory = configuration.parent().unwrap_or(Path::new("")).to_owned();
        let (Some(file), Ok(project)) = (
            self.document.path.as_deref(),
            Project::parse(Source::new(CONFIG_NAME, text), directory),
        ) else {
            return false;
        };
        let entries = entries_of(finding, &self.checked.entries).into_iter();
        let mut entries: Vec<Finding> = entries.cloned().collect();
        let is_any = !entries.is_empty();
        let relative = project.relative(file);
        project
            .exceptions
            .apply(&relative, &mut entries, self.today);
        is_any && entries.is_empty()
    }
}

/// Returns true if two spans overlap or touch.
fn touches(one: Span, other: Span) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

fn in_document(uri: Uri, edits: Vec<TextEdit>) -> WorkspaceEdit {
    // Its definition in the protocol's types allows no other key.
    #[allow(clippy::mutable_key_type)]
    let changes = HashMap::from([(uri, edits)]);
    WorkspaceEdit::new(changes)
}

/// Returns the part of a text that changed, as one edit.
fn difference(old: &str, new: &str) -> Edit {
    let same = |(one, other): &(char, char)| one == other;
    let start = old.chars().zip(new.chars()).take_while(same);
    let start: usize = start.map(|(one, _)| one.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.chars().rev().zip(new_rest.chars().rev());
    let end: usize = end.take_while(same).map(|(one, _)| one.len_utf8()).sum();
    Edit {
        span: Span::new(start, old.len() - end),
        text: new_rest[..new_rest.len() - end].to_owned(),
    }
}

/// Returns the edit that adds a comment above the line of a finding.
fn comment_above(source: &Source, finding: &Finding, (open, close): &CommentMarks) -> Edit {
    let mut line = source.line_range(source.line_index(finding.span().start()));
    if line.start == 0 && source.text().starts_with(BYTE_ORDER_MARK) {
        line.start = BYTE_ORDER_MARK.len();
    }
    let text = &source.text()[line.clone()];
    let indentation = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
    let line_break = match source.text().contains("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    let close = match *close {
        "" => String::new(),
        close => format!(" {close}"),
    };
    Edit {
        span: Span::new(line.start, line.start),
        text: format!(
            "{indentation}{open} corslint: ignore[{}] {REASON}{close}{line_break}",
            finding.lint
        ),
    }
}

/// Returns true if a change accepted some findings and caused none.
fn accepts_only(before: &[Finding], after: &[Finding]) -> bool {
    let count = |findings: &[Finding]| {
        let mut counts: HashMap<(&'static str, String), usize> = HashMap::new();
        for finding in findings {
            let key = (finding.lint, finding.message_with_address());
            *counts.entry(key).or_default() += 1;
        }
        counts
    };
    let then = count(before);
    let is_known = |(key, number): (&(&'static str, String), &usize)| {
        then.get(key).is_some_and(|before| before >= number)
    };
    after.len() < before.len() && count(after).iter().all(is_known)
}

/// Returns the findings that were merged into one.
fn entries_of<'f>(merged: &Finding, entries: &'f [Finding]) -> Vec<&'f Finding> {
    let is_part = |entry: &&Finding| {
        let mut labels = merged.labels.iter();
        entry.lint == merged.lint && labels.any(|label| label.span == entry.span())
    };
    entries.iter().filter(is_part).collect()
}

/// Returns the exception that accepts the findings of a lint in a file.
fn exception(lint: &str, file: &Path, value: Option<&String>) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let parts: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
    let file = quoted(&globset::escape(&parts.join("/")));
    let value = value.map_or(String::new(), |value| {
        format!("value = {}\n", quoted(value))
    });
    format!("[[exception]]\nlint = \"{lint}\"\nfile = {file}\n{value}reason = \"{REASON}\"\n")
}

/// Returns the edit that adds text at the end of a file.
fn append(uri: Uri, text: &str, added: String, encoding: Encoding) -> WorkspaceEdit {
    let source = Source::new(CONFIG_NAME, text);
    let end = encoding.position(&source, text.len());
    in_document(uri, vec![TextEdit::new(Range::new(end, end), added)])
}

/// Returns the edit that creates a file.
fn create(uri: Uri, text: String) -> WorkspaceEdit {
    let start = Position::new(0, 0);
    let edit = TextEdit::new(Range::new(start, start), text);
    let operations = vec![
        DocumentChangeOperation::Op(ResourceOp::Create(CreateFile {
            uri: uri.clone(),
            options: None,
            annotation_id: None,
        })),
        DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version: None },
            edits: vec![OneOf::Left(edit)],
        }),
    ];
    WorkspaceEdit {
        document_changes: Some(DocumentChanges::Operations(operations)),
        ..WorkspaceEdit::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_is_what_changed() {
        for (old, new, span, text) in [
            ("abc", "axc", Span::new(1, 2), "x"),
            ("abc", "abc", Span::new(3, 3), ""),
            ("aa", "aaa", Span::new(2, 2), "a"),
            ("é1", "é2", Span::new(2, 3), "2"),
            ("[1, 1]", "[1]", Span::new(2, 5), ""),
        ] {
            let found = difference(old, new);
            assert_eq!((found.span, &*found.text), (span, text), "{old} {new}");
        }
    }
}

//! Findings as compilers print them, with source excerpts.
//!
//! Each finding is rendered with a snippet: a copy of just the lines with labels, in which control characters
//! are escaped and lines longer than the terminal are truncated around a label. This keeps minified files and
//! files with escape sequences readable, and the cost of rendering a finding doesn't depend on the size of its
//! file.

use std::sync::LazyLock;

use codespan_reporting::diagnostic::{Diagnostic, Label as SnippetLabel, LabelStyle};
use codespan_reporting::term::{Config, emit_to_string, emit_to_write_style};

use super::ansi::Ansi;
use super::escape::without_commands;
use super::snippet::Snippet;
use super::{Format, Render, Run, Style, escape_control, plural, wrap};
use crate::analyze::Analysis;
use crate::finding::Finding;
use crate::level::Severity;
use crate::lints::Lint;
use crate::source::Source;

pub(super) const FORMAT: Format = Format {
    name: "full",
    about: "for humans, with source excerpts",
    render: Render::EachFile(render),
    includes_edits: false,
};

/// Maximum number of labels to show. Additional labels are only counted.
const MAX_LABELS: usize = 5;
/// Minimum number of columns for the text of a line, however narrow the terminal is.
const MIN_COLUMNS: usize = 20;

fn render(_run: &Run, file: &Analysis, style: Style) -> String {
    let mut text = String::new();
    for finding in &file.findings {
        render_finding(&file.source, finding, style, &mut text);
    }
    text
}

/// Renders one finding.
pub fn finding_in_full(source: &Source, finding: &Finding, style: Style) -> String {
    let mut out = String::new();
    render_finding(source, finding, style, &mut out);
    out
}

fn render_finding(source: &Source, finding: &Finding, style: Style, out: &mut String) {
    let shown = finding.labels.len().min(MAX_LABELS);
    let more = finding.labels.len() - shown;
    let shown = &finding.labels[..shown];
    let lines = shown
        .iter()
        .map(|label| source.line_index(label.span.end()) + 1);
    let digits = lines.max().unwrap_or(1).to_string().len();
    // What remains behind the line number and ` │ `, or ` = `.
    let columns = style.columns().saturating_sub(digits + 3).max(MIN_COLUMNS);
    let snippet = Snippet::new(source, shown, columns);
    let severity = match finding.severity {
        Severity::Note => codespan_reporting::diagnostic::Severity::Note,
        Severity::Warning => codespan_reporting::diagnostic::Severity::Warning,
        Severity::Error => codespan_reporting::diagnostic::Severity::Error,
    };
    let labels = shown.iter().enumerate();
    let labels = labels.filter_map(|(index, label)| {
        let style = if index == 0 {
            LabelStyle::Primary
        } else {
            LabelStyle::Secondary
        };
        let range = snippet.labels[index].clone()?;
        Some(SnippetLabel::new(style, (), range).with_message(escape_control(&label.text)))
    });
    let mut diagnostic = Diagnostic::new(severity)
        .with_message(escape_control(&finding.message))
        .with_labels(labels.collect());
    // Errors in a configuration don't belong to a lint.
    if !finding.lint.is_empty() {
        diagnostic = diagnostic.with_code(finding.lint);
    }
    for (label, _) in shown
        .iter()
        .zip(&snippet.labels)
        .filter(|(_, range)| range.is_none())
    {
        let at = source.position(label.span.start());
        let note = format!(
            "also {}:{}: {}",
            at.line,
            at.column,
            escape_control(&label.text)
        );
        diagnostic = diagnostic.with_note(wrap(&note, columns));
    }
    if more > 0 {
        diagnostic = diagnostic.with_note(format!("also {}", plural(more, "more place")));
    }
    if let Some(address) = &finding.address {
        diagnostic = diagnostic.with_note(format!("in {}", escape_control(address)));
    }
    if let Some(help) = &finding.help {
        let help = format!("help: {}", escape_control(help));
        diagnostic = diagnostic.with_note(wrap(&help, columns));
    }
    let mut rendered = String::new();
    let result = if style.color {
        emit_to_write_style(&mut Ansi(&mut rendered), &CONFIG, &snippet, &diagnostic)
    } else {
        emit_to_string(&mut rendered, &CONFIG, &snippet, &diagnostic)
    };
    result.expect("every label lies in its snippet, and memory takes all that is written");
    let rendered = without_commands(rendered);
    let rendered = match Lint::by_name(finding.lint).filter(|_| style.hyperlinks) {
        Some(lint) => with_link(&rendered, lint),
        None => rendered,
    };
    // codespan adds trailing spaces to some lines.
    for line in rendered.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// Links the name of the lint in the first line to its page (OSC 8).
fn with_link(rendered: &str, lint: &Lint) -> String {
    let name = format!("[{}]", lint.name);
    let link = format!(
        "[\u{1b}]8;;{}\u{1b}\\{}\u{1b}]8;;\u{1b}\\]",
        lint.url(),
        lint.name
    );
    rendered.replacen(&name, &link, 1)
}

static CONFIG: LazyLock<Config> = LazyLock::new(Config::default);

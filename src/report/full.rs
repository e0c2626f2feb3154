//! Findings as compilers print them, with source excerpts.
//!
//! Each finding is rendered with a snippet: a copy of just the lines with labels, in which control characters
//! are escaped and long lines are truncated. This keeps minified files and files with escape sequences
//! readable, and the cost of rendering a finding doesn't depend on the size of its file.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use codespan_reporting::diagnostic::{Diagnostic, Label as SnippetLabel, LabelStyle};
use codespan_reporting::files::{Error, Files, Location};
use codespan_reporting::term::termcolor::Ansi;
use codespan_reporting::term::{
    Config, Styles, StylesWriter, emit_to_io_write, emit_to_write_style,
};

use super::escape::{push_escaped, without_commands};
use super::{Format, Render, Run, Style, escape_control, plural};
use crate::analyze::Analysis;
use crate::finding::{Finding, Label};
use crate::level::Severity;
use crate::source::{BYTE_ORDER_MARK, Source};

pub(super) const FORMAT: Format = Format {
    name: "full",
    about: "for humans, with source excerpts",
    render: Render::EachFile(render),
    includes_edits: false,
};

/// Maximum length of a line in characters. Longer lines are truncated around a label.
const LONG_LINE: usize = 160;
/// The number of characters shown before the start of the label on a truncated line.
const CONTEXT_BEFORE: usize = 50;
const CONTEXT_AFTER: usize = 90;
/// Maximum height of a label in lines. A taller label is shown on its first line only.
const MAX_LABEL_LINES: usize = 12;
/// Maximum number of labels to show. Additional labels are only counted.
const MAX_LABELS: usize = 5;

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
    let snippet = Snippet::new(source, shown);
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
        diagnostic = diagnostic.with_note(note);
    }
    if more > 0 {
        diagnostic = diagnostic.with_note(format!("also {}", plural(more, "more place")));
    }
    if let Some(address) = &finding.address {
        diagnostic = diagnostic.with_note(format!("in {}", escape_control(address)));
    }
    if let Some(help) = &finding.help {
        diagnostic = diagnostic.with_note(format!("help: {}", escape_control(help)));
    }
    let mut rendered = Vec::new();
    let result = if style.color {
        let mut writer = StylesWriter::new(Ansi::new(&mut rendered), &STYLES);
        emit_to_write_style(&mut writer, &CONFIG, &snippet, &diagnostic)
    } else {
        emit_to_io_write(&mut rendered, &CONFIG, &snippet, &diagnostic)
    };
    result.expect("every label lies in its snippet, and memory takes all that is written");
    let rendered = without_commands(String::from_utf8_lossy(&rendered).into_owned());
    // codespan adds trailing spaces to some lines.
    for line in rendered.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

static CONFIG: LazyLock<Config> = LazyLock::new(Config::default);
static STYLES: LazyLock<Styles> = LazyLock::new(Styles::default);

/// The source lines to show for a finding, escaped and truncated.
struct Snippet<'s> {
    source: &'s Source,
    text: String,
    /// The line indices in the source, and the byte ranges of the lines in `text`.
    lines: Vec<(usize, Range<usize>)>,
    /// The range of each label in `text`; `None` if that part of the line was truncated.
    labels: Vec<Option<Range<usize>>>,
    start: Location,
}

impl<'s> Snippet<'s> {
    /// Creates a snippet. `labels` must not be empty; the first one marks the finding.
    fn new(source: &'s Source, labels: &[Label]) -> Snippet<'s> {
        let at = source.position(labels[0].span.start());
        let mut snippet = Snippet {
            source,
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
            start: Location {
                line_number: at.line,
                column_number: at.column,
            },
        };
        let ends: Vec<_> = labels
            .iter()
            .map(|label| label_ends(source, label.span.range()))
            .collect();
        // Truncated lines show the part around their first label.
        let mut wanted: Vec<(usize, usize)> = Vec::new();
        for (range, lines) in &ends {
            add_line_once(&mut wanted, lines.start, range.start);
            for line in lines.clone().skip(1) {
                add_line_once(&mut wanted, line, source.line_range(line).start);
            }
        }
        // Fill gaps of a single line, so that it is shown instead of an ellipsis.
        let gaps = wanted.windows(2).filter(|pair| pair[0].0 + 2 == pair[1].0);
        for line in gaps.map(|pair| pair[0].0 + 1).collect::<Vec<_>>() {
            add_line_once(&mut wanted, line, source.line_range(line).start);
        }
        let mut places: Vec<(usize, usize)> = Vec::new();
        let bounds: Vec<usize> = ends.iter().flat_map(|(r, _)| [r.start, r.end]).collect();
        for (line, focus) in wanted {
            snippet.add_line(line, focus, &bounds, &mut places);
        }
        snippet.labels = ends
            .iter()
            .map(|(range, _)| {
                let place = |bound: usize| {
                    let found = places.iter().rev().find(|(at, _)| *at == bound);
                    found.map(|(_, place)| *place)
                };
                let start = place(range.start)?;
                let end = place(range.end);
                // If the end of the label was truncated, mark up to the end of the visible line.
                let end = end.unwrap_or_else(|| snippet.visible_end(start));
                Some(start..end.max(start))
            })
            .collect();
        snippet
    }

    /// Returns the end of the line in `text` that contains `place`, without its line break.
    fn visible_end(&self, place: usize) -> usize {
        let mut lines = self.lines.iter();
        let line = lines.find(|(_, range)| range.contains(&place));
        line.map_or(place, |(_, range)| range.end - 1)
    }

    /// Copies one line, and records where the offsets `bounds` of the source are in the text.
    fn add_line(
        &mut self,
        line: usize,
        focus: usize,
        bounds: &[usize],
        places: &mut Vec<(usize, usize)>,
    ) {
        let range = self.source.line_range(line);
        let whole = self.source.text()[range.clone()].trim_end_matches(['\n', '\r']);
        let start = range.start;
        let window = window(whole, focus.saturating_sub(start));
        let from = self.text.len();
        if window.start > 0 {
            self.text.push('…');
        }
        let shown = &whole[window.clone()];
        let start = start + window.start;
        let is_plain = |byte: u8| byte == b'\t' || (b' '..0x7f).contains(&byte);
        if shown.bytes().all(is_plain) {
            let within = bounds
                .iter()
                .filter(|at| (start..=start + shown.len()).contains(at));
            places.extend(within.map(|at| (*at, self.text.len() + at - start)));
            self.text.push_str(shown);
        } else {
            let mut note = |at: usize, text: &String| {
                if bounds.contains(&at) {
                    places.push((at, text.len()));
                }
            };
            for (offset, character) in shown.char_indices() {
                note(start + offset, &self.text);
                match character {
                    '\u{feff}' if start + offset == 0 => {}
                    '\t' => self.text.push('\t'),
                    _ => push_escaped(&mut self.text, character),
                }
            }
            note(start + shown.len(), &self.text);
        }
        if window.end < whole.len() {
            self.text.push('…');
        }
        self.text.push('\n');
        self.lines.push((line, from..self.text.len()));
    }
}

/// Inserts a line into a sorted list, unless the list already contains it.
fn add_line_once(wanted: &mut Vec<(usize, usize)>, line: usize, focus: usize) {
    if let Err(at) = wanted.binary_search_by_key(&line, |(line, _)| *line) {
        wanted.insert(at, (line, focus));
    }
}

/// Returns the byte range and line range of a label. A label over too many lines, or one that ends in a line
/// break, is limited to its first line.
fn label_ends(source: &Source, range: Range<usize>) -> (Range<usize>, Range<usize>) {
    let first = source.line_index(range.start);
    let last = source.line_index(range.end.max(range.start + 1) - 1);
    let line = source.line_range(first);
    let text = &source.text()[line.clone()];
    let line_end = line.start + text.trim_end_matches(['\n', '\r']).len();
    let start = match range.start {
        0 if text.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
        start => start.min(line_end),
    };
    if last == first || last - first >= MAX_LABEL_LINES {
        (start..range.end.clamp(start, line_end), first..first + 1)
    } else {
        (start..range.end, first..last + 1)
    }
}

/// Returns the part of a line to show: the whole line, or if it is too long, the part around `focus`.
fn window(line: &str, focus: usize) -> Range<usize> {
    if line.len() <= LONG_LINE || line.chars().nth(LONG_LINE).is_none() {
        return 0..line.len();
    }
    let focus = focus.min(line.len());
    let before = line[..focus].char_indices().rev().nth(CONTEXT_BEFORE - 1);
    let behind = line[focus..].char_indices().nth(CONTEXT_AFTER);
    let start = before.map_or(0, |(at, _)| at);
    start..behind.map_or(line.len(), |(at, _)| focus + at)
}

impl<'a> Files<'a> for Snippet<'_> {
    type FileId = ();
    type Name = Cow<'a, str>;
    type Source = &'a str;

    fn name(&'a self, (): ()) -> Result<Cow<'a, str>, Error> {
        Ok(escape_control(self.source.name()))
    }

    fn source(&'a self, (): ()) -> Result<&'a str, Error> {
        Ok(&self.text)
    }

    /// Returns the index of the line in the source, not the snippet, so that gaps between lines show.
    fn line_index(&'a self, (): (), byte_index: usize) -> Result<usize, Error> {
        let mut lines = self.lines.iter().rev();
        let found = lines.find(|(_, range)| range.start <= byte_index);
        Ok(found.map_or(0, |(line, _)| *line))
    }

    fn line_range(&'a self, (): (), line_index: usize) -> Result<Range<usize>, Error> {
        let mut lines = self.lines.iter();
        let found = lines.find(|(line, _)| *line == line_index);
        Ok(found.map_or(0..0, |(_, range)| range.clone()))
    }

    /// Returns the position of the finding in the source, not in a truncated line.
    fn location(&'a self, (): (), _byte_index: usize) -> Result<Location, Error> {
        Ok(self.start)
    }
}

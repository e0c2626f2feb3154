//! The source lines of a finding in the full report.

use std::borrow::Cow;
use std::ops::Range;

use codespan_reporting::files::{Error, Files, Location};

use super::escape::push_escaped;
use super::escape_control;
use super::wrap::columns;
use crate::finding::Label;
use crate::source::{BYTE_ORDER_MARK, Source};

/// Maximum height of a label in lines. A taller label is shown on its first line only.
const MAX_LABEL_LINES: usize = 12;

/// The source lines to show for a finding, escaped and truncated.
pub(super) struct Snippet<'s> {
    source: &'s Source,
    text: String,
    /// The line indices in the source, and the byte ranges of the lines in `text`.
    lines: Vec<(usize, Range<usize>)>,
    /// The range of each label in `text`; `None` if that part of the line was truncated.
    pub(super) labels: Vec<Option<Range<usize>>>,
    start: Location,
    /// The number of columns for the text of a line.
    columns: usize,
}

impl<'s> Snippet<'s> {
    /// Creates a snippet. `labels` must not be empty; the first one marks the finding.
    pub(super) fn new(source: &'s Source, labels: &[Label], columns: usize) -> Snippet<'s> {
        let at = source.position(labels[0].span.start());
        let mut snippet = Snippet {
            source,
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
            columns,
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
        let window = window(whole, focus.saturating_sub(start), self.columns);
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

/// Returns the part of a line to show: the whole line, or if it takes more than `max` columns, the part around
/// `focus`.
fn window(line: &str, focus: usize, max: usize) -> Range<usize> {
    // Most lines are short.
    if line.len() <= max && line.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return 0..line.len();
    }
    let mut used = 0;
    let fits = line.chars().all(|character| {
        used += columns(character);
        used <= max
    });
    if fits {
        return 0..line.len();
    }
    let focus = focus.min(line.len());
    // Two columns are for the ellipses. A third of the rest is for what is before the label.
    let max = max.saturating_sub(2);
    let mut used = 0;
    let after = line[focus..].char_indices().find(|(_, character)| {
        used += columns(*character);
        used > max - max / 3
    });
    let end = after.map_or(line.len(), |(at, _)| focus + at);
    let mut used = line[focus..end].chars().map(columns).sum::<usize>();
    let mut start = focus;
    for (at, character) in line[..focus].char_indices().rev() {
        used += columns(character);
        if used > max {
            break;
        }
        start = at;
    }
    // Near the start of the line, more of what follows fits.
    let mut used = line[start..focus].chars().map(columns).sum::<usize>();
    let after = line[focus..].char_indices().find(|(_, character)| {
        used += columns(*character);
        used > max
    });
    start..after.map_or(line.len(), |(at, _)| focus + at)
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

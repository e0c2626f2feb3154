//! Comments that accept findings where they are: `# corslint: ignore[wildcard-origin] public fonts`.

use memchr::memmem;

use crate::document::Document;
use crate::finding::{
    CONFLICTING_CORS, Change, Diagnostic, Finding, MALFORMED_SUPPRESSION, Safety, UNUSED_EXCEPTION,
};
use crate::level::{Level, Selector};
use crate::lints::{self, LINTS, Lint};
use crate::settings::Settings;
use crate::source::{BYTE_ORDER_MARK, Edit, Source, Span};
use crate::syntax::{CommentMarks, Syntax};

/// What introduces such a comment, after the mark of the comment.
const KEYWORD: &str = "corslint:";

/// A comment that accepts findings.
struct Suppression {
    /// The comment, from its first mark to its last.
    comment: Span,
    lints: Vec<Selector>,
    /// The index of the line that it is about.
    line: usize,
    is_used: bool,
}

/// The findings that comments of a file accept, and the problems with these comments.
pub struct Suppressed {
    /// How many findings were accepted.
    pub accepted: usize,
    /// The malformed comments, and those that accept nothing.
    pub problems: Vec<Diagnostic>,
}

/// Removes the findings that comments accept. A comment is about its own line or, if it is alone there, about the
/// next line that is no comment; if one of `parts`, a rule or a policy, starts on that line, about all of it.
pub fn apply(
    source: &Source,
    syntax: &Syntax,
    document: &Document,
    parts: &dyn Fn() -> Vec<Span>,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Suppressed {
    let mut suppressed = Suppressed {
        accepted: 0,
        problems: Vec::new(),
    };
    if memmem::find(source.text().as_bytes(), KEYWORD.as_bytes()).is_none() {
        return suppressed;
    }
    let mut comments = Vec::new();
    let spans = (syntax.comments)(source.shared_text());
    let lines = lines_of(source, &spans);
    for (comment, line) in spans.into_iter().zip(lines) {
        let content = content(&source.text()[comment.range()], syntax.comment_marks);
        match content.map(parse) {
            None => {}
            Some(Ok(lints)) => comments.push(Suppression {
                comment,
                lints,
                line,
                is_used: false,
            }),
            Some(Err(problem)) => suppressed.problems.push(
                Diagnostic::new(MALFORMED_SUPPRESSION, comment, problem)
                    .label("accepts nothing")
                    .help("write corslint: ignore[LINT] and the reason"),
            ),
        }
    }
    // The lines are in order, like the comments.
    let lines: Vec<usize> = comments.iter().map(|comment| comment.line).collect();
    let on_line = |offset: usize| {
        let line = source.line_index(offset);
        let start = lines.partition_point(|other| *other < line);
        let length = lines[start..].partition_point(|other| *other == line);
        start..start + length
    };
    let parts = parts().into_iter();
    let parts: Vec<_> = parts
        .map(|part| (part, on_line(part.start())))
        .filter(|(_, comments)| !comments.is_empty())
        .collect();
    findings.retain(|finding| {
        let around = parts
            .iter()
            .filter(|(part, _)| part.contains(finding.span()));
        let around = around.map(|(_, comments)| comments.clone());
        let candidates = around.chain([on_line(finding.span().start())]);
        let is_accepting = |index: &usize| {
            let mut lints = comments[*index].lints.iter();
            lints.any(|lint| selects(*lint, finding.lint))
        };
        let first = candidates.filter_map(|mut indices| indices.find(is_accepting));
        match first.min() {
            Some(index) => {
                comments[index].is_used = true;
                suppressed.accepted += 1;
                false
            }
            None => true,
        }
    });
    // A comment for lints that are disabled may be needed again.
    let is_enabled = |comment: &&Suppression| {
        let mut enabled = LINTS
            .iter()
            .filter(|lint| lint.level_in(settings) != Level::Allow);
        enabled.any(|lint| {
            comment
                .lints
                .iter()
                .any(|selector| selects(*selector, lint.name))
        })
    };
    // Another file may be the reason for such a finding, and it may not be checked.
    let conflicting = Selector::Lint(CONFLICTING_CORS);
    let is_certain = |comment: &&Suppression| !comment.lints.contains(&conflicting);
    // In a file with syntax errors, what they accept may be in a part that could not be read.
    let is_whole = document.problems.is_empty();
    let unused = comments
        .iter()
        .filter(|comment| is_whole && !comment.is_used);
    for unused in unused.filter(is_enabled).filter(is_certain) {
        let edit = Edit {
            span: whole_line(source.text(), unused.comment),
            text: String::new(),
        };
        suppressed.problems.push(
            Diagnostic::new(
                UNUSED_EXCEPTION,
                unused.comment,
                "this comment accepts no finding",
            )
            .label("nothing to accept here")
            .help("remove it")
            .fix("remove the comment", Safety::Safe, [Change::Raw(edit)]),
        );
    }
    suppressed
}

/// Returns true for a finding of a lint, or of a lint in a group.
fn selects(selector: Selector, lint: &str) -> bool {
    match selector {
        Selector::All => true,
        Selector::Lint(name) => name == lint,
        Selector::Group(group) => Lint::by_name(lint).is_some_and(|lint| lint.group == group),
    }
}

/// Returns what follows the keyword in a comment; `None` if it does not start with the keyword.
fn content<'t>(comment: &'t str, marks: &[CommentMarks]) -> Option<&'t str> {
    let mut marks = marks.iter();
    let inside = marks.find_map(|(open, close)| {
        let inside = comment.strip_prefix(open)?;
        Some(inside.strip_suffix(close).unwrap_or(inside))
    });
    inside?
        .trim_start_matches([' ', '\t'])
        .strip_prefix(KEYWORD)
}

/// Returns the lints that a comment accepts, or what is wrong with it.
fn parse(content: &str) -> Result<Vec<Selector>, String> {
    let list = content.trim().strip_prefix("ignore").map(str::trim_start);
    let Some(list) = list else {
        return Err("unknown instruction in a corslint comment".to_owned());
    };
    let inside = list.strip_prefix('[').and_then(|list| list.split_once(']'));
    let Some((names, reason)) = inside else {
        return Err("this comment names no lint".to_owned());
    };
    if reason.trim_matches([' ', '\t', ':', '-']).is_empty() {
        return Err("this comment gives no reason".to_owned());
    }
    let names = names.split(',').map(str::trim);
    names
        .map(|name| {
            lints::select(name).map_err(|near| match near {
                Some(near) => format!("unknown lint {name} in a comment; did you mean {near}?"),
                None => format!("unknown lint {name} in a comment"),
            })
        })
        .collect()
}

/// Returns the index of the line that each comment is about; in order, like the comments.
fn lines_of(source: &Source, comments: &[Span]) -> Vec<usize> {
    let text = source.text();
    // True for comments with nothing but blanks and other comments before them on their line.
    let mut is_first: Vec<bool> = Vec::with_capacity(comments.len());
    for (index, comment) in comments.iter().enumerate() {
        let line = source.line_range(source.line_index(comment.start())).start;
        let before = index.checked_sub(1).map(|index| comments[index].end());
        let (from, is_after_first) = match before {
            Some(end) if end > line => (end, is_first[index - 1]),
            _ => (line, true),
        };
        let between = text[from..comment.start()].trim_start_matches(BYTE_ORDER_MARK);
        is_first.push(is_after_first && between.trim().is_empty());
    }
    let mut lines = vec![0; comments.len()];
    // The first thing after a comment that is none; from the last comment to the first.
    let mut code = None;
    for (index, comment) in comments.iter().enumerate().rev() {
        let next = text.len() - text[comment.end()..].trim_start().len();
        let is_comment = comments.get(index + 1).is_some_and(|it| it.start() == next);
        if !is_comment {
            code = Some(next).filter(|next| *next < text.len());
        }
        let about = code.filter(|_| is_first[index]).unwrap_or(comment.start());
        lines[index] = source.line_index(about);
    }
    lines
}

/// Returns the whole line of a comment that is alone on it, and otherwise the comment with the blanks before it.
fn whole_line(text: &str, comment: Span) -> Span {
    let before = text[..comment.start()].trim_end_matches([' ', '\t']);
    let rest = text[comment.end()..].trim_start_matches([' ', '\t']);
    let line_break = match () {
        () if rest.starts_with("\r\n") => 2,
        () if rest.starts_with(['\n', '\r']) => 1,
        () => 0,
    };
    let is_start = before.is_empty() || before == BYTE_ORDER_MARK;
    let is_alone = is_start || before.ends_with(['\n', '\r']);
    match is_alone && line_break > 0 {
        true => Span::new(before.len(), text.len() - rest.len() + line_break),
        false => Span::new(before.len(), comment.end()),
    }
}

//! Comments that accept findings where they are: `# corslint: ignore[wildcard-origin] public fonts`.

use memchr::memmem;

use crate::finding::{
    CONFLICTING_CORS, Change, Diagnostic, Finding, MALFORMED_SUPPRESSION, Safety, UNUSED_EXCEPTION,
};
use crate::level::{Level, Selector};
use crate::lints::{self, LINTS, Lint};
use crate::settings::Settings;
use crate::source::{Edit, Source, Span};
use crate::syntax::CommentMarks;

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
    marks: &[CommentMarks],
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
    let parts = parts();
    let mut comments = Vec::new();
    for (comment, content) in comments_of(source.text(), marks) {
        match parse(content) {
            Ok(lints) => comments.push(Suppression {
                comment,
                lints,
                line: line_of(source, comment, marks),
                is_used: false,
            }),
            Err(problem) => suppressed.problems.push(
                Diagnostic::new(MALFORMED_SUPPRESSION, comment, problem)
                    .label("accepts nothing")
                    .help("write corslint: ignore[LINT] and the reason"),
            ),
        }
    }
    let line = |offset: usize| source.line_index(offset);
    findings.retain(|finding| {
        let start = finding.span().start();
        let accepted = comments.iter_mut().find(|comment| {
            let is_selected = comment
                .lints
                .iter()
                .any(|lint| selects(*lint, finding.lint));
            let is_around =
                |part: &Span| line(part.start()) == comment.line && part.contains(finding.span());
            is_selected && (line(start) == comment.line || parts.iter().any(is_around))
        });
        match accepted {
            Some(comment) => {
                comment.is_used = true;
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
    let unused = comments.iter().filter(|comment| !comment.is_used);
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

/// Returns the comments that start with the keyword, each with what follows it.
fn comments_of<'t>(text: &'t str, marks: &[CommentMarks]) -> Vec<(Span, &'t str)> {
    let places = memmem::find_iter(text.as_bytes(), KEYWORD.as_bytes());
    let comments = places.filter_map(|at| {
        let before = text[..at].trim_end_matches([' ', '\t']);
        let (open, close) = marks.iter().find(|(open, _)| before.ends_with(open))?;
        let start = before.len() - open.len();
        let is_start = text[..start]
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || matches!(c, ',' | '{' | '[' | '>' | '}' | ']'));
        if !is_start {
            return None;
        }
        let content = &text[at + KEYWORD.len()..];
        let line = content.find(['\n', '\r']).unwrap_or(content.len());
        let (length, end) = match close.is_empty() {
            true => (line, line),
            false => {
                let end = content.find(close)?;
                (end, end + close.len())
            }
        };
        let comment = Span::new(start, at + KEYWORD.len() + end);
        Some((comment, &content[..length]))
    });
    comments.collect()
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

/// Returns the index of the line that a comment is about.
fn line_of(source: &Source, comment: Span, marks: &[CommentMarks]) -> usize {
    let text = source.text();
    let own = source.line_index(comment.start());
    let start = source.line_range(own).start;
    if !text[start..comment.start()].trim().is_empty() {
        return own;
    }
    let after = source.line_index(comment.end());
    let is_about = |line: &usize| {
        let content = text[source.line_range(*line)].trim();
        !content.is_empty() && !marks.iter().any(|(open, _)| content.starts_with(open))
    };
    let lines = source.line_index(text.len());
    (after + 1..=lines).find(is_about).unwrap_or(own)
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
    let is_alone = before.is_empty() || before.ends_with(['\n', '\r']);
    match is_alone && line_break > 0 {
        true => Span::new(before.len(), text.len() - rest.len() + line_break),
        false => Span::new(before.len(), comment.end()),
    }
}

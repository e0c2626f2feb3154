//! XML.
//!
//! An element that contains elements becomes an object, with one member for each of them, and any other element
//! a string. Elements with the same name stay members of their own: whether they form a list is decided by the
//! format of the policy.
//!
//! The parser goes on after most errors and lets much through that is not well-formed, so this module reports
//! that ([`problems`]).

mod content;
mod edit;
mod problems;

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::document::{
    Document, MAX_DEPTH, Member, Node, NodeId, Problem, Text, Value, Why, has_template_mark,
};
use crate::source::{BYTE_ORDER_MARK, Span};
use crate::syntax::comments::comments;
use crate::syntax::{CommentMarks, ParseOutcome, Syntax};
use content::{Piece, PieceKind, content, end_of_section, trimmed};

/// XML 1.0. A byte order mark is allowed.
pub(super) const SYNTAX: Syntax = Syntax {
    name: "XML",
    extensions: &["xml"],
    comment_marks: MARKS,
    comments: |text| comments(text, MARKS, &|at| end_of_section(text, at)),
    parse,
    lower: edit::lower,
    quote: str::to_owned,
    assign: |key, value| format!("<{key}>{value}</{key}>"),
};

const MARKS: &[CommentMarks] = &[("<!--", "-->")];

/// The maximum number of errors to report; more are usually consequences of the first.
const MAX_PROBLEMS: usize = 50;
/// How many open elements an end tag without a match is compared with.
const MAX_UNCLOSED: usize = 16;

fn parse(text: &Arc<str>) -> ParseOutcome {
    // The reader would skip a second mark without counting it.
    let body = text.trim_start_matches(BYTE_ORDER_MARK);
    if body.trim().is_empty() {
        return ParseOutcome::Empty;
    }
    let mut builder = TreeBuilder::new(text, text.len() - body.len());
    builder.report(problems::second_byte_order_mark(builder.base));
    let end = builder.read_all(body);
    if !builder.problems.is_empty() || end.is_err() {
        // Outside of text, placeholders are not XML before they are replaced.
        if has_template_mark(body) {
            return ParseOutcome::Template;
        }
    }
    if let Err(problem) = end {
        builder.report(*problem);
        return ParseOutcome::Failed(builder.problems);
    }
    match builder.root {
        Some(root) => ParseOutcome::Parsed(Document {
            has_elements: true,
            ..Document::new(vec![root], builder.problems)
        }),
        None => {
            builder.report(
                Problem::new(Span::new(builder.base, text.len()), "no element")
                    .label("XML has one root element")
                    .help("write the policy as one element"),
            );
            ParseOutcome::Failed(builder.problems)
        }
    }
}

/// An element whose end tag was not read yet.
struct Open {
    /// The name as written, with its prefix.
    name: Span,
    id: NodeId,
    start_tag: Span,
    children: Vec<Member>,
    /// The text in it.
    pieces: Vec<Piece>,
}

/// Builds the tree from the parser's events.
struct TreeBuilder<'a> {
    text: &'a Arc<str>,
    /// Where the text starts that the parser reads.
    base: usize,
    ids: u32,
    open: Vec<Open>,
    root: Option<Node>,
    problems: Vec<Problem>,
    /// True if a tag did not match another, so that what seems to be outside of the root may belong into it.
    is_unbalanced: bool,
}

impl<'a> TreeBuilder<'a> {
    fn new(text: &'a Arc<str>, base: usize) -> TreeBuilder<'a> {
        TreeBuilder {
            text,
            base,
            ids: 1,
            open: Vec::new(),
            root: None,
            problems: Vec::new(),
            is_unbalanced: false,
        }
    }

    /// Reports a problem outside of the root element.
    fn report_outside(&mut self, problem: Problem) {
        if !self.is_unbalanced {
            self.report(problem);
        }
    }

    fn report(&mut self, problem: impl Into<Option<Problem>>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.extend(problem.into());
        }
    }

    /// Reads all events. The error is one that the parser can't go on after.
    fn read_all(&mut self, body: &str) -> Result<(), Box<Problem>> {
        if let Some(problem) = problems::invalid_character(body, self.base) {
            return Err(Box::new(problem));
        }
        let mut reader = Reader::from_str(body);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let start = self.base + position(&reader);
            let event = reader.read_event();
            let span = Span::new(start, (self.base + position(&reader)).max(start));
            match event {
                Ok(Event::Eof) => return self.end_of_file(),
                Ok(event) => self.event(&event, span)?,
                Err(error) => {
                    let span = Span::new(start, self.text.len());
                    return Err(Box::new(problems::unterminated(&error, span)));
                }
            }
        }
    }

    /// Reads one event. The error is one that makes the rest of the file meaningless.
    fn event(&mut self, event: &Event<'_>, span: Span) -> Result<(), Box<Problem>> {
        match event {
            Event::Start(tag) => self.start(tag, span)?,
            Event::Empty(tag) => {
                self.start(tag, span)?;
                self.close(Span::new(span.end(), span.end()));
            }
            Event::End(tag) => self.end(tag.name().0, span)?,
            Event::Text(text) => {
                for problem in problems::of_text(text, span) {
                    self.report(problem);
                }
                self.add_piece(span, PieceKind::Plain);
            }
            Event::CData(text) => {
                let content = Span::new(span.start() + "<![CDATA[".len(), span.end() - "]]>".len());
                if !text.is_empty() {
                    self.add_piece(content, PieceKind::Plain);
                }
            }
            Event::GeneralRef(name) => match problems::character(name) {
                Ok(character) => self.add_piece(span, PieceKind::Reference(character)),
                Err(problem) => {
                    self.report(problem(span));
                    self.add_piece(span, PieceKind::Invalid);
                }
            },
            Event::Comment(text) => self.report(problems::of_comment(text, span)),
            Event::PI(target) => self.report(problems::of_instruction(target, span)),
            Event::Decl(declaration) => {
                let is_first = span.start() == self.base;
                self.report(problems::of_declaration(declaration, is_first, span));
            }
            Event::DocType(_) => self.report(problems::document_type(span)),
            Event::Eof => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, span: Span) -> Result<(), Box<Problem>> {
        let name = Span::new(span.start() + 1, span.start() + 1 + tag.name().0.len());
        if let Some(problem) = problems::of_name(tag.name().0, name) {
            return Err(Box::new(problem));
        }
        if self.open.is_empty() && self.root.is_some() {
            let message = format!("second root element: {}", tag.name().0);
            self.report_outside(
                Problem::new(span, message)
                    .label("XML has one root element")
                    .help("remove it, or move it into the first element"),
            );
        }
        for problem in problems::of_attributes(tag, span)? {
            self.report(problem);
        }
        // Each second ID is for a list that starts with this element.
        let id = NodeId(self.ids + 1);
        self.ids += 2;
        self.open.push(Open {
            name,
            id,
            start_tag: span,
            children: Vec::new(),
            pieces: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self, name: &str, span: Span) -> Result<(), Box<Problem>> {
        if let Some(length) = name.find(|c: char| c == '<' || c.is_whitespace()) {
            let tag = span.first(2 + length);
            return Err(Box::new(problems::unterminated_tag(tag, &name[..length])));
        }
        let place = Span::new(span.start() + 2, span.start() + 2 + name.len());
        if let Some(problem) = problems::of_name(name, place) {
            return Err(Box::new(problem));
        }
        let text = Arc::clone(self.text);
        let name_of = |open: &Open| &text[open.name.range()];
        let nearest = self.open.iter().rev().take(MAX_UNCLOSED);
        let mut nearest = nearest.map(name_of);
        let unclosed = nearest.position(|open| open == name);
        let Some(open) = self.open.last() else {
            let message = format!("end tag </{name}> without a start tag");
            self.report_outside(
                Problem::new(span, message)
                    .label("no element is open here")
                    .help("remove it"),
            );
            return Ok(());
        };
        match unclosed {
            Some(0) => self.close(span),
            Some(unclosed) => {
                for _ in 0..unclosed {
                    self.close_unclosed(span);
                }
                self.is_unbalanced = true;
                self.close(span);
            }
            // Probably a misspelled name.
            None => {
                let expected = name_of(open);
                let message = format!("end tag </{name}> does not match <{expected}>");
                let problem = Problem::new(span, message)
                    .label(format!("expected </{expected}>"))
                    .related(open.start_tag, "the start tag")
                    .help(format!("write </{expected}>"));
                self.report(problem);
                self.is_unbalanced = true;
                self.close(span);
            }
        }
        Ok(())
    }

    fn end_of_file(&mut self) -> Result<(), Box<Problem>> {
        let Some(open) = self.open.last() else {
            return Ok(());
        };
        let name = &self.text[open.name.range()];
        Err(Box::new(problems::unclosed_element(name, open.start_tag)))
    }

    fn add_piece(&mut self, source: Span, kind: PieceKind) {
        let text = &self.text[source.range()];
        match self.open.last_mut() {
            Some(open) => open.pieces.push(Piece { source, kind }),
            None if text.trim().is_empty() => {}
            None => {
                let problem =
                    Problem::new(trimmed(text, source), "text outside of the root element")
                        .label("not part of any element")
                        .help("remove it");
                self.report_outside(problem);
            }
        }
    }

    /// Ends an element without an end tag before that of an element around it. If it contains text, what follows
    /// the text belongs to the element around it, and so do elements of the same name.
    fn close_unclosed(&mut self, outer_end_tag: Span) {
        let text = Arc::clone(self.text);
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let name = &text[open.name.range()];
        let is_blank = |piece: &Piece| text[piece.source.range()].trim().is_empty();
        let has_text = !open.pieces.iter().all(is_blank);
        let outside: Vec<_> = open
            .children
            .extract_if(.., |child| {
                has_text || text[child.value.span.range()][1..].starts_with(name)
            })
            .collect();
        let end = match outside.first() {
            Some(first) => first.value.span.start(),
            None => outer_end_tag.start(),
        };
        open.pieces.retain(|piece| piece.source.end() <= end);
        let problem = problems::unclosed_element(name, open.start_tag)
            .related(outer_end_tag, "another element ends here");
        self.report(problem);
        self.close(Span::new(end, end));
        if let Some(parent) = self.open.last_mut() {
            parent.children.extend(outside);
        }
    }

    /// Ends the innermost element. `end_tag` is empty if there is none.
    fn close(&mut self, end_tag: Span) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let depth = self.open.len();
        if depth > MAX_DEPTH {
            return;
        }
        let span = Span::new(open.start_tag.start(), end_tag.end());
        let value = if depth == MAX_DEPTH {
            Value::Unknown(Why::TooDeep)
        } else if open.children.is_empty() {
            content(self.text, &open.pieces, open.start_tag.end(), span)
        } else {
            self.report_text_between(&open);
            Value::Map(open.children)
        };
        let name = &self.text[open.name.range()];
        let local = name.rfind(':').map_or(0, |colon| colon + 1);
        let local = Span::new(open.name.start() + local, open.name.end());
        let node = Node {
            id: open.id,
            span,
            head: match &value {
                Value::String(text) => text.span(),
                _ => open.start_tag,
            },
            value,
        };
        let member = Member {
            key: Text::plain(self.text, local, local),
            value: node,
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(member),
            None if self.root.is_none() => {
                self.root = Some(Node {
                    id: NodeId(0),
                    span,
                    head: open.start_tag,
                    value: Value::Map(vec![member]),
                });
            }
            None => {}
        }
    }

    /// Reports text next to elements.
    fn report_text_between(&mut self, open: &Open) {
        let mut pieces = open.pieces.iter();
        let text = Arc::clone(self.text);
        let is_blank = |piece: &&Piece| text[piece.source.range()].trim().is_empty();
        if let Some(piece) = pieces.find(|piece| !is_blank(piece)) {
            let place = trimmed(&text[piece.source.range()], piece.source);
            let problem = Problem::new(place, "text between elements")
                .label("not inside an element of its own")
                .help("remove it, or put it into an element or a comment");
            self.report(problem);
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).expect("the text fits into memory")
}

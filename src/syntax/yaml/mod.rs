//! YAML 1.2, with the core schema.
//!
//! A node with a local tag, such as `!Sub`, becomes an object with that function as its only key, as in JSON:
//! `{"Fn::Sub": ...}`. The key's span is the tag.

mod alias;
mod edit;
mod problems;
mod scalar;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{Event, Parser, ScanError, Span as ParserSpan, StructureStyle, Tag};
use memchr::memmem;

use crate::document::{
    Document, MAX_DEPTH, Member, Node, NodeId, Problem, Text, Value, Why, has_template_mark,
};
use crate::source::{BYTE_ORDER_MARK, Span};
use crate::syntax::comments::comments;
use crate::syntax::{CommentMarks, ParseOutcome, Syntax};
use alias::{merged, needed};

/// YAML. A file may contain several documents.
pub(super) const SYNTAX: Syntax = Syntax {
    name: "YAML",
    extensions: &["yaml", "yml"],
    comment_marks: MARKS,
    comments: comments_of,
    parse,
    lower: edit::lower,
    quote: |text| serde_json::Value::from(text).to_string(),
    assign: |key, value| format!("{key}: {value}"),
};

const MARKS: &[CommentMarks] = &[("#", "")];

/// The maximum number of bare asterisks to go on after.
const MAX_STARS: usize = 100;

fn parse(text: &Arc<str>) -> ParseOutcome {
    if text.trim().is_empty() {
        return ParseOutcome::Empty;
    }
    let (mut builder, errors) = read(text);
    if !errors.is_empty() && has_template_mark(text) {
        return ParseOutcome::Template;
    }
    for error in &errors {
        builder.problems.push(problems::of_error(error, text));
    }
    builder.problems.sort_by_key(|problem| problem.span);
    if builder.roots.is_empty() && builder.problems.is_empty() {
        return ParseOutcome::Empty;
    }
    match builder.roots.is_empty() && !errors.is_empty() {
        true => ParseOutcome::Failed(builder.problems),
        false => ParseOutcome::Parsed(Document {
            needed: needed(&builder.roots, &builder.aliases),
            shared: builder.shared,
            aliases: builder.aliases,
            ..Document::new(builder.roots, builder.problems)
        }),
    }
}

/// Reads a text, and returns the error of each document that has one.
fn read(text: &Arc<str>) -> (TreeBuilder<'_>, Vec<ScanError>) {
    // The parser stops at a bare `*`. To read the rest, each is replaced by a letter.
    let mut patched = String::new();
    let mut stars = Vec::new();
    loop {
        let body = if stars.is_empty() { text } else { &*patched };
        let mut builder = TreeBuilder::new(text, stars);
        let errors = builder.read_all(body);
        let star = errors
            .iter()
            .find_map(|error| problems::bare_star(error, body));
        let Some(star) = star.filter(|_| builder.stars.len() < MAX_STARS) else {
            return (builder, errors);
        };
        stars = builder.stars;
        stars.push(star);
        patched = body.to_owned();
        patched.replace_range(star..=star, "S");
    }
}

/// Returns the comments of a text. After an error, the rest of a document has none.
fn comments_of(text: &Arc<str>) -> Vec<Span> {
    let (builder, errors) = read(text);
    let mut strings = builder.scalars;
    strings.extend(errors.iter().map(|error| {
        let start = error.marker().byte_offset().unwrap_or(0).min(text.len());
        let rest = &text.as_bytes()[start..];
        let end = memmem::find(rest, b"\n---").map_or(text.len(), |length| start + length);
        Span::new(start, end)
    }));
    strings.sort_unstable();
    let bytes = text.as_bytes();
    let first = text.len() - text.trim_start_matches(BYTE_ORDER_MARK).len();
    comments(text, MARKS, &|at| {
        // A `#` in a word is a part of it.
        if bytes[at] == b'#' && at > first && !bytes[at - 1].is_ascii_whitespace() {
            return Some(at + 1);
        }
        let index = strings.partition_point(|string| string.start() < at);
        let string = strings.get(index)?;
        (string.start() == at).then_some(string.end())
    })
}

/// A list or an object whose end was not read yet.
struct Open {
    id: NodeId,
    /// Where it starts, without its tag and anchor.
    start: usize,
    is_flow: bool,
    /// The span of its local tag, and the function that the tag calls.
    function: Option<(Span, String)>,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// The members, and the key whose value was not read yet.
    Map(Vec<Member>, Option<Text>),
}

/// Builds the trees from the parser's events.
struct TreeBuilder<'a> {
    text: &'a Arc<str>,
    /// The bytes of asterisks that the parser reads as a letter.
    stars: Vec<usize>,
    ids: u32,
    open: Vec<Open>,
    roots: Vec<Node>,
    anchors: HashMap<usize, Node>,
    /// The scalars, keys included.
    scalars: Vec<Span>,
    /// The nodes that aliases added.
    shared: HashSet<NodeId>,
    /// Each alias, and the head of its value.
    aliases: Vec<(Span, Span)>,
    problems: Vec<Problem>,
}

impl<'a> TreeBuilder<'a> {
    fn new(text: &'a Arc<str>, stars: Vec<usize>) -> TreeBuilder<'a> {
        let problems = stars.iter().map(|at| problems::unquoted_star(text, *at));
        let problems = problems.collect();
        TreeBuilder {
            text,
            stars,
            ids: 0,
            open: Vec::new(),
            roots: Vec::new(),
            anchors: HashMap::new(),
            scalars: Vec::new(),
            shared: HashSet::new(),
            aliases: Vec::new(),
            problems,
        }
    }

    /// Reads all documents, and returns the error of each that has one.
    fn read_all(&mut self, body: &str) -> Vec<ScanError> {
        let options = granit_parser::options! {
            emit_unresolved_aliases: true,
            emit_comments: false,
        };
        let mut parser = Parser::new_from_str_with_options(body, options);
        let mut errors = Vec::new();
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => self.event(event, &span),
                Err(error) => {
                    errors.push(error);
                    self.open.clear();
                    if !matches!(parser.proceed_next_document(), Ok(true)) {
                        break;
                    }
                }
            }
        }
        errors
    }

    fn event(&mut self, event: Event<'_>, span: &ParserSpan) {
        let range = span.byte_range().unwrap_or_default();
        let place = Span::new(range.start, range.end);
        match event {
            Event::DocumentStart(..) => {
                self.open.clear();
                self.anchors.clear();
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.start(
                    Content::List(Vec::new()),
                    style,
                    anchor,
                    tag.as_deref(),
                    span,
                );
            }
            Event::MappingStart(style, anchor, tag) => {
                let content = Content::Map(Vec::new(), None);
                self.start(content, style, anchor, tag.as_deref(), span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place.end()),
            Event::Scalar(value, style, anchor, tag) => {
                if !place.range().is_empty() {
                    self.scalars.push(place);
                }
                let (id, function) = self.new_node(tag.as_deref(), span);
                let is_star = self.stars.contains(&place.start());
                let value = match is_star {
                    true => Value::String(Text::plain(self.text, place, place)),
                    false => scalar::value(self.text, place, &value, style, tag.as_deref()),
                };
                let place = match place.range().is_empty() {
                    true => self.colon_before(place).unwrap_or(place),
                    false => scalar::without_indentation(self.text, place, style),
                };
                let node = Node {
                    id,
                    span: place,
                    head: place,
                    value,
                };
                self.add(node, function, anchor);
            }
            Event::Alias(anchor) => {
                let node = self.alias(anchor, place);
                self.add(node, None, 0);
            }
            Event::UnresolvedAlias(_) => {
                self.problems
                    .push(problems::unquoted_star(self.text, place.start()));
                let id = self.new_id();
                let node = Node {
                    id,
                    span: place,
                    head: place,
                    value: Value::String(Text::plain(self.text, place, place)),
                };
                self.add(node, None, 0);
            }
            _ => {}
        }
    }

    fn new_id(&mut self) -> NodeId {
        let id = NodeId(self.ids);
        self.ids += 1;
        id
    }

    /// Returns the ID of a new node, and the function that its tag calls. A function takes the ID before.
    fn new_node(
        &mut self,
        tag: Option<&Tag>,
        span: &ParserSpan,
    ) -> (NodeId, Option<(Span, String)>) {
        let function = tag.filter(|tag| tag.handle() == "!").and_then(|tag| {
            let range = span.tag_span()?.byte_range()?;
            let name = match tag.suffix() {
                "Ref" | "Condition" => tag.suffix().to_owned(),
                other => format!("Fn::{other}"),
            };
            Some((Span::new(range.start, range.end), name))
        });
        if function.is_some() {
            self.ids += 1;
        }
        (self.new_id(), function)
    }

    fn start(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &ParserSpan,
    ) {
        let (id, function) = self.new_node(tag, span);
        self.open.push(Open {
            id,
            start: span.byte_range().unwrap_or_default().start,
            is_flow: style == StructureStyle::Flow,
            function,
            anchor,
            content,
        });
    }

    /// Ends the innermost list or object.
    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let depth = self.open.len();
        let last = match &open.content {
            Content::List(items) => items.last(),
            Content::Map(members, _) => members.last().map(|member| &member.value),
        };
        // The parser ends a block where the next token starts.
        let end = match last {
            Some(last) if !open.is_flow => last.span.end(),
            _ => end,
        };
        let span = Span::new(open.start, end.max(open.start));
        let head = match &open.content {
            Content::Map(members, _) if !open.is_flow => self
                .dash_before(open.start)
                .or_else(|| members.first().map(|first| first.key.span()))
                .unwrap_or(span),
            _ => span.first(1),
        };
        let value = match open.content {
            _ if depth >= MAX_DEPTH => Value::Unknown(Why::TooDeep),
            Content::List(items) => Value::List(items),
            Content::Map(members, _) => Value::Map(merged(members)),
        };
        let node = Node {
            id: open.id,
            span,
            head,
            value,
        };
        self.add(node, open.function, open.anchor);
    }

    /// Returns the end of the colon before a value that is not written. The parser places it at the next token.
    fn colon_before(&self, place: Span) -> Option<Span> {
        let Content::Map(_, Some(key)) = &self.open.last()?.content else {
            return None;
        };
        let between = &self.text[key.span().end()..place.start()];
        let end = key.span().end() + between.find(':')? + 1;
        Some(Span::new(end, end))
    }

    /// Returns the dash of a list item that starts at `start`.
    fn dash_before(&self, start: usize) -> Option<Span> {
        let before = self.text[..start].trim_end_matches([' ', '\t', '\r', '\n']);
        let is_dash = before.ends_with('-')
            && before[..before.len() - 1]
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace);
        is_dash.then(|| Span::new(before.len() - 1, before.len()))
    }

    /// Adds a node to what contains it.
    fn add(&mut self, mut node: Node, function: Option<(Span, String)>, anchor: usize) {
        if let Some((tag, name)) = function {
            let span = Span::new(tag.start(), node.span.end());
            let key = Text::plain(self.text, tag, tag).renamed(&name);
            node = Node {
                id: NodeId(node.id.0 - 1),
                span,
                head: tag,
                value: Value::Map(vec![Member { key, value: node }]),
            };
        }
        if anchor != 0 {
            self.anchors.insert(anchor, alias::copied(&node));
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.roots.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(members, key)) => match key.take() {
                Some(key) => members.push(Member { key, value: node }),
                None => {
                    let text = node.text().cloned();
                    // A key that is no string is known by its text.
                    let text = text.unwrap_or_else(|| Text::plain(self.text, node.span, node.span));
                    *key = Some(text);
                }
            },
        }
    }
}

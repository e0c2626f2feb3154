//! HCL, the language of Terraform's configurations.
//!
//! The tree is that of Terraform's JSON: a block is an object under its type and its labels, and the blocks of one
//! type in a body are a list. The parser's printer is not used, because it changes line breaks and escapes.

mod edit;
mod expression;
mod strings;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};

use crate::document::{
    Document, MAX_DEPTH, Member, Node, NodeId, Problem, Text, Value, Why, has_template_mark,
};
use crate::source::{BYTE_ORDER_MARK, Span};
use crate::syntax::comments::comments;
use crate::syntax::{CommentMarks, ParseOutcome, Syntax};

/// HCL. A byte order mark is allowed.
pub(super) const SYNTAX: Syntax = Syntax {
    name: "HCL",
    extensions: &["tf", "tofu"],
    comment_marks: MARKS,
    comments: |text| comments(text, MARKS, &|at| strings::end_of_string(text, at)),
    parse,
    lower: edit::lower,
    quote: |text| format!("\"{}\"", edit::in_quotes(text)),
    assign: |key, value| format!("{key} = {value}"),
};

const MARKS: &[CommentMarks] = &[("#", ""), ("//", ""), ("/*", "*/")];

fn parse(text: &Arc<str>) -> ParseOutcome {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let base = text.len() - body.len();
    let parsed = match parse_body(body) {
        Ok(parsed) => parsed,
        // Go's tests write names as `%[1]s`.
        Err(_) if has_template_mark(body) || body.contains("%[1]") => {
            return ParseOutcome::Template;
        }
        Err(error) => return ParseOutcome::Failed(vec![problem(&error, text, base)]),
    };
    if parsed.is_empty() {
        return ParseOutcome::Empty;
    }
    let mut builder = TreeBuilder {
        text,
        base,
        ids: 0,
        shared: HashSet::new(),
    };
    let whole = Span::new(base, text.len());
    let root = builder.body(&parsed, whole, whole.first(1), 0);
    ParseOutcome::Parsed(Document {
        shared: builder.shared,
        ..Document::new(vec![root], Vec::new())
    })
}

/// The error of a file. The parser says what it expected.
fn problem(error: &Error, text: &str, base: usize) -> Problem {
    let at = (base + error.location().offset()).min(text.len());
    // The parser may stop inside of a character.
    let at = (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    let span = Span::new(at, at + length);
    let message = error.message();
    if message.contains("redefined attribute") {
        return Problem::new(span, "an attribute is set twice")
            .label("set before in this block")
            .help("keep one of them");
    }
    if text[at..].starts_with("<<<<<<<") {
        return Problem::new(span, "not valid HCL")
            .label("an unresolved merge conflict")
            .help("resolve the conflict");
    }
    let expected = message
        .split_once("expected ")
        .map(|(_, expected)| expected);
    let problem = match text[at..].trim().is_empty() {
        true => Problem::new(span, "unexpected end of file")
            .label("the file ends here, but a block is not closed"),
        false => Problem::new(span, "not valid HCL").label("unexpected here"),
    };
    match expected {
        Some(expected) => problem.help(format!("expected {}", expected.replace('`', ""))),
        None => problem.help("check the brackets and quotes before this"),
    }
}

/// Builds the tree from the parser's.
struct TreeBuilder<'a> {
    text: &'a Arc<str>,
    /// Where the text starts that the parser reads.
    base: usize,
    ids: u32,
    /// Nodes that can't be changed where they are.
    shared: HashSet<NodeId>,
}

impl TreeBuilder<'_> {
    fn new_id(&mut self) -> NodeId {
        let id = NodeId(self.ids);
        self.ids += 1;
        id
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        Span::new(self.base + range.start, self.base + range.end)
    }

    /// The attributes and blocks in a body. `span` is the block, and `head` its type.
    fn body(&mut self, body: &Body, span: Span, head: Span, depth: usize) -> Node {
        let id = self.new_id();
        if depth >= MAX_DEPTH {
            return Node {
                id,
                span,
                head,
                value: Value::Unknown(Why::TooDeep),
            };
        }
        let mut members: Vec<Member> = Vec::new();
        let mut lists: HashMap<&str, usize> = HashMap::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let key = self.span(attribute.key.span());
                    members.push(Member {
                        key: Text::plain(self.text, key, key),
                        value: self.expression(&attribute.value, depth + 1),
                    });
                }
                Structure::Block(block) => {
                    let key = self.span(block.ident.span());
                    // The ID of the list comes before that of its first block.
                    let list = self.new_id();
                    let node = self.block(block, depth + 1);
                    match lists.get(block.ident.as_str()) {
                        Some(place) => append(&mut members[*place].value, node),
                        None => {
                            lists.insert(block.ident.as_str(), members.len());
                            members.push(Member {
                                key: Text::plain(self.text, key, key),
                                value: Node {
                                    id: list,
                                    span: node.span,
                                    head: node.head,
                                    value: Value::List(vec![node]),
                                },
                            });
                        }
                    }
                }
            }
        }
        Node {
            id,
            span,
            head,
            value: Value::Map(members),
        }
    }

    /// A block, inside of an object for each of its labels.
    fn block(&mut self, block: &Block, depth: usize) -> Node {
        let span = self.span(block.span());
        let head = self.span(block.ident.span());
        let outer: Vec<NodeId> = block.labels.iter().map(|_| self.new_id()).collect();
        let mut node = self.body(&block.body, span, head, depth + block.labels.len());
        for (label, id) in block.labels.iter().zip(outer).rev() {
            let (name, place) = match label {
                BlockLabel::Ident(name) => (name.as_str(), self.span(name.span())),
                BlockLabel::String(name) => (name.as_str(), self.span(name.span())),
            };
            node = Node {
                id,
                span,
                head,
                value: Value::Map(vec![Member {
                    key: Text::plain(self.text, place, place).renamed(name),
                    value: node,
                }]),
            };
        }
        node
    }
}

fn append(list: &mut Node, item: Node) {
    list.span = Span::new(list.span.start(), item.span.end());
    if let Value::List(items) = &mut list.value {
        items.push(item);
    }
}

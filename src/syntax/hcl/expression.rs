//! The values of attributes, as far as they are literal.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::template::{Element, StringTemplate};

use super::TreeBuilder;
use crate::document::{MAX_DEPTH, Member, Node, NodeId, Template, Text, Value, Why};
use crate::source::Span;
use crate::syntax::segments::{self, code_point};

/// Functions that return the items of a list, perhaps in another order or without some.
const TRANSPARENT: &[&str] = &["toset", "tolist", "distinct", "compact", "flatten", "sort"];

impl TreeBuilder<'_> {
    pub(super) fn expression(&mut self, expression: &Expression, depth: usize) -> Node {
        if depth >= MAX_DEPTH {
            let span = self.span(expression.span());
            let value = Value::Unknown(Why::TooDeep);
            return self.node(span, value);
        }
        match expression {
            Expression::Parenthesis(inner) => return self.expression(inner.inner(), depth + 1),
            Expression::FuncCall(call) => return self.call(call, expression, depth),
            _ => {}
        }
        let span = self.span(expression.span());
        let id = self.new_id();
        let value = match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => Value::Bool(*value.value()),
            Expression::Number(_) => Value::Number(self.text[span.range()].into()),
            Expression::String(value) => Value::String(self.string(span, value.as_str())),
            Expression::StringTemplate(template) => self.template(template, span),
            Expression::Array(array) => {
                let items = array.iter().map(|item| self.expression(item, depth + 1));
                Value::List(items.collect())
            }
            Expression::Object(object) => {
                let members = object.iter().map(|(key, value)| {
                    let place = self.span(key.span());
                    let plain = Text::plain(self.text, place, place);
                    let key = match key {
                        ObjectKey::Expression(Expression::String(key)) => {
                            self.string(place, key.as_str())
                        }
                        _ => plain,
                    };
                    Member {
                        key,
                        value: self.expression(value.expr(), depth + 1),
                    }
                });
                Value::Map(members.collect())
            }
            Expression::Conditional(conditional) => Value::Choice(vec![
                self.expression(&conditional.true_expr, depth + 1),
                self.expression(&conditional.false_expr, depth + 1),
            ]),
            _ => Value::Unknown(Why::Expression),
        };
        Node {
            id,
            span,
            head: match &value {
                Value::List(_) | Value::Map(_) => span.first(1),
                _ => span,
            },
            value,
        }
    }

    fn node(&mut self, span: Span, value: Value) -> Node {
        Node {
            id: self.new_id(),
            span,
            head: span,
            value,
        }
    }

    /// The value of a function call: its argument, if it only returns the items of that.
    fn call(&mut self, call: &FuncCall, expression: &Expression, depth: usize) -> Node {
        let name = call.name.name.as_str();
        let mut arguments = call.args.iter();
        let first = arguments.next();
        let has_more = arguments.next().is_some();
        if let Some(first) = first
            && !has_more
            && TRANSPARENT.contains(&name)
            && matches!(first, Expression::Array(_))
        {
            let list = self.expression(first, depth + 1);
            let is_nested = |item: &Node| item.items().is_some();
            let items = list.items().unwrap_or_default();
            if !items.iter().any(is_nested) {
                return list;
            }
        }
        let span = self.span(expression.span());
        let id = self.new_id();
        let value = match name {
            "concat" => self.joined(call, depth),
            _ => Value::Unknown(Why::Expression),
        };
        Node {
            id,
            span,
            head: span,
            value,
        }
    }

    /// The items of several lists. They can't be removed, since each is between others in its own list.
    fn joined(&mut self, call: &FuncCall, depth: usize) -> Value {
        let mut joined = Vec::new();
        for argument in call.args.iter() {
            let node = self.expression(argument, depth + 1);
            match node.value {
                Value::List(items) => {
                    self.shared
                        .extend(items.iter().map(|item: &Node| -> NodeId { item.id }));
                    joined.extend(items);
                }
                _ => joined.push(Node {
                    value: Value::Unknown(Why::Expression),
                    ..node
                }),
            }
        }
        Value::List(joined)
    }

    /// A string in quotes with interpolations. With escapes or directives it is unknown.
    fn template(&self, template: &StringTemplate, span: Span) -> Value {
        let content = Span::new(span.start() + 1, (span.end() - 1).max(span.start() + 1));
        let mut holes = Vec::new();
        for element in template {
            let part = self.span(element.span());
            match element {
                Element::Literal(_) if !self.text[part.range()].contains(['\\', '$', '%']) => {}
                Element::Interpolation(_) => {
                    holes.push(part.start() - content.start()..part.end() - content.start());
                }
                _ => return Value::Unknown(Why::Expression),
            }
        }
        let text = Text::plain(self.text, span, content);
        Value::Template(Box::new(Template::new(text, holes)))
    }

    /// A string in quotes.
    fn string(&self, span: Span, value: &str) -> Text {
        let content = Span::new(span.start() + 1, (span.end() - 1).max(span.start() + 1));
        segments::string(self.text, span, content, value, escape)
    }
}

/// Returns the length and the meaning of the escape at the start of a text.
fn escape(rest: &str) -> Option<(usize, String)> {
    for (escape, meaning) in [("$${", "${"), ("%%{", "%{")] {
        if rest.starts_with(escape) {
            return Some((escape.len(), meaning.to_owned()));
        }
    }
    let mut characters = rest.strip_prefix('\\')?.chars();
    let kind = characters.next()?;
    let digits = match kind {
        'u' => 4,
        'U' => 8,
        _ => {
            let meaning = match kind {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            };
            return Some((1 + kind.len_utf8(), meaning.to_string()));
        }
    };
    code_point(rest, digits)
}

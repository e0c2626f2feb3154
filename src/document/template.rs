//! Strings of which a tool computes parts.

use std::ops::Range;

use super::{Text, has_template_mark};

/// A string with parts that a tool computes, such as `https://${var.host}`. Only what is between them is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    text: Text,
    /// The computed parts, in bytes of the decoded string; in order, without overlaps, at least one.
    holes: Box<[Range<usize>]>,
}

impl Template {
    /// Creates a template with the given computed parts.
    pub fn new(text: Text, holes: Vec<Range<usize>>) -> Template {
        Template {
            text,
            holes: holes.into(),
        }
    }

    /// Reads a string in which each `${...}` is computed. Returns `None` if it has none, or if it has escapes
    /// or marks of another template language, whose values are not known.
    pub fn parse(text: &Text) -> Option<Template> {
        let value = text.value();
        // `$${` and `${!` are escapes of Terraform and CloudFormation.
        let others = ["$${", "${!", "%{"];
        if has_template_mark(value) || others.iter().any(|mark| value.contains(mark)) {
            return None;
        }
        let mut holes: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some(start) = value[from..].find("${") {
            let start = from + start;
            from = start + closing_brace(&value[start..])?;
            holes.push(start..from);
        }
        (!holes.is_empty()).then(|| Template::new(text.clone(), holes))
    }

    /// The string as written, with the expressions of its computed parts.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The computed parts.
    pub fn holes(&self) -> &[Range<usize>] {
        &self.holes
    }

    /// Returns the string with a letter in place of each byte of a computed part, so that the positions of all
    /// other bytes stay the same.
    pub fn filled(&self) -> String {
        let mut filled = String::with_capacity(self.text.value().len());
        let mut from = 0;
        for hole in &*self.holes {
            filled.push_str(&self.text.value()[from..hole.start]);
            filled.extend(std::iter::repeat_n('x', hole.len()));
            from = hole.end;
        }
        filled.push_str(&self.text.value()[from..]);
        filled
    }
}

/// Returns where the brace ends that a text opens first.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn computed_parts_are_filled() {
        for (text, filled) in [
            ("https://${a}/", Some("https://xxxx/")),
            ("${a}.${ {b} }", Some("xxxx.xxxxxxxx")),
            ("https://a", None),
            ("https://${a", None),
            ("https://$${a}", None),
            ("https://${!a}", None),
            ("https://${a}{{ b }}", None),
            ("%{ if a }${b}%{ endif }", None),
        ] {
            let span = Span::new(0, text.len());
            let template = Template::parse(&Text::plain(&text.into(), span, span));
            let found = template.map(|template| template.filled());
            assert_eq!(found.as_deref(), filled, "{text}");
        }
    }
}

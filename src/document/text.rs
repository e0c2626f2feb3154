//! Strings of a document: the decoded value and the location of each part of that value in the file.

use std::ops::Range;
use std::sync::Arc;

use crate::source::Span;

/// A string and its bytes in the file. It shares the text of the file, so cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Text {
    source: Arc<str>,
    /// The string, including quotes.
    span: Span,
    /// The string without its quotes.
    content: Span,
    /// `None` if the decoded string is the content as it is.
    decoded: Option<Arc<Decoded>>,
}

/// A string that differs from its bytes in the file.
#[derive(Debug)]
struct Decoded {
    value: Box<str>,
    /// In order, starting at byte 0 of the value.
    segments: Box<[Segment]>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.value() == other.value() && self.span == other.span
    }
}

/// A run of a decoded string that is contiguous in the file. Each escape is a segment of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where the segment starts in the decoded string.
    pub value: u32,
    /// Where it starts in the file.
    pub source: u32,
    /// True for an escape, which is never split by a span.
    pub escape: bool,
}

impl Text {
    /// Creates a string without escapes, whose value is the text at `content`.
    pub fn plain(source: &Arc<str>, span: Span, content: Span) -> Text {
        Text {
            source: Arc::clone(source),
            span,
            content,
            decoded: None,
        }
    }

    /// Creates a string with escapes. `segments` are in order and start at byte 0 of the value.
    pub fn escaped(
        source: &Arc<str>,
        span: Span,
        content: Span,
        value: &str,
        segments: Vec<Segment>,
    ) -> Text {
        let (value, segments) = (value.into(), segments.into());
        Text {
            decoded: Some(Arc::new(Decoded { value, segments })),
            ..Text::plain(source, span, content)
        }
    }

    /// The decoded string.
    pub fn value(&self) -> &str {
        match &self.decoded {
            Some(decoded) => &decoded.value,
            None => &self.source[self.content.range()],
        }
    }

    /// The span of the string, including quotes.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Returns true if quotes are around the string.
    pub fn is_quoted(&self) -> bool {
        self.span != self.content && !self.source[self.span.range()].starts_with('<')
    }

    /// Returns true for the tag of a YAML node, such as `!Sub`.
    pub fn is_tag(&self) -> bool {
        self.source.as_bytes().get(self.span.start()) == Some(&b'!')
    }

    /// Returns another text at the same place.
    #[must_use]
    pub fn renamed(&self, value: &str) -> Text {
        let segment = Segment {
            value: 0,
            source: self.span.range().start.try_into().unwrap_or_default(),
            escape: true,
        };
        Text::escaped(&self.source, self.span, self.content, value, vec![segment])
    }

    /// Returns the span of the bytes `part` of the decoded string. An escape is never split.
    pub fn at(&self, part: Range<usize>) -> Span {
        let Some(decoded) = &self.decoded else {
            let start = self.content.start();
            return Span::new(start + part.start, start + part.end);
        };
        let (value, segments) = (&decoded.value, &decoded.segments);
        let close = self.content.end();
        // The segment that contains a byte, and where the next one starts.
        let segment = |byte: usize| {
            let next = segments.partition_point(|segment| segment.value as usize <= byte);
            let end = segments
                .get(next)
                .map_or(close, |next| next.source as usize);
            (segments[next.saturating_sub(1)], end)
        };
        let source = |byte: usize, (segment, _): (Segment, usize)| {
            let inside = if segment.escape {
                0
            } else {
                byte - segment.value as usize
            };
            segment.source as usize + inside
        };
        if part.start >= value.len() {
            return Span::new(close, close);
        }
        let start = source(part.start, segment(part.start));
        if part.is_empty() {
            return Span::new(start, start);
        }
        let last = segment(part.end - 1);
        let end = if last.0.escape {
            last.1
        } else {
            source(part.end - 1, last) + 1
        };
        Span::new(start, end)
    }
}

/// The start of placeholders of template engines, such as Jinja, Helm and ERB.
const TEMPLATE_MARKS: &[&str] = &["{{", "{%", "<%"];

/// Returns true if a text contains a placeholder: its value is known only when it was rendered.
pub fn has_placeholder(text: &str) -> bool {
    // Each mark contains one of these.
    let may_be = memchr::memchr2(b'{', b'<', text.as_bytes()).is_some();
    may_be && (text.contains("${") || text.contains("%{") || has_template_mark(text))
}

/// Returns true if a text contains a placeholder of a template engine, which differs from the `${}` of shells,
/// Terraform and CloudFormation.
pub fn has_template_mark(text: &str) -> bool {
    TEMPLATE_MARKS.iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_plain_string() {
        let source = "          \"https://x\"".into();
        let text = Text::plain(&source, Span::new(10, 21), Span::new(11, 20));
        assert_eq!(text.value(), "https://x");
        assert_eq!(text.at(0..5), Span::new(11, 16));
        assert_eq!(text.at(9..9), Span::new(20, 20));
    }

    /// `"a\/b\u00e9c"` from byte 0: a 1, \/ 2-3, b 4, \u00e9 5-10, c 11.
    #[test]
    fn part_of_an_escaped_string() {
        let segment = |value, source, escape| Segment {
            value,
            source,
            escape,
        };
        let segments = vec![
            segment(0, 1, false),
            segment(1, 2, true),
            segment(2, 4, false),
            segment(3, 5, true),
            segment(5, 11, false),
        ];
        let text = Text::escaped(
            &r#""a\/b\u00e9c""#.into(),
            Span::new(0, 13),
            Span::new(1, 12),
            "a/béc",
            segments,
        );
        assert_eq!(text.at(0..1), Span::new(1, 2));
        assert_eq!(text.at(1..2), Span::new(2, 4));
        assert_eq!(text.at(1..3), Span::new(2, 5));
        assert_eq!(text.at(3..5), Span::new(5, 11));
        assert_eq!(text.at(4..5), Span::new(5, 11));
        assert_eq!(text.at(5..6), Span::new(11, 12));
        assert_eq!(text.at(6..6), Span::new(12, 12));
        assert_eq!(text.at(0..6), Span::new(1, 12));
    }
}

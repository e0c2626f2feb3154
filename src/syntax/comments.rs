//! Finds the comments of a text. A mark inside of a string is none.

use crate::source::Span;
use crate::syntax::CommentMarks;

/// Returns the comments, from their first mark to their last, in order. `string_end` returns where the string ends that
/// starts at a position; `None` if none does.
pub(super) fn comments(
    text: &str,
    marks: &[CommentMarks],
    string_end: &dyn Fn(usize) -> Option<usize>,
) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut comments = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(end) = string_end(at) {
            at = end.max(at + 1);
            continue;
        }
        let is_open = |(open, _): &&CommentMarks| bytes[at..].starts_with(open.as_bytes());
        let Some((open, close)) = marks.iter().find(is_open) else {
            at += 1;
            continue;
        };
        let inside = at + open.len();
        let end = match close.is_empty() {
            true => end_of_line(text, inside),
            false => match text[inside..].find(close) {
                Some(length) => inside + length + close.len(),
                // It is not closed, so that nothing after it is a comment.
                None => break,
            },
        };
        comments.push(Span::new(at, end));
        at = end;
    }
    comments
}

/// Returns the end of the line that contains a position, without its line break.
pub(super) fn end_of_line(text: &str, at: usize) -> usize {
    let bytes = &text.as_bytes()[at..];
    memchr::memchr2(b'\n', b'\r', bytes).map_or(text.len(), |length| at + length)
}

/// Returns the end of a string between `quote`s that starts at a position. It ends with its line, if it is not closed.
pub(super) fn end_of_quoted(text: &str, start: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' | b'\r' => return at,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::syntax::by_name;

    fn comments_of(name: &str, text: &str) -> Vec<String> {
        let text: Arc<str> = text.into();
        let spans = (by_name(name).expect("a known extension").comments)(&text);
        let texts = spans.iter().map(|span| text[span.range()].to_owned());
        texts.collect()
    }

    #[test]
    fn comments_of_json() {
        let text = "{ // a\n \"b // c\\\" // d\": 'e // f', /* g\n// h */ \"i\": 1 /* j";
        assert_eq!(comments_of("a.jsonc", text), ["// a", "/* g\n// h */"]);
        assert!(comments_of("a.json", text).is_empty());
    }

    #[test]
    fn comments_of_xml() {
        let text = "<?x <!-- a --> ?><A><!-- b --><![CDATA[<!-- c -->]]></A><!-- d";
        assert_eq!(comments_of("a.xml", text), ["<!-- b -->"]);
    }

    #[test]
    fn comments_of_yaml() {
        let text =
            "# a\nb: 'c # d' # e\nf: |  # g\n  # h\n  i\nj: \"k\n  # l\" # m\nn#o: p#q # r\n# s";
        let wanted = ["# a", "# e", "# g", "# m", "# r", "# s"];
        assert_eq!(comments_of("a.yaml", text), wanted);
    }

    #[test]
    fn comments_of_yaml_after_an_error() {
        let text = "a: b # c\nd: [ # e\n---\nf: g # h\n";
        let found = comments_of("a.yaml", text);
        assert_eq!(found.first().map(String::as_str), Some("# c"));
        assert_eq!(found.last().map(String::as_str), Some("# h"));
        let starred = "a: [*] # b\n";
        assert_eq!(comments_of("a.yaml", starred), ["# b"]);
    }

    #[test]
    fn comments_of_hcl() {
        let text = "a = \"b # c ${d(\"# e\")} # f\" # g /* h\ni = <<-J\n  # k\n  J\n/* l\n# m */ n = 1 // o\np = \"$${\" # q";
        let wanted = ["# g /* h", "/* l\n# m */", "// o", "# q"];
        assert_eq!(comments_of("a.tf", text), wanted);
    }
}

//! What is not well-formed although the parser accepts it.
//!
//! Source: W3C, 'Extensible Markup Language (XML) 1.0'.

use quick_xml::Error;
use quick_xml::errors::SyntaxError;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesDecl, BytesPI, BytesStart};

use crate::document::Problem;
use crate::source::{BYTE_ORDER_MARK, Edit, Span};

/// Returns the first character that XML does not allow anywhere.
pub(super) fn invalid_character(text: &str, base: usize) -> Option<Problem> {
    let may_be = |byte: u8| byte < b' ' || byte == 0xef;
    if !text.bytes().any(may_be) {
        return None;
    }
    let mut characters = text.char_indices();
    let (at, character) = characters.find(|(_, character)| !is_allowed(*character))?;
    let span = Span::new(base + at, base + at + character.len_utf8());
    let message = format!("U+{:04X} is not allowed in XML", u32::from(character));
    Some(
        Problem::new(span, message)
            .label("invisible in most editors")
            .help("remove it"),
    )
}

fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => character >= ' ',
    }
}

/// Returns an error if more than one byte order mark is before the text, which starts at byte `base`.
pub(super) fn second_byte_order_mark(base: usize) -> Option<Problem> {
    let first = BYTE_ORDER_MARK.len();
    (base > first).then(|| {
        let span = Span::new(first, base);
        let edit = Edit {
            span,
            text: String::new(),
        };
        Problem::new(span, "second byte order mark")
            .label("invisible in most editors")
            .help("remove it")
            .fix("remove it", edit)
    })
}

pub(super) fn unclosed_element(name: &str, start_tag: Span) -> Problem {
    Problem::new(start_tag, format!("unclosed element <{name}>"))
        .label(format!("</{name}> is missing"))
        .help(format!("add </{name}>"))
}

pub(super) fn document_type(span: Span) -> Problem {
    Problem::new(span, "a DOCTYPE is not allowed in a CORS policy")
        .label("document type declaration")
        .help("remove it")
}

/// The error at which the parser stops: the end of something is missing.
pub(super) fn unterminated(error: &Error, span: Span) -> Problem {
    let (what, end) = match error {
        Error::Syntax(SyntaxError::UnclosedComment) => ("comment", "-->"),
        Error::Syntax(SyntaxError::UnclosedCData) => ("CDATA section", "]]>"),
        Error::Syntax(SyntaxError::UnclosedDoctype) => ("DOCTYPE", ">"),
        Error::Syntax(SyntaxError::UnclosedPI) => ("processing instruction", "?>"),
        Error::Syntax(SyntaxError::UnclosedXmlDecl) => ("XML declaration", "?>"),
        Error::Syntax(SyntaxError::UnclosedSingleQuotedAttributeValue) => ("attribute value", "'"),
        Error::Syntax(SyntaxError::UnclosedDoubleQuotedAttributeValue) => ("attribute value", "\""),
        Error::Syntax(SyntaxError::InvalidBangMarkup) => ("declaration", ">"),
        _ => ("tag", ">"),
    };
    Problem::new(span.first(1), format!("unterminated {what}"))
        .label("starts here")
        .help(format!("end it with {end}"))
}

/// Checks the name of an element or attribute.
pub(super) fn of_name(name: &str, span: Span) -> Option<Problem> {
    let is_valid = name.starts_with(starts_a_name) && name.chars().all(continues_a_name);
    (!is_valid).then(|| {
        if name.is_empty() {
            // The `<` before it.
            let span = Span::new(span.start() - 1, span.end());
            return Problem::new(span, "< without a name after it")
                .label("starts a tag")
                .help("write &lt; for the character itself");
        }
        Problem::new(span, format!("invalid name: {name}"))
            .label("not a name in XML")
            .help("start it with a letter, and use letters, digits, hyphens and periods only")
    })
}

fn starts_a_name(character: char) -> bool {
    match character {
        '_' | ':' => true,
        _ if character.is_ascii() => character.is_ascii_alphabetic(),
        '\u{c0}'..='\u{2ff}' => !matches!(character, '\u{d7}' | '\u{f7}'),
        '\u{37e}' => false,
        _ => matches!(
            character,
            '\u{370}'..='\u{1fff}'
                | '\u{200c}'..='\u{200d}'
                | '\u{2070}'..='\u{218f}'
                | '\u{2c00}'..='\u{2fef}'
                | '\u{3001}'..='\u{d7ff}'
                | '\u{f900}'..='\u{fdcf}'
                | '\u{fdf0}'..='\u{fffd}'
                | '\u{10000}'..='\u{effff}'
        ),
    }
}

fn continues_a_name(character: char) -> bool {
    starts_a_name(character)
        || character.is_ascii_digit()
        || matches!(
            character,
            '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}'
        )
}

/// The problem with a tag that contains the next one.
pub(super) fn unterminated_tag(tag: Span, name: &str) -> Problem {
    Problem::new(tag, format!("unterminated tag: {name}"))
        .label("starts here")
        .help("end it with >")
}

/// Checks the attributes of a tag. The error is one after which it is not clear where the tag ends.
pub(super) fn of_attributes(
    tag: &BytesStart<'_>,
    span: Span,
) -> Result<Vec<Problem>, Box<Problem>> {
    let mut problems = Vec::new();
    for attribute in tag.attributes() {
        let Ok(attribute) = attribute else {
            if tag.attributes_raw().contains('<') {
                let name = tag.name().0;
                let start = span.first(1 + name.len());
                return Err(Box::new(unterminated_tag(start, name)));
            }
            let problem = Problem::new(span, format!("malformed attributes in <{}>", tag.name().0))
                .label("each is written as name=\"value\", once")
                .help("remove or correct them");
            return Err(Box::new(problem));
        };
        problems.extend(of_name(attribute.key.0, span));
        let value = attribute.value.as_ref();
        if value.contains('<')
            || value
                .split('&')
                .skip(1)
                .any(|rest| reference(rest).is_none())
        {
            problems.push(
                Problem::new(span, format!("unescaped character in {}", attribute.key.0))
                    .label("in this tag")
                    .help("write &lt; for < and &amp; for &"),
            );
        }
    }
    Ok(problems)
}

/// Returns the character of the reference at the start of a text, after its `&`.
fn reference(text: &str) -> Option<char> {
    let (name, _) = text.split_once(';')?;
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let digits = number.strip_prefix('x');
            let radix = if digits.is_some() { 16 } else { 10 };
            let digits = digits.unwrap_or(number);
            let is_digit = |c: char| c.is_digit(radix);
            if digits.is_empty() || !digits.chars().all(is_digit) {
                return None;
            }
            let code = u32::from_str_radix(digits, radix).ok()?;
            char::from_u32(code).filter(|character| is_allowed(*character))
        }
    }
}

/// Returns the character of a reference, or the problem with it.
pub(super) fn character(name: &str) -> Result<char, impl Fn(Span) -> Problem> {
    reference(&format!("{name};")).ok_or_else(|| {
        let name = name.to_owned();
        move |span| {
            let what = match name.starts_with('#') {
                true => "invalid character reference",
                false => "unknown entity",
            };
            Problem::new(span, format!("{what}: &{name};"))
                .label("stands for no character")
                .help("write the character itself; XML knows &amp;, &lt;, &gt;, &quot; and &apos;")
        }
    })
}

/// Checks the text between tags.
pub(super) fn of_text(text: &str, span: Span) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, _) in text.match_indices('&') {
        let ampersand = Span::new(span.start() + at, span.start() + at + 1);
        let edit = Edit {
            span: ampersand,
            text: "&amp;".to_owned(),
        };
        problems.push(
            Problem::new(ampersand, "unescaped &")
                .label("starts an entity")
                .help("write &amp;")
                .fix("write &amp;", edit),
        );
    }
    if let Some(at) = text.find("]]>") {
        let end = Span::new(span.start() + at, span.start() + at + 3);
        problems.push(
            Problem::new(end, "]]> outside of a CDATA section")
                .label("no section ends here")
                .help("write ]]&gt; for the characters themselves"),
        );
    }
    problems
}

/// Checks a comment: two hyphens end it.
pub(super) fn of_comment(text: &str, span: Span) -> Option<Problem> {
    let at = text.find("--").or_else(|| {
        let is_cut = text.ends_with('-');
        is_cut.then(|| text.len() - 1)
    })?;
    let start = span.start() + "<!--".len() + at;
    Some(
        Problem::new(Span::new(start, start + 2), "-- inside a comment")
            .label("not allowed in XML")
            .help("write one hyphen"),
    )
}

/// Checks a processing instruction.
pub(super) fn of_instruction(instruction: &BytesPI<'_>, span: Span) -> Option<Problem> {
    let target = instruction.target();
    if target.eq_ignore_ascii_case("xml") {
        return Some(misplaced_declaration(span));
    }
    of_name(
        target,
        Span::new(span.start() + 2, span.start() + 2 + target.len()),
    )
}

/// Checks an XML declaration.
pub(super) fn of_declaration(
    declaration: &BytesDecl<'_>,
    is_first: bool,
    span: Span,
) -> Option<Problem> {
    if !is_first {
        return Some(misplaced_declaration(span));
    }
    if is_declaration(declaration) {
        return None;
    }
    Some(
        Problem::new(span, "malformed XML declaration")
            .label("not a version, and then an encoding")
            .help("write <?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
    )
}

/// Returns true if a declaration has a version, perhaps an encoding and a `standalone`, in this order.
fn is_declaration(declaration: &str) -> bool {
    let mut expected = [("version", "1."), ("encoding", ""), ("standalone", "")].into_iter();
    let mut has_version = false;
    for attribute in Attributes::new(declaration, "xml".len()) {
        let Ok(attribute) = attribute else {
            return false;
        };
        let value = attribute.value.as_ref();
        let mut expected = expected
            .by_ref()
            .skip_while(|(name, _)| *name != attribute.key.0);
        let is_expected = expected
            .next()
            .is_some_and(|(_, start)| value.starts_with(start));
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_named = value.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !is_expected || !is_named || !value.chars().all(is_word) {
            return false;
        }
        has_version |= attribute.key.0 == "version";
    }
    has_version
}

fn misplaced_declaration(span: Span) -> Problem {
    Problem::new(span, "XML declaration after the start of the file")
        .label("allowed only before everything else, also before white space")
        .help("move it to the start, or remove it")
}

//! Finds the bracket that makes a text unbalanced. A parser only knows that a bracket is unexpected; which one
//! is missing or extra depends on the rest of the text.

/// A bracket that doesn't match.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unbalanced {
    /// The bracket at `open` is not closed before the closing bracket at `at`.
    NotClosed { open: usize, at: usize },
    /// The closing bracket at `at` closes nothing.
    Extra { at: usize },
}

impl Unbalanced {
    /// The position of the closing bracket at which the imbalance shows.
    pub(super) fn at(&self) -> usize {
        match self {
            Unbalanced::NotClosed { at, .. } | Unbalanced::Extra { at } => *at,
        }
    }
}

/// Returns the first closing bracket that doesn't match; `None` if there is none.
pub(super) fn first_unbalanced(body: &str) -> Option<Unbalanced> {
    let brackets = brackets(body);
    let mut open: Vec<(usize, u8)> = Vec::new();
    for (index, &(at, bracket)) in brackets.iter().enumerate() {
        if matches!(bracket, b'[' | b'{') {
            open.push((at, bracket));
            continue;
        }
        match open.last() {
            None => return Some(Unbalanced::Extra { at }),
            Some(&(_, opening)) if closes(opening, bracket) => {
                open.pop();
            }
            Some(&(opened, _)) => {
                let rest = &brackets[index + 1..];
                let without_it = is_balanced(open.clone(), rest);
                let with_closed = {
                    let mut open = open.clone();
                    open.pop();
                    is_balanced(open, &brackets[index..])
                };
                return Some(match without_it && !with_closed {
                    true => Unbalanced::Extra { at },
                    false => Unbalanced::NotClosed { open: opened, at },
                });
            }
        }
    }
    None
}

/// Returns the brace before `end` that closes an object too early: without it, the brackets match.
pub(super) fn early_brace(body: &str, end: usize) -> Option<usize> {
    let mut brackets = brackets(body);
    let before = brackets.partition_point(|(at, _)| *at < end);
    let last = brackets[..before].last()?;
    let at = (last.1 == b'}').then_some(last.0)?;
    brackets.remove(before - 1);
    is_balanced(Vec::new(), &brackets).then_some(at)
}

/// Returns the position of the innermost bracket that is open at `end`, if it is a list's.
pub(super) fn open_list(body: &str, end: usize) -> Option<usize> {
    let (at, bracket) = innermost(body, end)?;
    (bracket == b'[').then_some(at)
}

/// Returns the innermost bracket that is open at `end`, and its position.
pub(super) fn innermost(body: &str, end: usize) -> Option<(usize, u8)> {
    let mut open: Vec<(usize, u8)> = Vec::new();
    for (at, bracket) in brackets(body).into_iter().take_while(|(at, _)| *at < end) {
        if matches!(bracket, b'[' | b'{') {
            open.push((at, bracket));
        } else {
            open.pop();
        }
    }
    open.pop()
}

fn closes(opening: u8, closing: u8) -> bool {
    matches!((opening, closing), (b'[', b']') | (b'{', b'}'))
}

/// Returns true if the brackets close exactly what is open.
fn is_balanced(mut open: Vec<(usize, u8)>, brackets: &[(usize, u8)]) -> bool {
    for &(at, bracket) in brackets {
        if matches!(bracket, b'[' | b'{') {
            open.push((at, bracket));
        } else if !open
            .pop()
            .is_some_and(|(_, opening)| closes(opening, bracket))
        {
            return false;
        }
    }
    open.is_empty()
}

/// Returns the brackets outside of strings and comments.
fn brackets(body: &str) -> Vec<(usize, u8)> {
    let bytes = body.as_bytes();
    let mut brackets = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => at = string_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let rest = &bytes[at..];
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                at = end.map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = body[at + 2..].find("*/");
                at = end.map_or(bytes.len(), |end| at + 2 + end + 1);
            }
            b'[' | b']' | b'{' | b'}' => brackets.push((at, byte)),
            _ => {}
        }
        at += 1;
    }
    brackets
}

/// Returns the position of the quote that ends a string, or of the end of its line.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' => break,
            _ if byte == bytes[start] => break,
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brace_that_ends_an_object_too_early_is_found() {
        let text = "[{\"a\": [1]}, \"b\": [2]}]";
        assert_eq!(early_brace(text, 13), Some(10));
        assert_eq!(early_brace("[{\"a\": [1]}, \"b\": [2]]", 13), None);
        assert_eq!(early_brace("[1, \"b\": 2]", 7), None);
    }

    #[test]
    fn the_bracket_at_fault_is_found() {
        let not_closed = |open, at| Some(Unbalanced::NotClosed { open, at });
        let extra = |at| Some(Unbalanced::Extra { at });
        for (text, expected) in [
            ("[]", None),
            ("[{\"a]\": '}', /* ] */ \"b\": [1]}] // }", None),
            ("[{\"a\": [1}]", not_closed(7, 9)),
            ("[{\"a\": 1]", not_closed(1, 8)),
            ("[{\"a\": [1]]}]", extra(10)),
            ("[1]]", extra(3)),
            ("[{}", None),
            ("]", extra(0)),
            ("[{\"a\": \"\\\"]\"}", None),
        ] {
            assert_eq!(first_unbalanced(text), expected, "{text}");
        }
    }
}

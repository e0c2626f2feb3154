//! Patterns with a `*`.

use super::Match;

/// Returns true if a pattern with at most one `*`, which stands for any characters, matches a text.
/// Further stars are literal: providers with this rule reject such entries.
pub fn wildcard_matches(pattern: &str, text: &str) -> bool {
    match split_at_star(pattern) {
        None => pattern == text,
        Some((prefix, suffix)) => {
            text.len() >= prefix.len() + suffix.len()
                && text.starts_with(prefix)
                && text.ends_with(suffix)
        }
    }
}

/// Returns the text before and after the first `*`; `None` if the pattern has no `*`.
pub fn split_at_star(pattern: &str) -> Option<(&str, &str)> {
    let star = memchr::memchr(b'*', pattern.as_bytes())?;
    Some((&pattern[..star], &pattern[star + 1..]))
}

/// Returns `Unknown` if an entry could match a text when each `*` matches any characters and case is
/// ignored, since the provider's comparison is undocumented.
pub(super) fn may_match(pattern: &str, text: &str) -> Match {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    match glob_matches(&pattern, &text) {
        true => Match::Unknown,
        false => Match::No,
    }
}

/// Returns true if a pattern matches an origin when `*` matches only letters, digits and hyphens.
pub(super) fn matches_within_label(pattern: &str, origin: &str) -> bool {
    pattern.split_once('*').is_some_and(|(before, after)| {
        let rest = origin.strip_prefix(before);
        let middle = rest.and_then(|rest| rest.strip_suffix(after));
        let is_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
        middle.is_some_and(|middle| !middle.is_empty() && middle.chars().all(is_label))
    })
}

/// Returns true if a text matches a pattern in which each `*` matches any characters.
fn glob_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_stars_match_their_parts_in_order() {
        let cases = [
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*bb*b", "axbb", false),
            ("a*bb*b", "axbbb", true),
            ("*a*", "bab", true),
        ];
        for (pattern, text, matches) in cases {
            assert_eq!(glob_matches(pattern, text), matches, "{pattern} {text}");
        }
    }
}

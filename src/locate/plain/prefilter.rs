//! A byte search that avoids parsing files that can't contain a policy.

use std::sync::LazyLock;

use aho_corasick::packed;
use memchr::memmem;

use super::RECOGNIZERS;
use crate::skip::NO_KEYS;
use crate::source::BYTE_ORDER_MARK;

/// The last letters of all words. Searching for a few suffixes in one pass is faster than a case-insensitive
/// search for each word; each hit is then compared in full. The wrapper key may or may not start with a capital
/// letter. None of them overlaps another one, because a search that found one goes on after it.
const SUFFIXES: &[&str] = &["rigin", "ethod", "peration", "SRule", "sRule", "srule"];

/// Finds the suffixes in text.
struct Searcher {
    /// `None` on a processor without vector instructions.
    packed: Option<packed::Searcher>,
    /// The words that end in each suffix.
    words: Vec<Vec<&'static str>>,
}

static SEARCHER: LazyLock<Searcher> = LazyLock::new(|| {
    let words = || {
        let words = RECOGNIZERS
            .iter()
            .flat_map(|words| words.origins.iter().chain(words.methods));
        words.copied().chain([WRAPPER])
    };
    let ending_in = |suffix: &&str| {
        let suffix = suffix.to_ascii_lowercase();
        let mut words: Vec<_> = words().filter(|word| word.ends_with(&suffix)).collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    Searcher {
        packed: packed::Searcher::new(SUFFIXES),
        words: SUFFIXES.iter().map(ending_in).collect(),
    }
});

/// The starts of the names of XML elements, in lower case except for the last letters.
const XML_WORDS: &[&str] = &["corsConfig", "corsRule", "corsRULE"];

/// The key of a wrapper, in lower case.
const WRAPPER: &str = "corsrule";

/// Returns true if a file may contain a policy, that is, if it has a key for origins, for methods, or
/// for a wrapper. One key is enough, since the others may be missing or misspelled.
pub fn prefilter_matches(bytes: &[u8]) -> bool {
    if is_xml(bytes) {
        return xml_matches(bytes);
    }
    let searcher = &*SEARCHER;
    let ends_a_word = |suffix: usize, end: usize| {
        searcher.words[suffix].iter().any(|word| {
            let is_there = |start: usize| bytes[start..end].eq_ignore_ascii_case(word.as_bytes());
            // A word with a quote is a key only if a colon follows.
            let is_quoted = !word.as_bytes()[0].is_ascii_alphabetic();
            end.checked_sub(word.len()).is_some_and(is_there)
                && (!is_quoted || is_key_end(&bytes[end..]))
        }) || is_unquoted_origin(bytes, end)
    };
    match &searcher.packed {
        Some(packed) => packed
            .find_iter(bytes)
            .any(|hit| ends_a_word(hit.pattern().as_usize(), hit.end())),
        None => SUFFIXES.iter().enumerate().any(|(index, suffix)| {
            let mut starts = memmem::find_iter(bytes, suffix);
            starts.any(|start| ends_a_word(index, start + suffix.len()))
        }),
    }
}

/// Returns true if a key for origins ends at `end`, without quotes, as in YAML and HCL.
fn is_unquoted_origin(bytes: &[u8], end: usize) -> bool {
    const WORD: &[u8] = b"origin";
    let Some(start) = end.checked_sub(WORD.len()) else {
        return false;
    };
    let is_first = start == 0 || matches!(bytes[start - 1], b' ' | b'\n' | b'\t' | b'{');
    let rest = &bytes[end..];
    let rest = rest.strip_prefix(b"s").unwrap_or(rest);
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    let is_assigned = rest.starts_with(b":") || rest[blanks..].starts_with(b"=");
    &bytes[start..end] == WORD && is_first && is_assigned
}

/// Returns true if a file starts as XML does.
fn is_xml(bytes: &[u8]) -> bool {
    let body = bytes
        .strip_prefix(BYTE_ORDER_MARK.as_bytes())
        .unwrap_or(bytes);
    let start = body.trim_ascii_start();
    // A merge conflict may be in any syntax.
    start.starts_with(b"<") && !start.starts_with(b"<<<<<<<")
}

/// Returns true if XML may contain the root element of a policy, or a rule.
fn xml_matches(bytes: &[u8]) -> bool {
    XML_WORDS.iter().any(|word| {
        let suffix = &word[word.len() - 3..];
        memmem::find_iter(bytes, suffix).any(|at| {
            let end = at + suffix.len();
            let start = end.checked_sub(word.len());
            start.is_some_and(|start| bytes[start..end].eq_ignore_ascii_case(word.as_bytes()))
        })
    })
}

/// Returns true if the bytes complete a key: optional letters, a quote, then a colon.
fn is_key_end(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let rest = &bytes[letters.count()..];
    let rest = ["\"", "'", "”"]
        .iter()
        .find_map(|quote| rest.strip_prefix(quote.as_bytes()));
    rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// Returns true if a file that can't be parsed was probably meant as a policy: it has a key for origins
/// and a key for methods of the same provider, and any other key that this provider requires.
pub fn looks_like_policy(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    if is_xml(text.as_bytes()) {
        let names = ["corsconfiguration", "corsconfig", "corsrule"];
        return names.iter().any(|name| {
            let tags = [format!("<{name}"), format!(":{name}")];
            tags.iter().any(|tag| text.contains(tag))
        });
    }
    let contains = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // Terraform's keys.
    if contains(&["cors_rule", "r2_bucket_cors"]) && contains(&["allowed_origin", "origins"]) {
        return true;
    }
    RECOGNIZERS.iter().any(|words| {
        contains(words.origins)
            && contains(words.methods)
            && (words.others.is_empty() || contains(words.others))
    })
}

/// Returns what a well-formed file still needs to be recognized as a policy of the provider whose keys
/// it contains.
pub fn missing_keys_hint(text: &str) -> &'static str {
    let text = text.to_ascii_lowercase();
    let contains = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let near = RECOGNIZERS
        .iter()
        .find(|words| contains(words.origins) || contains(words.methods));
    near.map_or(NO_KEYS, |words| words.requirement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_enough() {
        for text in [
            "{\"AllowedOrigins\"",
            "{\"AlowedOrigins\":[],\"AllowedMethods\"",
            "'origin' : 1",
            "“method”:",
            "\"origins\"\n:",
            "{\"CORSRules\"",
            "{\"corsRules\"",
            "allowedOperations",
        ] {
            assert!(prefilter_matches(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "rigin",
            "original method",
            "{\"version\": \"1\"}",
            "corsRul",
            "operations",
            "[\"origin\", \"method\"]",
        ] {
            assert!(!prefilter_matches(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn every_word_ends_in_a_suffix() {
        for words in RECOGNIZERS {
            for word in words.origins.iter().chain(words.methods) {
                let text = format!("{word}\":");
                assert!(prefilter_matches(text.as_bytes()), "{word}");
            }
        }
        assert!(prefilter_matches(WRAPPER.as_bytes()));
    }
}

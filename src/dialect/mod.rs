//! Recognises the policies in a document and maps what their authors wrote to the provider's own
//! keys. One file for each provider.
//!
//! Content decides, a file's name does not. Each key of an object is looked up ([`keys`]): the
//! provider's own spelling, another reader's, a slip, or something else. A dialect then weighs what
//! it found, so that a policy with a mistake is still one, and the settings of a server, which
//! share some of the words, are none. The weights are counts of keys: a policy has few keys, all of
//! which mean something, while look-alikes are objects of another kind in which one key happens to
//! fit.

mod b2;
mod evidence;
mod gcs;
mod keys;
mod map;
mod r2;
mod s3;

use std::sync::LazyLock;

use memchr::memmem;

use crate::document::{Document, Member, Node, View};
use crate::finding::Finding;
use crate::policy::{Policy, Provider};
use crate::schema::{Checked, Schema};
use crate::source::Span;
use keys::{Known, Meaning, look_up};

/// The lint of doubled keys.
pub const DUPLICATE_KEY: &str = "duplicate-key";

/// A provider's way to write a policy.
pub struct Dialect {
    /// Who reads it.
    pub provider: Provider,
    /// What `--provider` calls it.
    pub name: &'static str,
    /// The keys of a rule.
    keys: &'static [(Meaning, &'static str)],
    /// An object in each rule that holds some of the fields, and its keys (R2's `allowed`).
    nested: Option<(&'static str, &'static [(Meaning, &'static str)])>,
    /// Letters of a policy, in lower case: of its keys for origins, of those for methods, and of
    /// others that belong to it. A file with one of the first two is read; one that cannot be read
    /// must hold one of each to be called a policy. An empty list asks for nothing.
    marks: [&'static [&'static str]; 3],
    /// What a file lacks that is no policy of this provider.
    needs: &'static str,
    /// The shape, and the command that reads it, for the author of another provider's.
    shape: &'static str,
    command: &'static str,
    /// Finds the policies.
    find: for<'d> fn(&'d Node<'d>) -> Vec<Place<'d>>,
    /// Takes the whole document for a policy, whatever it looks like.
    force: for<'d> fn(&'d Node<'d>) -> Place<'d>,
    /// What the provider refuses and a schema cannot say.
    also_refused: fn(&Policy<'_>, &mut Vec<Finding>),
}

/// The dialects, in the order in which they are asked.
pub static DIALECTS: &[Dialect] = &[s3::DIALECT, r2::DIALECT, b2::DIALECT, gcs::DIALECT];

/// One policy in a file.
#[derive(Debug)]
pub struct Site<'d> {
    /// Who reads it.
    pub provider: Provider,
    /// The schema of its shape.
    pub schema: &'static Schema,
    /// Where in the document it is, where the document holds more than the policy; else empty.
    pub address: String,
    /// The bracket that opens it.
    pub head: Span,
    /// The policy under the provider's own keys.
    pub view: View<'d>,
    /// What was wrong with the keys.
    pub findings: Vec<Finding>,
    rules: Vec<map::Rule<'d>>,
    also_refused: fn(&Policy<'_>, &mut Vec<Finding>),
}

/// Where a dialect saw a policy.
struct Place<'d> {
    /// The list of rules, or the object that holds it.
    node: &'d Node<'d>,
    shape: Shape<'d>,
    /// The rules.
    rules: &'d [Node<'d>],
    address: String,
    schema: &'static Schema,
}

/// How the rules stand in their place.
enum Shape<'d> {
    /// The place is their list.
    List,
    /// The place is an object that holds them in a member, and the provider's key for that.
    Wrapped(&'static str, &'d Member<'d>),
    /// The place is one rule, without the list around it.
    Lone,
    /// The place is their list, without the object around it that would hold them under this key.
    Unwrapped(&'static str),
}

impl<'d> Place<'d> {
    fn list(node: &'d Node<'d>, schema: &'static Schema) -> Place<'d> {
        Place {
            node,
            shape: Shape::List,
            rules: node.items().unwrap_or_default(),
            address: String::new(),
            schema,
        }
    }

    fn wrapped(
        node: &'d Node<'d>,
        key: &'static str,
        member: &'d Member<'d>,
        schema: &'static Schema,
    ) -> Place<'d> {
        Place {
            shape: Shape::Wrapped(key, member),
            rules: member.value.items().unwrap_or_default(),
            ..Place::list(node, schema)
        }
    }

    fn lone(node: &'d Node<'d>, schema: &'static Schema) -> Place<'d> {
        Place {
            shape: Shape::Lone,
            rules: std::slice::from_ref(node),
            ..Place::list(node, schema)
        }
    }

    fn unwrapped(node: &'d Node<'d>, key: &'static str, schema: &'static Schema) -> Place<'d> {
        Place {
            shape: Shape::Unwrapped(key),
            ..Place::list(node, schema)
        }
    }

    fn at(mut self, address: impl Into<String>) -> Place<'d> {
        self.address = address.into();
        self
    }
}

/// The policies of a document. With `forced` the whole document is read as that provider's policy
/// where it does not look like any.
pub fn find<'d>(document: &'d Document<'d>, forced: Option<Provider>) -> Vec<Site<'d>> {
    for dialect in DIALECTS {
        let places = (dialect.find)(&document.root);
        if !places.is_empty() {
            let sites = places.into_iter().map(|place| map::map(place, dialect));
            return sites.collect();
        }
    }
    let forced = DIALECTS
        .iter()
        .filter(|dialect| Some(dialect.provider) == forced);
    forced
        .map(|dialect| map::map((dialect.force)(&document.root), dialect))
        .collect()
}

/// The lists of rules that stand in a bucket as its provider's command prints it, or in a list of
/// buckets: the members called one of `keys` whose value `is_rules`.
fn in_buckets<'d>(
    root: &'d Node<'d>,
    keys: &[&str],
    is_rules: impl Fn(&[Node<'_>]) -> bool,
    schema: &'static Schema,
) -> Vec<Place<'d>> {
    let in_bucket = |bucket: &'d Node<'d>| {
        let members = bucket.members()?;
        let member = members
            .iter()
            .rev()
            .find(|member| keys.contains(&member.key.value()))?;
        is_rules(member.value.items()?)
            .then(|| Place::list(&member.value, schema).at(member.key.value()))
    };
    let Some(buckets) = root.items() else {
        return in_bucket(root).into_iter().collect();
    };
    let buckets = buckets.iter().enumerate();
    let places = buckets.filter_map(|(index, bucket)| {
        let place = in_bucket(bucket)?;
        let address = format!("[{index}].{}", place.address);
        Some(place.at(address))
    });
    places.collect()
}

/// Tails of the letters that a file must hold to be worth reading: they tell at the speed of memory,
/// and the rest of the letters is compared where one is found. The wrapper's word is written with a
/// capital or without.
static TAILS: LazyLock<Vec<memmem::Finder<'static>>> = LazyLock::new(|| {
    const LETTERS: &[&str] = &["rigin", "ethod", "ration", "SRule", "sRule", "srule"];
    LETTERS
        .iter()
        .map(|tail| memmem::Finder::new(*tail))
        .collect()
});

/// A key of a wrapper, in lower case.
const WRAPPER_MARK: &str = "corsrule";

/// Whether a file may hold a policy: it has the letters of a key for origins or for methods, or of a
/// wrapper. Any one is enough, for any other may be what is missing or misspelt.
pub fn may_hold_policy(bytes: &[u8]) -> bool {
    let is_mark = |end: usize| {
        let marks = DIALECTS.iter().flat_map(|dialect| {
            let [origins, methods, _] = dialect.marks;
            origins.iter().chain(methods)
        });
        marks.chain(&[WRAPPER_MARK]).any(|mark| {
            let start = end.checked_sub(mark.len());
            let is_there = |start: usize| bytes[start..end].eq_ignore_ascii_case(mark.as_bytes());
            // A word with its quote is that of a key only if a colon follows.
            let is_word = mark.as_bytes()[0].is_ascii_alphabetic();
            start.is_some_and(is_there) && (is_word || is_key_end(&bytes[end..]))
        })
    };
    TAILS.iter().any(|tail| {
        let length = tail.needle().len();
        tail.find_iter(bytes).any(|start| is_mark(start + length))
    })
}

/// Whether what follows some letters is the rest of a key: more letters, a quote, a colon.
fn is_key_end(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let rest = &bytes[letters.count()..];
    let rest = ["\"", "'", "”"]
        .iter()
        .find_map(|quote| rest.strip_prefix(quote.as_bytes()));
    rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// Whether a file that cannot be read is meant as a policy: it has a key for origins and one for
/// methods, both of one provider, and what else that provider's policies can be told by.
pub fn is_meant_as_policy(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    DIALECTS.iter().any(|dialect| {
        let holds =
            |marks: &&[&str]| marks.is_empty() || marks.iter().any(|mark| text.contains(mark));
        dialect.marks.iter().all(holds)
    })
}

/// What a well-formed file lacks that is no policy, told for the provider whose keys it has.
pub fn what_is_missing(text: &str) -> &'static str {
    let text = text.to_ascii_lowercase();
    let near = DIALECTS.iter().find(|dialect| {
        let [origins, methods, _] = dialect.marks;
        origins
            .iter()
            .chain(methods)
            .any(|mark| text.contains(mark))
    });
    near.map_or(
        "it has none of the keys of a CORS policy, such as AllowedOrigins (S3) or origin (GCS)",
        |dialect| dialect.needs,
    )
}

impl Dialect {
    /// What a key at the top of a rule is.
    fn look_up(&self, key: &str) -> Known {
        self.merge_headers(look_up(key, self.keys))
    }

    /// What a key in the object of some of the fields is.
    fn look_up_nested(&self, key: &str) -> Known {
        let nested = self.nested.map_or(&[][..], |(_, keys)| keys);
        self.merge_headers(look_up(key, nested))
    }

    /// Where a provider has one list for the headers of requests and of responses, both mean it.
    fn merge_headers(&self, known: Known) -> Known {
        if self.has(Meaning::AllowedHeaders) {
            return known;
        }
        known.map(|meaning| match meaning {
            Meaning::AllowedHeaders => Meaning::ExposedHeaders,
            other => other,
        })
    }

    fn has(&self, meaning: Meaning) -> bool {
        self.nested_spelling(meaning).is_some()
            || self.keys.iter().any(|(known, _)| *known == meaning)
    }

    /// The provider's key for a field in the nested object.
    fn nested_spelling(&self, meaning: Meaning) -> Option<&'static str> {
        let (_, keys) = self.nested?;
        let found = keys.iter().find(|(known, _)| *known == meaning);
        found.map(|(_, name)| *name)
    }

    /// The provider's key for a field at the top of a rule; empty where it is nested.
    fn spelling(&self, meaning: Meaning) -> &'static str {
        let found = self.keys.iter().find(|(known, _)| *known == meaning);
        found.map_or("", |(_, name)| name)
    }

    /// The provider's key as messages name it, with the object that holds it.
    fn full_spelling(&self, meaning: Meaning) -> String {
        match (self.nested, self.nested_spelling(meaning)) {
            (Some((object, _)), Some(name)) => format!("{object}.{name}"),
            _ => self.spelling(meaning).to_owned(),
        }
    }
}

impl<'d> Site<'d> {
    /// The policy, after the schema check: what was refused is unknown.
    pub fn policy(&self, checked: &Checked) -> Policy<'d> {
        let rules = self.rules.iter().enumerate();
        Policy {
            provider: self.provider,
            rules: rules
                .map(|(index, rule)| rule.read(index, self.provider, checked))
                .collect(),
        }
    }

    /// Findings for what the provider refuses and a schema cannot say.
    pub fn also_refused(&self, policy: &Policy<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        (self.also_refused)(policy, &mut findings);
        findings
    }

    /// The nodes of its rules.
    pub fn rule_nodes(&self) -> impl Iterator<Item = &'d Node<'d>> + '_ {
        self.rules.iter().map(map::Rule::node)
    }

    /// How many rules it has.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_for_the_letters_of_one_key() {
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
            assert!(may_hold_policy(text.as_bytes()), "{text}");
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
            assert!(!may_hold_policy(text.as_bytes()), "{text}");
        }
    }

    /// Every mark ends in one of the tails, or it would never be found.
    #[test]
    fn every_mark_has_a_tail() {
        let marks = DIALECTS.iter().flat_map(|dialect| {
            let [origins, methods, _] = dialect.marks;
            origins.iter().chain(methods)
        });
        for mark in marks.chain(&[WRAPPER_MARK]) {
            let text = format!("{mark}\":");
            assert!(may_hold_policy(text.as_bytes()), "{mark}");
        }
    }
}

//! Classifies the keys of a rule: the dialect's own key, another tool's key, or a misspelled key.
//!
//! Using another tool's key is the most common mistake, so this module knows the keys of all tools.

use std::sync::LazyLock;

use super::{DIALECTS, Dialect, FieldKey};
use crate::field::Field;

/// The classification of a key in a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// The dialect's own key.
    Own(Field),
    /// Another tool's key; [`owners`] names the tools.
    Foreign(Field),
    /// A key that no tool uses but that is similar to a known key.
    Misspelled(Field),
    /// A key that matches no field.
    Unknown,
}

impl KeyMatch {
    /// Returns the field that the key means; `None` if unknown.
    pub fn field(self) -> Option<Field> {
        match self {
            KeyMatch::Own(field) | KeyMatch::Foreign(field) | KeyMatch::Misspelled(field) => {
                Some(field)
            }
            KeyMatch::Unknown => None,
        }
    }

    /// Returns true for the dialect's own key.
    pub fn is_own(self) -> bool {
        matches!(self, KeyMatch::Own(_))
    }
}

/// The keys of tools that have no dialect here: key, field, and the tool's name in messages.
const OTHER_TOOLS: &[(&str, Field, &str)] = &[
    ("allowedMethods", Field::Methods, "Azure"),
    ("exposedHeaders", Field::ExposedHeaders, "Azure"),
    ("maxAgeInSeconds", Field::MaxAge, "Azure"),
    ("Access-Control-Allow-Origin", Field::Origins, "HTTP"),
    ("Access-Control-Allow-Methods", Field::Methods, "HTTP"),
    (
        "Access-Control-Allow-Headers",
        Field::AllowedHeaders,
        "HTTP",
    ),
    (
        "Access-Control-Expose-Headers",
        Field::ExposedHeaders,
        "HTTP",
    ),
    ("Access-Control-Max-Age", Field::MaxAge, "HTTP"),
];

/// Keys that belong to no tool but can only mean one field.
const TYPOS: &[(&str, Field)] = &[
    ("exposed", Field::ExposedHeaders),
    ("exposedHeader", Field::ExposedHeaders),
    ("responseHeaders", Field::ExposedHeaders),
    ("maxAge", Field::MaxAge),
    ("maxAgeSec", Field::MaxAge),
    ("allowOrigin", Field::Origins),
    ("allowOrigins", Field::Origins),
    ("allowMethod", Field::Methods),
    ("allowMethods", Field::Methods),
    ("allowHeader", Field::AllowedHeaders),
    ("allowHeaders", Field::AllowedHeaders),
    ("ruleName", Field::Id),
];

/// The maximum number of wrong, missing or extra letters in a misspelled key.
const MAX_EDIT_DISTANCE: usize = 2;
/// The minimum number of letters for a key to match despite different case or punctuation.
const MIN_SIMILAR: usize = 4;
/// The minimum number of letters for a key to match despite a wrong letter.
const MIN_MISSPELLED: usize = 6;

/// Classifies a key: checks the dialect's own keys first, then the keys of all tools, then similar keys.
pub fn look_up(key: &str, dialect: &Dialect, in_group: bool) -> KeyMatch {
    let is_own = |own: &&FieldKey| own.group.is_some() == in_group && own.field != Field::Rules;
    let mut own = dialect.fields.iter();
    if let Some(own) = own.find(|own| own.key == key && is_own(own)) {
        return KeyMatch::Own(own.field);
    }
    if let Some((_, field, _)) = ALL_KEYS.iter().find(|(known, ..)| *known == key) {
        return KeyMatch::Foreign(*field);
    }
    let word = letters(key);
    if word.len() < MIN_SIMILAR {
        return KeyMatch::Unknown;
    }
    let own = || dialect.fields.iter().filter(is_own);
    if let Some(own) = own().find(|own| lower_letters(own.key).eq(word.chars())) {
        return KeyMatch::Misspelled(own.field);
    }
    if let Some((_, field)) = ALL_WORDS.iter().find(|(known, _)| *known == word) {
        return KeyMatch::Misspelled(*field);
    }
    if word.len() < MIN_MISSPELLED {
        return KeyMatch::Unknown;
    }
    let nearest = own()
        // Two words that differ in length by n letters are at least n edits apart.
        .filter(|own| {
            own.key.len() >= MIN_MISSPELLED
                && own.key.len().abs_diff(word.len()) <= MAX_EDIT_DISTANCE
        })
        .map(|own| (strsim::osa_distance(&letters(own.key), &word), own.field))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, field)) if distance <= MAX_EDIT_DISTANCE => KeyMatch::Misspelled(field),
        _ => KeyMatch::Unknown,
    }
}

/// The keys of rules in all tools: key, field, and the tool's name in messages.
static ALL_KEYS: LazyLock<Vec<(&'static str, Field, &'static str)>> = LazyLock::new(|| {
    let mut keys = Vec::new();
    for dialect in DIALECTS {
        for key in dialect
            .fields
            .iter()
            .filter(|key| key.field != Field::Rules)
        {
            // A tool is named only for keys that differ from those of its provider.
            let provider = dialect.provider.name;
            if !keys.contains(&(key.key, key.field, provider)) {
                keys.push((key.key, key.field, dialect.keys_owner));
            }
        }
    }
    keys.extend_from_slice(OTHER_TOOLS);
    keys
});

/// The letters of all known keys and of common typos.
static ALL_WORDS: LazyLock<Vec<(String, Field)>> = LazyLock::new(|| {
    let known = ALL_KEYS.iter().map(|(key, field, _)| (*key, *field));
    let all = known.chain(TYPOS.iter().copied());
    all.map(|(key, field)| (letters(key), field)).collect()
});

/// Returns the names of the tools that use a key, such as "R2 and B2"; empty if none does.
pub fn owners(key: &str) -> String {
    let mut owners: Vec<&str> = Vec::new();
    for (known, _, owner) in ALL_KEYS.iter() {
        if *known == key && !owners.contains(owner) {
            owners.push(owner);
        }
    }
    // Kubernetes controllers use the keys of the APIs, and Ansible those of Terraform, which are better known.
    let lesser = [
        super::S3_KUBERNETES.keys_owner,
        super::S3_ANSIBLE.keys_owner,
    ];
    if owners.len() > 1 {
        owners.retain(|owner| !lesser.contains(owner));
    }
    join(&owners)
}

/// Joins names as in "GCS, R2 and B2".
pub(super) fn join(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

/// Returns the letters and digits of a key in lower case.
fn letters(key: &str) -> String {
    lower_letters(key).collect()
}

fn lower_letters(key: &str) -> impl Iterator<Item = char> {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    letters.map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::S3_CONSOLE_JSON;
    use super::*;

    #[test]
    fn keys_are_matched_to_fields() {
        let cases = [
            ("AllowedOrigins", KeyMatch::Own(Field::Origins)),
            ("maxAgeSeconds", KeyMatch::Foreign(Field::MaxAge)),
            ("ExposedHeaders", KeyMatch::Foreign(Field::ExposedHeaders)),
            ("AlowedOrigins", KeyMatch::Misspelled(Field::Origins)),
            ("allowed-origins", KeyMatch::Misspelled(Field::Origins)),
            ("AllowOrigin", KeyMatch::Misspelled(Field::Origins)),
            ("MaxAgeSecond", KeyMatch::Misspelled(Field::MaxAge)),
            ("AllowCredentials", KeyMatch::Unknown),
            ("Comment", KeyMatch::Unknown),
            ("_id", KeyMatch::Unknown),
            ("name", KeyMatch::Unknown),
        ];
        for (key, wanted) in cases {
            assert_eq!(look_up(key, &S3_CONSOLE_JSON, false), wanted, "{key}");
        }
    }

    #[test]
    fn owners_of_a_key_are_named() {
        assert_eq!(owners("maxAgeSeconds"), "GCS, R2 and B2");
        assert_eq!(owners("exposeHeaders"), "R2 and B2");
        assert_eq!(owners("ExposedHeaders"), "CloudFormation");
        assert_eq!(owners("Comment"), "");
    }
}

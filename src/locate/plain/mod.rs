//! Recognizes files that consist of a policy or of a provider tool's output for a bucket. Recognition
//! is based on the content, since file names follow no convention.
//!
//! Each key of an object is classified as the dialect's own, another tool's, misspelled, or unknown. A
//! recognizer then compares the counts, so that it accepts a policy with a mistake but not server
//! settings that share some keys with a policy. The thresholds were chosen using 46 policies and 68
//! look-alikes in `../shared/corpus`, and then tested on 305 other policies (6 missed) and 624
//! look-alikes (no false positives). A policy has few keys, nearly all of which are known; a look-alike
//! is another kind of object in which one or two keys happen to match.

mod b2;
mod evidence;
mod gcs;
mod prefilter;
mod r2;
mod s3;

use super::Location;
use crate::dialect::{DIALECTS, Dialect, PolicyText};
use crate::document::Node;
use crate::field::Field;
use crate::provider::Provider;

pub use prefilter::{looks_like_policy, missing_keys_hint, prefilter_matches};

/// How the policies of one provider are recognized.
pub(super) struct Recognizer {
    /// The provider.
    provider: &'static Provider,
    /// Finds the policies in one value of a document.
    pub(super) find: for<'d> fn(&'d Node) -> Vec<Location<'d>>,
    /// The keys of a policy in a bucket as the provider's tools print it.
    bucket_keys: &'static [&'static str],
    /// Lower-case substrings of keys for origins.
    origins: &'static [&'static str],
    /// Lower-case substrings of keys for methods.
    methods: &'static [&'static str],
    /// Lower-case substrings of other keys. A file that can't be parsed must contain at least one of
    /// them to be treated as a policy; empty if keys for origins and methods are enough.
    others: &'static [&'static str],
    /// The message that says what a well-formed file needs to be recognized as a policy.
    requirement: &'static str,
}

/// The recognizers, in order of precedence.
pub(super) static RECOGNIZERS: &[&Recognizer] = &[
    &s3::RECOGNIZER,
    &r2::RECOGNIZER,
    &b2::RECOGNIZER,
    &gcs::RECOGNIZER,
];

/// Treats a whole document as a policy of a provider.
pub(super) fn force<'d>(root: &'d Node, provider: &Provider) -> Option<Location<'d>> {
    let dialects = DIALECTS.iter().copied();
    let dialects: Vec<_> = dialects.filter(|d| d.provider == provider).collect();
    let wrapped = dialects.iter().find_map(|dialect| {
        let member = root.get(dialect.field_key(Field::Rules)?.key)?;
        Some(Location::new(dialect, PolicyText::object(root, member)))
    });
    let dialect = *dialects.first()?;
    let in_bucket = || {
        let mut recognizers = RECOGNIZERS.iter();
        let recognizer = recognizers.find(|recognizer| recognizer.provider == provider)?;
        let member = recognizer
            .bucket_keys
            .iter()
            .find_map(|key| root.get(key))?;
        let location = Location::new(dialect, PolicyText::list(&member.value));
        Some(location.at(member.key.value()))
    };
    let location = wrapped.or_else(in_bucket).unwrap_or_else(|| {
        let wants_object = dialect.field_key(Field::Rules).is_some();
        let text = match root.members() {
            Some(_) => PolicyText::single_rule(root),
            None if wants_object => PolicyText::bare_list(root),
            None => PolicyText::list(root),
        };
        Location::new(dialect, text)
    });
    Some(Location {
        is_recognized: false,
        ..location
    })
}

/// Returns the policies in the output of a provider's tool for a bucket or a list of buckets: the
/// members whose key is in `keys` and whose value satisfies `is_rules`.
fn in_buckets<'d>(
    root: &'d Node,
    keys: &[&str],
    is_rules: impl Fn(&[Node]) -> bool,
    dialect: &'static Dialect,
) -> Vec<Location<'d>> {
    let in_bucket = |bucket: &'d Node| {
        let members = bucket.members()?.iter().rev();
        let mut members = members.filter(|member| keys.contains(&member.key.value()));
        let member = members.next()?;
        is_rules(member.value.items()?)
            .then(|| Location::new(dialect, PolicyText::list(&member.value)).at(member.key.value()))
    };
    let Some(buckets) = root.items() else {
        return in_bucket(root).into_iter().collect();
    };
    let buckets = buckets.iter().enumerate();
    let locations = buckets.filter_map(|(index, bucket)| {
        let location = in_bucket(bucket)?;
        let address = format!("[{index}].{}", location.address);
        Some(location.at(address))
    });
    locations.collect()
}

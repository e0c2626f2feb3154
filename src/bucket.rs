//! Which bucket a policy is for, to find policies that overwrite each other.
//!
//! Source: terraform-provider-aws#25241. S3 keeps one CORS configuration per bucket, and each resource writes all of it.

use crate::finding::{CONFLICTING_CORS, Diagnostic};
use crate::source::Span;

/// A resource that sets the CORS rules of a bucket whenever it exists.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The address of the resource.
    pub address: String,
    /// Where reports mark the resource.
    pub head: Span,
    /// True if the resource is the bucket itself.
    pub is_inline: bool,
    /// What the bucket is known by: a reference, such as `aws_s3_bucket.photos`, or a name in quotes.
    pub names: Vec<String>,
}

/// A bucket whose CORS rules another file sets.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// The bucket.
    pub bucket: Bucket,
    /// The file and the line, as in `main.tf:3`.
    pub place: String,
}

impl Bucket {
    /// Returns true if two resources set the rules of the same bucket. Two with the same address are one, which
    /// an override file changes.
    pub fn conflicts_with(&self, other: &Bucket) -> bool {
        self.address != other.address && self.names.iter().any(|name| other.names.contains(name))
    }

    fn conflict(&self, other: &Bucket, place: Option<&str>) -> Diagnostic {
        let place = place.map_or(String::new(), |place| format!(" in {place}"));
        let message = format!(
            "{}{place} also sets the CORS rules of this bucket: the two overwrite each other on every apply",
            other.address
        );
        let help = match self.is_inline || other.is_inline {
            true => "remove the inline cors_rule, and keep the aws_s3_bucket_cors_configuration",
            false => "move all rules into one of them, and remove the other",
        };
        Diagnostic::new(CONFLICTING_CORS, self.head, message)
            .label("sets the rules of the bucket")
            .help(help)
    }
}

/// Returns a diagnostic for each resource of a file that sets the rules of the same bucket as an earlier one.
/// `elsewhere` is earlier than all of them.
pub fn conflicts(buckets: &[&Bucket], elsewhere: &[Elsewhere]) -> Vec<Diagnostic> {
    let conflict = |(index, bucket): (usize, &&Bucket)| {
        let mut others = elsewhere.iter();
        if let Some(other) = others.find(|other| bucket.conflicts_with(&other.bucket)) {
            return Some(bucket.conflict(&other.bucket, Some(&other.place)));
        }
        let mut before = buckets[..index].iter();
        let other = before.find(|other| bucket.conflicts_with(other))?;
        let diagnostic = bucket.conflict(other, None);
        Some(diagnostic.secondary(other.head, "sets them too"))
    };
    buckets.iter().enumerate().filter_map(conflict).collect()
}

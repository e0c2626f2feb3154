//! The buckets whose rules Terraform's resources set.

use super::Location;
use crate::bucket::Bucket;
use crate::document::Node;

/// The resource whose `cors_rule` blocks are those of its own bucket.
const BUCKET: &str = "aws_s3_bucket";
/// The resource that sets the rules of another one's bucket.
const CONFIGURATION: &str = "aws_s3_bucket_cors_configuration";

/// A resource that sets the CORS rules of a bucket whenever it exists.
#[derive(Debug, Clone)]
pub(super) struct BucketNode<'d> {
    /// True if the resource is the bucket itself.
    is_inline: bool,
    /// The name of the bucket, or what it is read from.
    name: Option<&'d Node>,
}

/// Returns the bucket whose rules a resource sets. Returns `None` if it may not exist, or not set them: which of
/// several such resources exist is not known.
pub(super) fn of_resource<'d>(
    resource: &'d Node,
    kind: &str,
    is_complete: bool,
) -> Option<BucketNode<'d>> {
    let has = |key: &str| resource.get(key).is_some();
    let is_inline = kind == BUCKET;
    let may_exist_only = !is_inline && (has("count") || has("for_each"));
    // The block may ignore changes of the rules.
    let is_certain = is_complete && !may_exist_only && !has("lifecycle") && !has("dynamic");
    (is_certain && (is_inline || kind == CONFIGURATION)).then(|| BucketNode {
        is_inline,
        name: resource.get("bucket").map(|member| &member.value),
    })
}

impl Location<'_> {
    /// Returns the bucket that the policy is for, if that is certain. `text` is the text of the file.
    pub fn bucket(&self, text: &str) -> Option<Bucket> {
        let node = self.bucket.as_ref()?;
        let named = node.name.and_then(|name| match name.text() {
            Some(name) => Some(format!("\"{}\"", name.value())),
            None => reference(&text[name.span.range()]),
        });
        let own = node.is_inline.then(|| self.address.clone());
        Some(Bucket {
            address: self.address.clone(),
            head: self.text.node.head,
            is_inline: node.is_inline,
            names: own.into_iter().chain(named).collect(),
        })
    }
}

/// Returns what an expression refers to, which is the same wherever it is in a module: `aws_s3_bucket.photos` for
/// `aws_s3_bucket.photos.id`. Returns `None` for all but plain references.
fn reference(expression: &str) -> Option<String> {
    let expression = expression.trim_matches('"');
    let inner = expression
        .strip_prefix("${")
        .and_then(|inner| inner.strip_suffix('}'));
    let expression = inner.unwrap_or(expression).trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let first = expression.split('.').next().unwrap_or_default();
    let is_plain = expression.chars().all(is_part)
        && expression.contains('.')
        // These differ between the instances of a resource.
        && !matches!(first, "each" | "count" | "self");
    let attributes = [".id", ".bucket"];
    let stem = attributes
        .iter()
        .find_map(|attribute| expression.strip_suffix(attribute))
        .filter(|stem| stem.contains('.'));
    is_plain.then(|| stem.unwrap_or(expression).to_owned())
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn references_are_plain() {
        for (expression, name) in [
            ("aws_s3_bucket.photos.id", Some("aws_s3_bucket.photos")),
            ("aws_s3_bucket.photos.bucket", Some("aws_s3_bucket.photos")),
            (
                "\"${aws_s3_bucket.photos.id}\"",
                Some("aws_s3_bucket.photos"),
            ),
            ("var.bucket", Some("var.bucket")),
            ("module.cdn.bucket_id", Some("module.cdn.bucket_id")),
            ("aws_s3_bucket.photos[0].id", None),
            ("each.value", None),
            ("\"${var.a}-photos\"", None),
            ("lookup(var.a, 1)", None),
        ] {
            assert_eq!(reference(expression).as_deref(), name, "{expression}");
        }
    }
}

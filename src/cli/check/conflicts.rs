//! Finds files that set the CORS rules of the same bucket.

use std::collections::BTreeMap;
use std::path::Path;

use corslint::bucket::{Bucket, Elsewhere};

use super::checked::CheckedFile;

/// Returns the files with rules for a bucket whose rules an earlier file of the same directory sets too, by their
/// index, each with the buckets of those earlier files. `files` is sorted by name.
pub(super) fn conflicting(files: &[CheckedFile]) -> Vec<(usize, Vec<Elsewhere>)> {
    let mut directories: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        if let (Some(directory), true) = (file.path.parent(), buckets(file).next().is_some()) {
            directories.entry(directory).or_default().push(index);
        }
    }
    let mut found = Vec::new();
    for indexes in directories.into_values() {
        let mut before: Vec<Elsewhere> = Vec::new();
        for index in indexes {
            let file = &files[index];
            let mut own = buckets(file);
            if own.any(|own| before.iter().any(|other| own.conflicts_with(&other.bucket))) {
                found.push((index, before.clone()));
            }
            before.extend(buckets(file).map(|bucket| elsewhere(file, bucket)));
        }
    }
    found
}

fn buckets(file: &CheckedFile) -> impl Iterator<Item = &Bucket> {
    let policies = file.analysis.policies.iter();
    policies.filter_map(|located| located.bucket.as_ref())
}

fn elsewhere(file: &CheckedFile, bucket: &Bucket) -> Elsewhere {
    let line = file.analysis.source.position(bucket.head.start()).line;
    Elsewhere {
        bucket: bucket.clone(),
        place: format!("{}:{line}", file.name()),
    }
}

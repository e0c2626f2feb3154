//! Fingerprints, which identify a finding across runs.

use std::collections::HashMap;

use super::Run;
use crate::hash::Fnv64;

/// Returns the fingerprints of a run's findings, in order. A fingerprint is unique within a run and does not
/// change when lines are added above the finding.
pub(super) fn fingerprints(run: &Run) -> Vec<String> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut fingerprints = Vec::new();
    for file in &run.files {
        let of_file = Fnv64::new().with(&run.path_from_root(file));
        for finding in &file.findings {
            let key = &finding.key;
            let rule = key.rule_hash.map(|hash| format!("{hash:08x}"));
            let of_policy = match &key.address {
                Some(address) => of_file.with(address),
                None => of_file,
            };
            let hash = of_policy
                .with(finding.lint)
                .with(key.value.as_deref().unwrap_or_default())
                .with(rule.as_deref().unwrap_or_default())
                .finish();
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            fingerprints.push(format!("{hash:016x}:{count}"));
        }
    }
    fingerprints
}

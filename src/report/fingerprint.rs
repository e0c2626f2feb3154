//! What a finding is known by from run to run.

use std::collections::HashMap;

use super::Run;

/// For each finding of a run, in order: the same for the same fault, whatever lines were added above
/// it, and unique in the run.
pub(super) fn fingerprints(run: &Run) -> Vec<String> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut fingerprints = Vec::new();
    for file in &run.files {
        let of_file = hash(START, &run.path_from_top(file));
        for finding in &file.findings {
            let place = &finding.place;
            let rule = place.rule.map(|rule| format!("{rule:08x}"));
            let parts = [
                finding.lint,
                place.value.as_deref().unwrap_or_default(),
                rule.as_deref().unwrap_or_default(),
            ];
            let hash = parts.iter().fold(of_file, |start, part| hash(start, part));
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            fingerprints.push(format!("{hash:016x}:{count}"));
        }
    }
    fingerprints
}

/// What FNV-1a begins with.
const START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over a part and a byte that ends it: small, and the same in every version and on every
/// machine.
fn hash(start: u64, part: &str) -> u64 {
    let bytes = part.bytes().chain([0]);
    bytes.fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

//! What a finding is known by from run to run.

use std::collections::HashMap;

use super::Run;

/// For each finding of a run, in order: the same for the same fault, whatever lines were added above
/// it, and unique in the run.
pub(super) fn fingerprints(run: &Run) -> Vec<String> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let findings = run.findings();
    findings
        .map(|(file, finding)| {
            let place = &finding.place;
            let rule = place.rule.map(|rule| format!("{rule:08x}"));
            let parts = [
                run.path_from_top(file),
                finding.lint.to_owned(),
                place.value.clone().unwrap_or_default(),
                rule.unwrap_or_default(),
            ];
            let hash = hash(parts.iter().flat_map(|part| part.bytes().chain([0])));
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:016x}:{count}")
        })
        .collect()
}

/// FNV-1a: small, and the same in every version and on every machine.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

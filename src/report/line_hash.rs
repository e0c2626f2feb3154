//! The line hashes (`primaryLocationLineHash`) that GitHub code scanning uses to track findings.

use std::collections::HashMap;

/// The number of UTF-16 code units to hash, from the start of a line.
const WINDOW: usize = 100;
const MULTIPLIER: u64 = 37;
/// A value that marks the end of the file.
const END: u16 = 65535;

/// Returns the hash of each line, followed by the number of times it has occurred so far. The hash covers
/// 100 UTF-16 code units from the start of the line, which may extend into the following lines;
/// spaces and tabs are skipped, and line endings are normalized to LF.
pub fn line_hashes(text: &str) -> Vec<String> {
    let (mut units, mut starts) = (Vec::new(), Vec::new());
    let mut is_start = true;
    let mut before = 0;
    for unit in text.encode_utf16().chain([END]) {
        let is_second_of_crlf = before == u16::from(b'\r') && unit == u16::from(b'\n');
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || is_second_of_crlf {
            before = unit;
            continue;
        }
        before = unit;
        let unit = if unit == u16::from(b'\r') {
            u16::from(b'\n')
        } else {
            unit
        };
        if is_start {
            starts.push(units.len());
        }
        is_start = unit == u16::from(b'\n');
        units.push(unit);
    }
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let hashes = starts.into_iter().map(|start| {
        let window = units[start..].iter().copied().chain(std::iter::repeat(0));
        let hash = window.take(WINDOW).fold(0u64, |hash, unit| {
            hash.wrapping_mul(MULTIPLIER).wrapping_add(u64::from(unit))
        });
        let count = seen.entry(hash).or_insert(0);
        *count += 1;
        format!("{hash:x}:{count}")
    });
    hashes.collect()
}

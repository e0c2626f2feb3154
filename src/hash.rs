//! FNV-1a: a small hash that is the same in every version and on every machine, so that its values can be
//! stored in files.

/// A 32-bit hash in progress.
pub(crate) struct Fnv32(u32);

impl Fnv32 {
    pub(crate) fn new() -> Fnv32 {
        Fnv32(0x811c_9dc5)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    pub(crate) fn finish(self) -> u32 {
        self.0
    }
}

/// A 64-bit hash in progress. A zero byte is added after each part, so that "ab", "c" differs from "a", "bc".
#[derive(Clone, Copy)]
pub(crate) struct Fnv64(u64);

impl Fnv64 {
    pub(crate) fn new() -> Fnv64 {
        Fnv64(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn with(self, part: &str) -> Fnv64 {
        let bytes = part.bytes().chain([0]);
        Fnv64(bytes.fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

//! Any text as HCL, through its fixes.
#![no_main]

#[path = "shared/fixes.rs"]
mod fixes;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    fixes::hold("a.tf", text);
});

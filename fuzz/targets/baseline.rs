//! Any text as a baseline: it is refused with a line, or what is read can be written and read again.
#![no_main]

use corslint::analyze::analyze;
use corslint::baseline::Baseline;
use corslint::settings::Settings;
use libfuzzer_sys::fuzz_target;

const POLICY: &str = r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}]"#;

fuzz_target!(|text: &str| {
    let Ok(mut baseline) = Baseline::parse(text) else {
        return;
    };
    let written = baseline.write();
    let again = Baseline::parse(&written).expect("what was written is read");
    assert_eq!(again.write(), written);
    assert_eq!(again.len(), baseline.len());
    let mut findings = analyze("a.json", POLICY, &Settings::default()).findings;
    let files: Vec<_> = baseline.files().map(str::to_owned).collect();
    for file in &files {
        baseline.apply(file, &mut findings);
    }
    let mut findings = analyze("a.json", POLICY, &Settings::default()).findings;
    baseline.record("a.json", &findings);
    assert_eq!(baseline.apply("a.json", &mut findings), 0);
    assert!(findings.is_empty());
});

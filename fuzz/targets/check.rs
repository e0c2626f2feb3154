//! Any bytes, read as each provider's policy, and every report of what is found. The first byte
//! chooses the provider and the syntax.
#![no_main]

use corslint::check::check;
use corslint::config::Config;
use corslint::policy::Provider;
use corslint::report::{FORMATS, Run, Style, inventory};
use libfuzzer_sys::fuzz_target;

const PROVIDERS: [Option<Provider>; 5] = [
    None,
    Some(Provider::S3),
    Some(Provider::Gcs),
    Some(Provider::R2),
    Some(Provider::B2),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let mut config = Config::default();
    config.provider = PROVIDERS[usize::from(*first) % PROVIDERS.len()];
    let name = if *first >= 128 { "a.jsonc" } else { "a.json" };
    let checked = check(name, bytes.to_vec(), &config);
    let text = checked.source.text();
    for finding in &checked.findings {
        for label in &finding.labels {
            assert!(text.get(label.span.range()).is_some(), "{finding:?}");
        }
        assert!(!finding.message.contains('\n'), "{finding:?}");
    }
    let run = Run {
        files: vec![checked],
        below_top: String::new(),
        top: String::new(),
        jobs: 1,
    };
    for format in FORMATS {
        let report = (format.render)(&run, Style::default());
        let is_active = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!report.contains(is_active), "{}: {report:?}", format.name);
        if matches!(format.name, "json" | "sarif" | "gitlab" | "rdjson") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&report);
            assert!(read.is_ok(), "{}: {report}", format.name);
        }
    }
    let _ = (FORMATS[0].render)(&run, Style { color: true });
    let _ = inventory(&run);
});

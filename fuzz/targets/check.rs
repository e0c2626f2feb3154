//! Any bytes, read as each provider's policy, and every report of what is found. The first byte
//! chooses the provider and the syntax.
#![no_main]

use corslint::analyze::analyze;
use corslint::provider::PROVIDERS;
use corslint::report::{FORMATS, Run, Style, inventory};
use corslint::settings::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let mut settings = Settings::default();
    let choice = usize::from(*first) % (PROVIDERS.len() + 1);
    settings.provider = PROVIDERS.get(choice).copied();
    let name = match bytes.first() {
        Some(b'<') => "a.xml",
        Some(b'-' | b'A'..=b'Z' | b'a'..=b'z') => "a.yaml",
        _ if *first >= 128 => "a.jsonc",
        _ => "a.json",
    };
    let checked = analyze(name, bytes, &settings);
    let text = checked.source.text();
    for finding in &checked.findings {
        for label in &finding.labels {
            assert!(text.get(label.span.range()).is_some(), "{finding:?}");
        }
        assert!(!finding.message.contains('\n'), "{finding:?}");
    }
    let run = Run {
        files: vec![checked],
        prefix: String::new(),
        repository_root: String::new(),
        accepted: 0,
    };
    for format in FORMATS {
        let report = format.render(&run, Style::default());
        let is_active = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!report.contains(is_active), "{}: {report:?}", format.name);
        if matches!(format.name, "json" | "sarif" | "gitlab" | "rdjson") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&report);
            assert!(read.is_ok(), "{}: {report}", format.name);
        }
    }
    let _ = FORMATS[0].render(
        &run,
        Style {
            color: true,
            hyperlinks: true,
            width: Some(60),
        },
    );
    let _ = inventory(&run);
});

//! Any text as corslint.toml: it is read, or its faults have their places; what was read can be used.
#![no_main]

use std::path::{Path, PathBuf};

use corslint::check::check;
use corslint::config::{ConfigError, Project};
use corslint::report::{Style, finding_in_full};
use corslint::source::Source;
use libfuzzer_sys::fuzz_target;

const POLICY: &str = r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}]"#;

fuzz_target!(|text: &str| {
    let source = Source::new("corslint.toml", text);
    match Project::parse(source, PathBuf::from("/project")) {
        Ok(project) => {
            let path = Path::new("/project/infra/cors.json");
            let config = project.config_for(path);
            let checked = check("cors.json", POLICY.as_bytes().to_vec(), &config);
            assert!(checked.is_policy());
            let _ = project.excludes_within(path);
        }
        Err(ConfigError::Faults(source, faults)) => {
            assert!(!faults.is_empty());
            for fault in &faults {
                assert!(
                    source.text().get(fault.span().range()).is_some(),
                    "{fault:?}"
                );
                let _ = finding_in_full(&source, fault, Style::default());
            }
        }
        Err(ConfigError::Unreadable(..)) => panic!("there was nothing to read"),
    }
});

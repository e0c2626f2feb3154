//! Any text as corslint.toml: it is read, or its faults have their places; what was read can be used.
#![no_main]

use std::path::{Path, PathBuf};

use corslint::analyze::analyze;
use corslint::config::{ConfigError, Project};
use corslint::finding::Finding;
use corslint::level::Severity;
use corslint::report::{Style, finding_in_full};
use corslint::source::Source;
use libfuzzer_sys::fuzz_target;

const POLICY: &str = r#"[{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}]"#;

fuzz_target!(|text: &str| {
    let source = Source::new("corslint.toml", text);
    match Project::parse(source, PathBuf::from("/project")) {
        Ok(project) => {
            let path = Path::new("/project/infra/cors.json");
            let settings = project.for_file(path);
            assert!(analyze("cors.json", POLICY, &settings).is_policy());
            let _ = project.excluded_by(path);
        }
        Err(ConfigError::Invalid(source, errors)) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(
                    source.text().get(error.span().range()).is_some(),
                    "{error:?}"
                );
                let finding = Finding::new(error, Severity::Error);
                let _ = finding_in_full(&source, &finding, Style::default());
            }
        }
        Err(ConfigError::Unreadable(..)) => panic!("there was nothing to read"),
    }
});

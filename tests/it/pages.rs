//! Each lint's page is its documentation and its test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use corslint::analyze::{Analysis, analyze};
use corslint::config::Project;
use corslint::finding::Finding;
use corslint::fix;
use corslint::level::{Group, Severity};
use corslint::lints::{LINTS, Lint};
use corslint::report::{Style, finding_in_full};
use corslint::source::Source;
use time::{Date, Month};

use crate::fences::{Part, parse, write};
use crate::{assert_file, project};

/// A file and its configuration, analyzed on a day in 2026.
fn analyses(config: &str, file: &str, text: &str) -> [Analysis; 2] {
    let source = Source::new("corslint.toml", config);
    let project = Project::parse(source, PathBuf::new()).unwrap();
    let settings = project.for_file(Path::new(file));
    let mut analysis = analyze(file, text, &settings);
    assert!(analysis.is_policy(), "{file}: {text}");
    let today = Date::from_calendar_date(2026, Month::June, 1).unwrap();
    let exceptions = &project.exceptions;
    exceptions.apply(Path::new(file), &mut analysis.findings, today);
    analysis.merge_findings();
    let own = exceptions.diagnostics(&project, &settings, today);
    let own = Analysis::of_configuration(project.source.clone(), own, &settings);
    [analysis, own]
}

fn findings(config: &str, file: &str, text: &str) -> Vec<(Source, Finding)> {
    let both = analyses(config, file, text).into_iter();
    both.flat_map(|analysis| {
        let source = analysis.source;
        let findings = analysis.findings.into_iter();
        findings.map(move |finding| (source.clone(), finding))
    })
    .collect()
}

/// The findings of one lint, as they are printed without colour.
fn report(lint: &Lint, config: &str, file: &str, text: &str) -> String {
    let all = findings(config, file, text);
    let own = all.iter().filter(|(_, finding)| finding.lint == lint.name);
    let drawn: Vec<_> = own
        .map(|(source, finding)| finding_in_full(source, finding, Style::default()))
        .collect();
    drawn.concat().trim_end().to_owned() + "\n"
}

/// The text after the fixes of one lint; `None` if it has none.
fn fixed(lint: &Lint, config: &str, file: &str, text: &str) -> Option<String> {
    let [analysis, _] = analyses(config, file, text);
    let own = analysis.findings.iter();
    let own: Vec<_> = own.filter(|finding| finding.lint == lint.name).collect();
    let (text, applied) = fix::apply(&analysis, &own)?;
    assert_eq!(applied.len(), own.len(), "{}: all are fixed", lint.name);
    Some(text)
}

#[test]
fn pages_show_real_output() {
    for lint in LINTS {
        let path = project().join(format!("lints/{}.md", lint.name.replace('-', "_")));
        let mut parts = parse(&std::fs::read_to_string(&path).unwrap());
        let mut section = String::new();
        let mut config = String::new();
        let mut example = None;
        let mut reports = 0;
        // What the lint's own fixes make of the first bad example is the first good one.
        let mut fixed_text = None;
        for part in &mut parts {
            match part {
                Part::Prose(prose) => {
                    let heading = prose.lines().rfind(|line| line.starts_with("## "));
                    if let Some(heading) = heading {
                        section = heading.to_owned();
                        config.clear();
                    }
                }
                Part::Fence(fence) if fence.file == "corslint.toml" => {
                    config.clone_from(&fence.body);
                }
                Part::Fence(fence) if fence.language == "text" => {
                    let (file, text): (String, String) =
                        example.take().expect("a report stands behind an example");
                    fence.body = report(lint, &config, &file, &text);
                    if reports == 0 {
                        fixed_text = fixed(lint, &config, &file, &text);
                    }
                    assert!(!fence.body.trim().is_empty(), "{}: {text}", lint.name);
                    reports += 1;
                }
                Part::Fence(fence) if section == "## Good" => {
                    fence.body = fixed_text.take().unwrap_or(std::mem::take(&mut fence.body));
                    let found = findings(&config, &fence.file, &fence.body);
                    let faults = found.iter();
                    let faults: Vec<_> = faults
                        .filter(|(_, finding)| finding.severity > Severity::Note)
                        .collect();
                    assert!(faults.is_empty(), "{}: Good has {faults:?}", lint.name);
                }
                Part::Fence(fence) => {
                    example = Some((fence.file.clone(), fence.body.clone()));
                }
            }
        }
        assert!(reports > 0, "{} shows no report", path.display());
        assert_file(&path, &write(&parts));
    }
}

#[test]
fn every_lint_has_a_page() {
    let pages = std::fs::read_dir(project().join("lints")).unwrap();
    let pages: BTreeSet<String> = pages
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".md")?.replace('_', "-")))
        .collect();
    let names: BTreeSet<String> = LINTS.iter().map(|lint| lint.name.to_owned()).collect();
    assert_eq!(names.len(), LINTS.len(), "names are unique");
    assert_eq!(pages, names);
    for lint in LINTS {
        let title = format!("# {}\n\n", lint.name);
        assert!(lint.page.starts_with(&title), "{}", lint.name);
        assert!(lint.summary().ends_with('.'), "{}", lint.name);
        for section in ["\n## Why\n", "\n## Bad\n", "\n## Good\n"] {
            assert!(
                lint.page.contains(section),
                "{} has no {section}",
                lint.name
            );
        }
    }
}

#[test]
fn lints_are_ordered_by_group() {
    let place = |group| Group::ALL.iter().position(|other| *other == group);
    assert!(LINTS.is_sorted_by_key(|lint| place(lint.group)));
}

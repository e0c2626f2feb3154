//! Each lint's page is its documentation and its test.

use std::collections::BTreeSet;

use corslint::check::check;
use corslint::config::Config;
use corslint::finding::Severity;
use corslint::lints::{Group, LINTS, Lint};
use corslint::report::{Style, finding_in_full};

use crate::fences::{Part, parse, write};
use crate::{assert_file, project};

/// The findings of one lint, as they are printed without colour.
fn report(lint: &Lint, file: &str, text: &str) -> String {
    let checked = check(file, text.as_bytes().to_vec(), &Config::default());
    let own = checked.findings.iter().filter(|f| f.lint == lint.name);
    let drawn: Vec<_> = own
        .map(|finding| finding_in_full(&checked.source, finding, Style::default()))
        .collect();
    drawn.concat().trim_end().to_owned() + "\n"
}

#[test]
fn what_a_page_shows_is_what_is_printed() {
    for lint in LINTS {
        let path = project().join(format!("lints/{}.md", lint.name.replace('-', "_")));
        let mut parts = parse(&std::fs::read_to_string(&path).unwrap());
        let mut section = String::new();
        let mut example = None;
        let mut reports = 0;
        for part in &mut parts {
            match part {
                Part::Prose(prose) => {
                    let heading = prose.lines().rfind(|line| line.starts_with("## "));
                    if let Some(heading) = heading {
                        section = heading.to_owned();
                    }
                }
                Part::Fence(fence) if section == "## Bad" && fence.language == "text" => {
                    let (file, text): (String, String) =
                        example.take().expect("a report stands behind an example");
                    fence.body = report(lint, &file, &text);
                    assert!(!fence.body.trim().is_empty(), "{}: {text}", lint.name);
                    reports += 1;
                }
                Part::Fence(fence) if section == "## Good" => {
                    let text = fence.body.clone().into_bytes();
                    let checked = check(&fence.file, text, &Config::default());
                    assert!(checked.is_policy(), "{}", lint.name);
                    let faults = checked.findings.iter();
                    let faults: Vec<_> = faults
                        .filter(|finding| finding.severity > Severity::Note)
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
fn every_lint_has_a_page_and_every_page_a_lint() {
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
fn the_list_is_in_the_order_of_the_groups() {
    let place = |group| Group::ALL.iter().position(|other| *other == group);
    assert!(LINTS.is_sorted_by_key(|lint| place(lint.group)));
}

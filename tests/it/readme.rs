//! What the README shows is what the program prints.

use std::process::Command;

use corslint::lints::LINTS;

use crate::{assert_file, project};

const BEGIN: &str = "<!-- the lints -->\n";
const END: &str = "<!-- end of the lints -->\n";

#[test]
fn readme_lists_every_lint() {
    let path = project().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's first mark");
    let (_, after) = rest.split_once(END).expect("the table's last mark");
    let mut table = "| lint | group | level | finds |\n| --- | --- | --- | --- |\n".to_owned();
    for lint in LINTS {
        let (name, page) = (lint.name, lint.name.replace('-', "_"));
        let (group, level) = (lint.group.name(), lint.level.name());
        let summary = lint.summary();
        table.push_str(&format!(
            "| [`{name}`](https://github.com/corslint/corslint/blob/main/lints/{page}.md) | {group} | {level} | {summary} |\n"
        ));
    }
    assert_file(&path, &format!("{before}{BEGIN}{table}{END}{after}"));
}

/// A comment with a command is before the fence that shows its output.
#[test]
fn readme_shows_real_output() {
    for (name, least) in [("README.md", 2), ("docs/diff.md", 1)] {
        show_real_output(name, least);
    }
}

fn show_real_output(name: &str, least: usize) {
    let path = project().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut shown = String::new();
    let mut rest = text.as_str();
    let mut commands = 0;
    while let Some(start) = rest.find("<!-- corslint ") {
        let command = start + "<!-- corslint ".len();
        let command_end = command + rest[command..].find(" -->\n").unwrap();
        let fence = command_end + " -->\n".len();
        let body = fence + rest[fence..].find('\n').unwrap() + 1;
        let end = body + rest[body..].find("```\n").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(rest[command..command_end].split(' '))
            .current_dir(project())
            .output()
            .unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        shown.push_str(&rest[..body]);
        if rest[fence..].starts_with("```console") {
            shown.push_str(&format!("$ corslint {}\n", &rest[command..command_end]));
        }
        shown.push_str(&format!("{}\n", output.trim_end()));
        rest = &rest[end..];
        commands += 1;
    }
    shown.push_str(rest);
    assert!(commands >= least, "{name}");
    assert_file(&path, &shown);
}

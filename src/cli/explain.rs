//! `corslint explain`: the lints' pages.

use corslint::config::{Selector, nearest};
use corslint::lints::{LINTS, Lint};

use super::Outcome;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The lint; without it, all lints are listed
    lint: Option<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let Some(name) = &args.lint else {
        return Outcome::fine(table());
    };
    match Lint::by_name(name) {
        Some(lint) => Outcome::fine(page(lint)),
        None => Outcome::failed(&unknown(name)),
    }
}

fn unknown(name: &str) -> String {
    if let Ok(Selector::Group(group)) = Selector::parse(name) {
        let lints = LINTS.iter().filter(|lint| lint.group == group);
        let names: Vec<_> = lints.map(|lint| lint.name).collect();
        return format!("{name} is a group, of the lints {}", names.join(", "));
    }
    match nearest(name, LINTS.iter().map(|lint| lint.name)) {
        Some(near) => format!("there is no lint {name}; did you mean {near}?"),
        None => format!("there is no lint {name}; corslint explain lists all"),
    }
}

fn table() -> String {
    let name = LINTS.iter().map(|lint| lint.name.len()).max().unwrap_or(0);
    let group = LINTS
        .iter()
        .map(|lint| lint.group.name().len())
        .max()
        .unwrap_or(0);
    let rows = LINTS.iter().map(|lint| {
        format!(
            "{:name$}  {:group$}  {:5}  {}\n",
            lint.name,
            lint.group.name(),
            lint.level.name(),
            lint.summary()
        )
    });
    rows.collect()
}

/// A page as it is read in a terminal: the fences of Markdown become an indentation.
fn page(lint: &Lint) -> String {
    let mut text = String::new();
    let mut fenced = false;
    for line in lint.page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            fenced = !fenced;
            if let Some((_, file)) = info.split_once(' ') {
                text.push_str(&format!("  {file}:\n\n"));
            }
        } else if fenced && !line.is_empty() {
            text.push_str(&format!("    {line}\n"));
        } else if let Some(title) = line.strip_prefix("# ") {
            let (group, level) = (lint.group.name(), lint.level.name());
            text.push_str(&format!("{title} ({group}, {level} by default)\n"));
        } else if let Some(heading) = line.strip_prefix("## ") {
            text.push_str(&format!("{}\n", heading.to_uppercase()));
        } else {
            text.push_str(&wrap(line));
        }
    }
    text
}

/// A paragraph in lines that are easy to read.
fn wrap(line: &str) -> String {
    const WIDTH: usize = 88;
    let mut text = String::new();
    let mut width = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
    text
}

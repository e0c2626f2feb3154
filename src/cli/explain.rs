//! `corslint explain`: the documentation of the lints.

use std::path::Path;

use corslint::level::Selector;
use corslint::lints::{LINTS, Lint, OptionKind, select};
use corslint::report::{Style, wrap};
use corslint::settings::{OptionValue, Settings};
use corslint::suggest::nearest;

use super::values::lint_names;
use super::{Environment, Outcome, config_errors, projects};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Name of the lint; omit it to list all
    #[arg(value_parser = lint_names(), hide_possible_values = true)]
    lint: Option<String>,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Outcome {
    let paths = environment.paths();
    let projects = match projects(None, false, environment) {
        Ok(projects) => projects,
        Err(error) => return Outcome::failed(&format!("{error:?}")),
    };
    let here = projects.for_file(&paths.absolute(Path::new("x")));
    if let Some(outcome) = config_errors(projects.errors(), &paths, Style::default()) {
        return outcome;
    }
    let settings = here.map_or_else(Settings::default, |project| project.settings.clone());
    let Some(name) = &args.lint else {
        return Outcome::ok(table(&settings));
    };
    match Lint::by_name(name) {
        Some(lint) => {
            let layout = Layout {
                width: environment.stdout_style().columns().min(MAX_WIDTH),
                is_bold: environment.stdout_style().color,
            };
            Outcome::ok(page(lint, &settings, &layout))
        }
        None => Outcome::failed(&unknown(name)),
    }
}

fn unknown(name: &str) -> String {
    if let Ok(Selector::Group(group)) = select(name) {
        let lints = LINTS.iter().filter(|lint| lint.group == group);
        let names: Vec<_> = lints.map(|lint| lint.name).collect();
        return format!("{name} is a group of lints: {}", names.join(", "));
    }
    match nearest(name, LINTS.iter().map(|lint| lint.name)) {
        Some(near) => format!("unknown lint: {name} (did you mean {near}?)"),
        None => format!("unknown lint: {name} (run `corslint explain` for a list)"),
    }
}

/// Lists all lints, each with its level in this configuration.
fn table(config: &Settings) -> String {
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
            lint.level_in(config).name(),
            lint.summary()
        )
    });
    rows.collect()
}

/// Maximum text width in columns, because longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// The layout of a page.
struct Layout {
    /// The maximum line width in columns.
    width: usize,
    /// True to render headings in bold.
    is_bold: bool,
}

impl Layout {
    fn heading(&self, text: &str) -> String {
        match self.is_bold {
            true => format!("\u{1b}[1m{text}\u{1b}[0m\n"),
            false => format!("{text}\n"),
        }
    }
}

/// Renders a page for the terminal: code blocks are indented, paragraphs are wrapped.
fn page(lint: &Lint, config: &Settings, layout: &Layout) -> String {
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
            let title = format!("{title} ({group}, {level} by default)");
            text.push_str(&layout.heading(&title));
            text.push_str(&lint_settings(lint, config));
        } else if let Some(heading) = line.strip_prefix("## ") {
            text.push_str(&layout.heading(&heading.to_uppercase()));
        } else {
            text.push_str(&wrap(line, layout.width));
            text.push('\n');
        }
    }
    text
}

/// Lists a lint's options and their values in this configuration.
fn lint_settings(lint: &Lint, config: &Settings) -> String {
    let mut text = String::new();
    if lint.level_in(config) != lint.level {
        text.push_str(&format!("here: {}\n", lint.level_in(config).name()));
    }
    for option in lint.options {
        let takes = match option.kind {
            OptionKind::Integer { min, max } => format!("{min} to {max}"),
            OptionKind::Word(words) => format!("\"{}\"", words.join("\" or \"")),
        };
        let here = match config.option(lint.name, option.name) {
            Some(OptionValue::Integer(number)) => format!("; here: {number}"),
            Some(OptionValue::Word(word)) => format!("; here: \"{word}\""),
            None => String::new(),
        };
        text.push_str(&format!("option {} ({takes}{here})\n", option.name));
    }
    text
}

//! Converts the tables of `corslint.toml` into settings and reports errors in them.

use std::ops::Range;

use globset::GlobSet;
use time::{Date, Month};
use toml::Spanned;

use super::exceptions::Exception;
use super::file::{ExceptionTable, LintTable, OverrideTable, Setting};
use super::globs::{is_empty_glob, never_matches, rooted_globs};
use super::project::Override;
use crate::finding::Diagnostic;
use crate::level::{Level, Selector};
use crate::lints::{self, Lint, OptionKind, OptionSpec};
use crate::provider::{PROVIDERS, Provider};
use crate::settings::{OptionValue, Settings};
use crate::source::{Source, Span};
use crate::suggest::nearest;

pub(super) fn error(span: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new("", Span::new(span.start, span.end), message)
}

pub(super) fn did_you_mean(near: Option<&str>, otherwise: &str) -> String {
    match near {
        Some(near) => format!("did you mean {near}?"),
        None => otherwise.to_owned(),
    }
}

/// Applies a `lints` table. `all` comes first, then groups, so that a more specific level wins wherever it is
/// in the table.
pub(super) fn read_lints(table: &LintTable, settings: &mut Settings, errors: &mut Vec<Diagnostic>) {
    let (mut groups, mut lints) = (Vec::new(), Vec::new());
    for (name, setting) in &table.0 {
        let selector = match lints::select(name.get_ref()) {
            Ok(selector) => selector,
            Err(near) => {
                let message = format!("unknown lint or group {}", name.get_ref());
                let help = did_you_mean(near, "run `corslint explain` for a list");
                errors.push(error(name.span(), message).help(help));
                continue;
            }
        };
        match (setting.get_ref(), selector) {
            (Setting::Level(level), _) => {
                if let Some(level) = read_level(level, setting.span(), errors) {
                    match selector {
                        Selector::All => settings.set_level(selector, level),
                        Selector::Group(_) => groups.push((selector, level)),
                        Selector::Lint(_) => lints.push((selector, level)),
                    }
                }
            }
            (Setting::Table(_), Selector::All | Selector::Group(_)) => errors.push(
                error(setting.span(), "a group has a level, not a table")
                    .help("write only its level, such as \"warn\""),
            ),
            (Setting::Table(table), Selector::Lint(lint)) => {
                for (key, value) in table {
                    read_option(lint, key, value, &mut lints, settings, errors);
                }
            }
        }
    }
    for (selector, level) in groups.into_iter().chain(lints) {
        settings.set_level(selector, level);
    }
}

fn read_level(name: &str, span: Range<usize>, errors: &mut Vec<Diagnostic>) -> Option<Level> {
    let level = Level::by_name(name);
    if level.is_none() {
        let near = match name {
            "off" | "ignore" => Some("allow"),
            _ => nearest(name, Level::ALL.iter().map(|level| level.name())),
        };
        let help = did_you_mean(near, "the levels are allow, note, warn and deny");
        errors.push(error(span, format!("unknown level {name}")).help(help));
    }
    level
}

fn read_option(
    lint: &'static str,
    key: &Spanned<String>,
    value: &Spanned<toml::Value>,
    levels: &mut Vec<(Selector, Level)>,
    settings: &mut Settings,
    errors: &mut Vec<Diagnostic>,
) {
    let name = key.get_ref();
    if name == "level" {
        match value.get_ref() {
            toml::Value::String(level) => {
                let level = read_level(level, value.span(), errors);
                levels.extend(level.map(|level| (Selector::Lint(lint), level)));
            }
            _ => errors.push(
                error(value.span(), "a level must be a string")
                    .help("the levels are allow, note, warn and deny"),
            ),
        }
        return;
    }
    let options = Lint::by_name(lint).map_or(&[][..], |lint| lint.options);
    let Some(option) = options.iter().find(|option| option.name == name) else {
        let names: Vec<_> = options.iter().map(|option| option.name).collect();
        let otherwise = match names[..] {
            _ if lint == "wildcard-origin" && name == "read-only" => {
                "remove it: wildcard-origin is a note by default".to_owned()
            }
            [] => "it has only a level".to_owned(),
            _ => format!("its options are {}", names.join(", ")),
        };
        let near = nearest(name, names.into_iter().chain(["level"]));
        let message = format!("{lint} has no option {name}");
        errors.push(error(key.span(), message).help(did_you_mean(near, &otherwise)));
        return;
    };
    match option_value(option, value.get_ref()) {
        Ok(value) => settings.set_option(lint, option.name, value),
        Err(message) => errors.push(error(value.span(), message)),
    }
}

fn option_value(option: &OptionSpec, value: &toml::Value) -> Result<OptionValue, String> {
    match (option.kind, value) {
        (OptionKind::Integer { min, max }, toml::Value::Integer(number))
            if (min..=max).contains(number) =>
        {
            Ok(OptionValue::Integer(*number))
        }
        (OptionKind::Integer { min, max }, _) => Err(format!(
            "{} must be a whole number from {min} to {max}",
            option.name
        )),
        (OptionKind::Word(words), toml::Value::String(word)) if words.contains(&word.as_str()) => {
            Ok(OptionValue::Word(word.clone()))
        }
        (OptionKind::Word(words), _) => {
            let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            Err(format!("{} must be {}", option.name, words.join(" or ")))
        }
    }
}

pub(super) fn globs(patterns: &[Spanned<String>], errors: &mut Vec<Diagnostic>) -> GlobSet {
    for pattern in patterns {
        if is_empty_glob(pattern.get_ref()) {
            errors.push(error(pattern.span(), "empty glob").help("name a file or a directory"));
        } else if let Some(problem) = never_matches(pattern.get_ref()) {
            errors.push(
                error(
                    pattern.span(),
                    format!("this glob never matches: {problem}"),
                )
                .help("globs are relative to the directory of corslint.toml"),
            );
        }
        if let Err(invalid) = rooted_globs([pattern.get_ref().as_str()].into_iter()) {
            let message = format!("invalid glob: {}", invalid.kind());
            errors.push(error(pattern.span(), message));
        }
    }
    let good = patterns.iter().map(|pattern| pattern.get_ref().as_str());
    rooted_globs(good).unwrap_or_default()
}

pub(super) fn read_override(table: &OverrideTable, errors: &mut Vec<Diagnostic>) -> Override {
    if table.files.get_ref().is_empty() {
        errors.push(
            error(
                table.files.span(),
                "override matches no files: `files` is empty",
            )
            .help("add the globs of its files"),
        );
    }
    let mut settings = Settings::default();
    read_lints(&table.lints, &mut settings, errors);
    if let Some(name) = &table.provider {
        settings.provider = Provider::by_id(name.get_ref());
        if settings.provider.is_none() {
            let ids = PROVIDERS.iter().map(|provider| provider.id);
            let near = nearest(name.get_ref(), ids);
            let message = format!("unknown provider {}", name.get_ref());
            let help = did_you_mean(near, "the providers are s3, gcs, r2 and b2");
            errors.push(error(name.span(), message).help(help));
        }
    }
    Override {
        files: globs(table.files.get_ref(), errors),
        settings,
    }
}

pub(super) fn read_exception(
    table: &Spanned<ExceptionTable>,
    source: &Source,
    errors: &mut Vec<Diagnostic>,
) -> Option<Exception> {
    let found = errors.len();
    let exception = table.get_ref();
    let name = exception.lint.get_ref();
    let lint = Lint::by_name(name);
    if lint.is_none() {
        let (message, help) = match lints::select(name) {
            Ok(_) => (
                format!("{name} is a group of lints, but an exception is for one lint"),
                "write the name of the lint".to_owned(),
            ),
            Err(near) => (
                format!("unknown lint {name}"),
                did_you_mean(near, "run `corslint explain` for a list"),
            ),
        };
        errors.push(error(exception.lint.span(), message).help(help));
    }
    if exception.reason.get_ref().trim().is_empty() {
        errors.push(
            error(exception.reason.span(), "the reason is empty")
                .help("say why the finding is accepted"),
        );
    }
    let files = globs(std::slice::from_ref(&exception.file), errors);
    let until = exception.until.as_ref().and_then(|until| {
        let date = until
            .get_ref()
            .date
            .filter(|_| until.get_ref().time.is_none());
        let date = date.and_then(|date| {
            let month = Month::try_from(date.month).ok()?;
            Date::from_calendar_date(i32::from(date.year), month, date.day).ok()
        });
        if date.is_none() {
            errors.push(
                error(until.span(), "until must be a date without a time")
                    .help("write it as 2027-06-30"),
            );
        }
        date
    });
    if errors.len() > found {
        return None;
    }
    Some(Exception {
        lint: lint?.name,
        path: exception.file.get_ref().clone(),
        files,
        value: exception.value.clone(),
        until,
        until_span: exception.until.as_ref().map(|until| span(&until.span())),
        head: head(source, table.span()),
    })
}

fn span(range: &Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// Returns the span of a table's header.
fn head(source: &Source, table: Range<usize>) -> Span {
    let text = &source.text()[table.clone()];
    let line = text.lines().next().unwrap_or_default().trim_end();
    Span::new(table.start, table.start + line.len())
}

//! A project's configuration: read, checked, and found for a file.

use std::collections::HashMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use globset::GlobSet;
use time::{Date, Month};
use toml::Spanned;

use super::exceptions::Exception;
use super::file::{ConfigFile, FailOn, LintTable, OverrideTable, Setting};
use super::{Allowed, Config, Exceptions, OptionValue, Selector, nearest};
use crate::dialect::DIALECTS;
use crate::discover;
use crate::finding::Finding;
use crate::lints::{Level, Lint, OptionKind, OptionSpec};
use crate::policy::Provider;
use crate::source::{Source, Span};

/// The name of a configuration.
pub const CONFIG_NAME: &str = "corslint.toml";

/// What is wrong with a configuration.
#[derive(Debug)]
pub enum ConfigError {
    /// It cannot be read: its path, and why.
    Unreadable(PathBuf, String),
    /// Faults in it, with their places.
    Faults(Source, Vec<Finding>),
}

/// One `corslint.toml`.
#[derive(Debug)]
pub struct Project {
    /// The text, for findings that point into it.
    pub source: Source,
    /// Where it stands; its globs count from there.
    folder: PathBuf,
    /// The least severity that fails a run, where it says so.
    pub fail_on: Option<FailOn>,
    exclude: GlobSet,
    /// What is wished for all of its files.
    pub config: Config,
    overrides: Vec<Override>,
    /// The findings that are accepted.
    pub exceptions: Exceptions,
}

#[derive(Debug)]
struct Override {
    files: GlobSet,
    provider: Option<Provider>,
    config: Config,
}

impl Project {
    /// Reads a configuration. `name` is what errors call it.
    pub fn read(path: &Path, name: &str) -> Result<Project, ConfigError> {
        let unreadable = |reason| ConfigError::Unreadable(path.to_owned(), reason);
        let text = match discover::read_named(path).map_err(unreadable)? {
            Some(bytes) => String::from_utf8(bytes).map_err(|_| "this file is not UTF-8"),
            None => Err("this file is too large"),
        };
        let text = text.map_err(|reason| unreadable(reason.to_owned()))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Project::parse(Source::new(name, text), folder)
    }

    /// Reads a configuration that stands in `folder`.
    pub fn parse(source: Source, folder: PathBuf) -> Result<Project, ConfigError> {
        match toml::from_str::<ConfigFile>(source.text()) {
            Ok(file) => {
                let mut faults = Vec::new();
                let project = Project::check(source, folder, file, &mut faults);
                if faults.is_empty() {
                    return Ok(project);
                }
                faults.sort_by_key(Finding::span);
                Err(ConfigError::Faults(project.source, faults))
            }
            Err(error) => {
                let fault = explain(&error, source.text());
                Err(ConfigError::Faults(source, vec![fault]))
            }
        }
    }

    fn check(
        source: Source,
        folder: PathBuf,
        file: ConfigFile,
        faults: &mut Vec<Finding>,
    ) -> Project {
        let mut config = Config::default();
        read_lints(&file.lints, &mut config, faults);
        config.allowed = Allowed {
            origins: file.allowed.origins.map(|origins| {
                for origin in &origins {
                    if origin.get_ref().matches('*').count() > 1 {
                        faults.push(
                            fault(origin.span(), "an origin can hold one *, not more")
                                .help("list the origins one by one, or keep one *"),
                        );
                    }
                }
                origins.into_iter().map(Spanned::into_inner).collect()
            }),
            methods: file.allowed.methods.map(|methods| {
                for method in &methods {
                    let name = method.get_ref();
                    if name.is_empty() || name.chars().any(|c| !c.is_ascii_uppercase() && c != '-')
                    {
                        faults.push(
                            fault(method.span(), format!("{name} is no method"))
                                .help("write methods in capitals, such as \"GET\""),
                        );
                    }
                }
                methods.into_iter().map(Spanned::into_inner).collect()
            }),
        };
        let overrides = file
            .overrides
            .iter()
            .map(|table| read_override(table, faults));
        let overrides = overrides.collect();
        let exceptions = file.exceptions.iter();
        let exceptions = exceptions.filter_map(|table| read_exception(table, &source, faults));
        Project {
            exceptions: Exceptions::new(exceptions.collect()),
            exclude: globs(&file.exclude, faults),
            fail_on: file.fail_on,
            source,
            folder,
            config,
            overrides,
        }
    }

    /// What is wished for one file.
    pub fn config_for(&self, path: &Path) -> Config {
        let mut config = self.config.clone();
        let below = self.below(path);
        for other in &self.overrides {
            if other.files.is_match(&below) {
                config.levels.extend(other.config.levels.iter().copied());
                config.options.extend(other.config.options.iter().cloned());
                config.provider = other.provider.or(config.provider);
            }
        }
        config
    }

    /// Whether some files are read as a provider's policies where their content does not tell.
    pub fn names_providers(&self) -> bool {
        let mut overrides = self.overrides.iter();
        overrides.any(|other| other.provider.is_some())
    }

    /// Whether anything is left out.
    pub fn leaves_out(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// Whether a file or folder is left out.
    pub fn excludes(&self, path: &Path) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(self.below(path))
    }

    /// Whether a file or a folder above it is left out.
    pub fn excludes_within(&self, path: &Path) -> bool {
        let below = self.below(path);
        below.ancestors().any(|part| self.exclude.is_match(part))
    }

    /// A path as the globs of this configuration see it.
    pub fn below(&self, path: &Path) -> PathBuf {
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        path.components()
            .filter(|part| *part != std::path::Component::CurDir)
            .collect()
    }

    /// The path of a file that the configuration names.
    pub fn above(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

/// Finds the configuration of a file: the nearest in or above its folder. Each is read once.
#[derive(Default)]
pub struct Projects {
    /// The one to use for all files.
    only: Option<Arc<Project>>,
    /// Use none.
    isolated: bool,
    /// How to name a file in errors.
    names: discover::Options,
    /// By the text of its path: to compare paths part by part takes longer.
    by_folder: Mutex<HashMap<OsString, Option<Arc<Project>>>>,
    errors: Mutex<Vec<ConfigError>>,
}

impl Projects {
    /// The nearest configuration counts.
    pub fn nearest(names: discover::Options) -> Projects {
        Projects {
            names,
            ..Projects::default()
        }
    }

    /// This configuration counts for all files.
    pub fn only(project: Project) -> Projects {
        Projects {
            only: Some(Arc::new(project)),
            ..Projects::default()
        }
    }

    /// None counts.
    pub fn isolated() -> Projects {
        Projects {
            isolated: true,
            ..Projects::default()
        }
    }

    /// The configuration of a file, by its absolute path.
    pub fn of(&self, path: &Path) -> Option<Arc<Project>> {
        if self.isolated {
            return None;
        }
        if let Some(only) = &self.only {
            return Some(Arc::clone(only));
        }
        self.in_or_above(path.parent()?)
    }

    fn in_or_above(&self, folder: &Path) -> Option<Arc<Project>> {
        let known = self.lock().get(folder.as_os_str()).cloned();
        if let Some(known) = known {
            return known;
        }
        let path = folder.join(CONFIG_NAME);
        // A link that leads nowhere, or a folder of that name, is an error and not nothing.
        let found = if path.symlink_metadata().is_ok() {
            match Project::read(&path, &self.names.name_above(&path)) {
                Ok(project) => Some(Arc::new(project)),
                Err(error) => {
                    let mut errors = self.errors.lock().expect("no thread panics with it");
                    errors.push(error);
                    None
                }
            }
        } else {
            folder.parent().and_then(|above| self.in_or_above(above))
        };
        // Another thread may have read it too; all use the one that came first.
        self.lock()
            .entry(folder.as_os_str().to_owned())
            .or_insert(found)
            .clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OsString, Option<Arc<Project>>>> {
        self.by_folder
            .lock()
            .expect("no thread panics while it holds the lock")
    }

    /// All configurations that were met, in the order of their names.
    pub fn all(&self) -> Vec<Arc<Project>> {
        let mut all: Vec<_> = self.lock().values().flatten().cloned().collect();
        all.extend(self.only.clone());
        all.sort_by(|one, other| one.source.name().cmp(other.source.name()));
        all.dedup_by(|one, other| one.source.name() == other.source.name());
        all
    }

    /// What was wrong with those that were met.
    pub fn errors(&self) -> Vec<ConfigError> {
        let mut errors = self
            .errors
            .lock()
            .expect("no thread panics while it holds the lock");
        std::mem::take(&mut errors)
    }
}

fn fault(span: Range<usize>, message: impl Into<String>) -> Finding {
    Finding::new("", Span::new(span.start, span.end), message)
}

fn did_you_mean(near: Option<&str>, otherwise: &str) -> String {
    match near {
        Some(near) => format!("did you mean {near}?"),
        None => otherwise.to_owned(),
    }
}

/// Adds the lines of a table: groups first, so that a lint's own line wins wherever it stands.
fn read_lints(table: &LintTable, config: &mut Config, faults: &mut Vec<Finding>) {
    let mut lints = Vec::new();
    for (name, setting) in &table.0 {
        let selector = match Selector::parse(name.get_ref()) {
            Ok(selector) => selector,
            Err(near) => {
                let message = format!("there is no lint or group {}", name.get_ref());
                let help = did_you_mean(near, "corslint explain lists all lints");
                faults.push(fault(name.span(), message).help(help));
                continue;
            }
        };
        match (setting.get_ref(), selector) {
            (Setting::Level(level), _) => {
                if let Some(level) = read_level(level, setting.span(), faults) {
                    match selector {
                        Selector::Group(_) => config.set_level(selector, level),
                        Selector::Lint(_) => lints.push((selector, level)),
                    }
                }
            }
            (Setting::Table(_), Selector::Group(_)) => faults.push(
                fault(setting.span(), "a group takes a level, not a table")
                    .help("write its level alone, such as \"warn\""),
            ),
            (Setting::Table(table), Selector::Lint(lint)) => {
                for (key, value) in table {
                    read_option(lint, key, value, &mut lints, config, faults);
                }
            }
        }
    }
    for (selector, level) in lints {
        config.set_level(selector, level);
    }
}

fn read_level(name: &str, span: Range<usize>, faults: &mut Vec<Finding>) -> Option<Level> {
    let level = Level::ALL.iter().find(|level| level.name() == name);
    if level.is_none() {
        let near = match name {
            "error" => Some("deny"),
            "warning" => Some("warn"),
            "off" | "ignore" => Some("allow"),
            _ => nearest(name, Level::ALL.iter().map(|level| level.name())),
        };
        let help = did_you_mean(near, "the levels are allow, note, warn and deny");
        faults.push(fault(span, format!("there is no level {name}")).help(help));
    }
    level.copied()
}

fn read_option(
    lint: &'static str,
    key: &Spanned<String>,
    value: &Spanned<toml::Value>,
    levels: &mut Vec<(Selector, Level)>,
    config: &mut Config,
    faults: &mut Vec<Finding>,
) {
    let name = key.get_ref();
    if name == "level" {
        match value.get_ref() {
            toml::Value::String(level) => {
                let level = read_level(level, value.span(), faults);
                levels.extend(level.map(|level| (Selector::Lint(lint), level)));
            }
            _ => faults.push(
                fault(value.span(), "a level is a string")
                    .help("the levels are allow, note, warn and deny"),
            ),
        }
        return;
    }
    let options = Lint::by_name(lint).map_or(&[][..], |lint| lint.options);
    let Some(option) = options.iter().find(|option| option.name == name) else {
        let names: Vec<_> = options.iter().map(|option| option.name).collect();
        let otherwise = match names[..] {
            [] => "it takes a level only".to_owned(),
            _ => format!("its options are {}", names.join(", ")),
        };
        let near = nearest(name, names.into_iter().chain(["level"]));
        let message = format!("{lint} has no option {name}");
        faults.push(fault(key.span(), message).help(did_you_mean(near, &otherwise)));
        return;
    };
    match option_value(option, value.get_ref()) {
        Ok(value) => config.options.push((lint, option.name, value)),
        Err(message) => faults.push(fault(value.span(), message)),
    }
}

fn option_value(option: &OptionSpec, value: &toml::Value) -> Result<OptionValue, String> {
    match (option.kind, value) {
        (OptionKind::Integer { least, most }, toml::Value::Integer(number))
            if (least..=most).contains(number) =>
        {
            Ok(OptionValue::Integer(*number))
        }
        (OptionKind::Integer { least, most }, _) => Err(format!(
            "{} takes a whole number from {least} to {most}",
            option.name
        )),
        (OptionKind::Word(words), toml::Value::String(word)) if words.contains(&word.as_str()) => {
            Ok(OptionValue::Word(word.clone()))
        }
        (OptionKind::Word(words), _) => {
            let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            Err(format!("{} takes {}", option.name, words.join(" or ")))
        }
    }
}

fn globs(patterns: &[Spanned<String>], faults: &mut Vec<Finding>) -> GlobSet {
    for pattern in patterns {
        if let Err(error) = discover::rooted_globs([pattern.get_ref().as_str()].into_iter()) {
            let message = format!("this is no glob: {}", error.kind());
            faults.push(fault(pattern.span(), message));
        }
    }
    let good = patterns.iter().map(|pattern| pattern.get_ref().as_str());
    discover::rooted_globs(good).unwrap_or_default()
}

fn read_override(table: &OverrideTable, faults: &mut Vec<Finding>) -> Override {
    if table.files.get_ref().is_empty() {
        faults.push(
            fault(table.files.span(), "this override is for no files")
                .help("add the globs of the files that it is for"),
        );
    }
    let mut config = Config::default();
    read_lints(&table.lints, &mut config, faults);
    let provider = table.provider.as_ref().and_then(|name| {
        let dialect = DIALECTS
            .iter()
            .find(|dialect| dialect.name == name.get_ref());
        if dialect.is_none() {
            let near = nearest(name.get_ref(), DIALECTS.iter().map(|dialect| dialect.name));
            let message = format!("there is no provider {}", name.get_ref());
            let help = did_you_mean(near, "the providers are s3, gcs, r2 and b2");
            faults.push(fault(name.span(), message).help(help));
        }
        dialect.map(|dialect| dialect.provider)
    });
    Override {
        files: globs(table.files.get_ref(), faults),
        provider,
        config,
    }
}

fn read_exception(
    table: &Spanned<super::file::ExceptionTable>,
    source: &Source,
    faults: &mut Vec<Finding>,
) -> Option<Exception> {
    let found = faults.len();
    let exception = table.get_ref();
    let name = exception.lint.get_ref();
    let lint = Lint::by_name(name);
    if lint.is_none() {
        let (message, help) = match Selector::parse(name) {
            Ok(_) => (
                format!("{name} is a group, and an exception is for one lint"),
                "name the lint".to_owned(),
            ),
            Err(near) => (
                format!("there is no lint {name}"),
                did_you_mean(near, "corslint explain lists all lints"),
            ),
        };
        faults.push(fault(exception.lint.span(), message).help(help));
    }
    if exception.reason.get_ref().trim().is_empty() {
        faults.push(
            fault(exception.reason.span(), "the reason is empty")
                .help("say why the finding is accepted"),
        );
    }
    let files = globs(std::slice::from_ref(&exception.file), faults);
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
            faults.push(
                fault(until.span(), "until takes a date without a time")
                    .help("write it as in 2027-06-30"),
            );
        }
        date
    });
    if faults.len() > found {
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

/// The line that opens a table, as far as it is written.
fn head(source: &Source, table: Range<usize>) -> Span {
    let text = &source.text()[table.clone()];
    let line = text.lines().next().unwrap_or_default().trim_end();
    Span::new(table.start, table.start + line.len())
}

/// An error of the reader, in our words.
fn explain(error: &toml::de::Error, text: &str) -> Finding {
    let range = error.span().unwrap_or(0..0);
    let range = range.start.min(text.len())..range.end.min(text.len());
    let message = error.message();
    let quoted: Vec<_> = message.split('`').skip(1).step_by(2).collect();
    let shown = |message: String| fault(range.clone(), message);
    if message.starts_with("unknown field") {
        let (name, known) = quoted.split_first().map_or(("", &[][..]), |(n, k)| (*n, k));
        let near = nearest(name, known.iter().copied());
        let help = did_you_mean(near, &format!("the keys here are {}", known.join(", ")));
        return shown(format!("there is no key {name} here")).help(help);
    }
    if message.starts_with("unknown variant") {
        let (name, known) = quoted.split_first().map_or(("", &[][..]), |(n, k)| (*n, k));
        let near = nearest(name, known.iter().copied());
        let help = did_you_mean(near, &format!("it takes {}", known.join(", ")));
        return shown(format!("{name} is not known here")).help(help);
    }
    if message == "wanted string or table" {
        return shown("a string belongs here".to_owned());
    }
    let written = &text[range.clone()];
    if written.starts_with("[override]") || written.starts_with("[exception]") {
        let name = written.trim_matches(['[', ']']);
        return shown(format!(
            "there may be several of [{name}], so it takes two brackets"
        ))
        .help(format!("write [[{name}]]"));
    }
    if message.starts_with("missing field") {
        let name = quoted.first().copied().unwrap_or_default();
        let line = text[range.clone()].lines().next().unwrap_or_default();
        let range = range.start..range.start + line.trim_end().len();
        return fault(range, format!("{name} is missing")).help(match name {
            "reason" => "say why the finding is accepted".to_owned(),
            _ => format!("add {name} = ..."),
        });
    }
    if let Some(("invalid type", kinds)) = message.split_once(": ") {
        let (found, wanted) = kinds
            .split_once(", expected ")
            .unwrap_or((kinds, "something else"));
        let found = found
            .split(" `")
            .next()
            .unwrap_or(found)
            .split(" \"")
            .next()
            .unwrap_or(found);
        if wanted.contains("datetime") {
            return shown("a date is written without quotes".to_owned())
                .help("write it as in 2027-06-30");
        }
        let wanted = match wanted {
            "a sequence" => "a list",
            "a map" | "struct AllowedTable" | "struct ConfigFile" => "a table",
            "struct OverrideTable" | "struct ExceptionTable" => "a table",
            other => other,
        };
        let found = match found {
            "sequence" => "a list",
            "map" => "a table",
            "integer" => "a number",
            "floating point" => "a number",
            "boolean" => "true or false",
            "string" => "a string",
            other => other,
        };
        return shown(format!("this is {found}, and {wanted} belongs here"));
    }
    let message = message.lines().next().unwrap_or("this is no TOML");
    let mut message = message.trim_end_matches('.').to_owned();
    if let Some(first) = message.get(..1) {
        message.replace_range(..1, &first.to_lowercase());
    }
    shown(message)
}

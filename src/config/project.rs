//! A parsed `corslint.toml`, and the settings it provides for each file.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use globset::GlobSet;
use toml::Spanned;

use super::exceptions::Exceptions;
use super::file::{ConfigFile, FailOn};
use super::parse::{error, globs, read_exception, read_lints, read_override};
use super::toml_error::toml_error;
use crate::finding::Diagnostic;
use crate::origin::why_never_matched;
use crate::settings::{AllowList, Settings};
use crate::source::Source;

/// The file name of a configuration.
pub const CONFIG_NAME: &str = "corslint.toml";

/// Why a configuration can't be used.
#[derive(Debug)]
pub enum ConfigError {
    /// The file at this path can't be read, for this reason.
    Unreadable(PathBuf, String),
    /// The content has these errors.
    Invalid(Box<Source>, Vec<Diagnostic>),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Unreadable(path, reason) => write!(f, "{}: {reason}", path.display()),
            ConfigError::Invalid(source, errors) => {
                for error in errors {
                    let line = source.position(error.span().start()).line;
                    writeln!(f, "{}:{line}: {}", source.name(), error.message)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

/// One `corslint.toml`.
#[derive(Debug)]
pub struct Project {
    /// The text, for findings that point into it.
    pub source: Source,
    /// The directory of the file; globs are relative to it.
    pub(super) directory: PathBuf,
    /// The lowest severity that fails a run; `None` if it is not set.
    pub fail_on: Option<FailOn>,
    exclude: GlobSet,
    /// The globs of `exclude` as written.
    exclude_globs: Vec<String>,
    /// The settings for all files, before overrides.
    pub settings: Settings,
    overrides: Vec<Override>,
    /// The findings that are accepted.
    pub exceptions: Exceptions,
}

#[derive(Debug)]
pub(super) struct Override {
    pub(super) files: GlobSet,
    pub(super) settings: Settings,
}

impl Project {
    /// Parses a configuration in `directory`.
    pub fn parse(source: Source, directory: PathBuf) -> Result<Project, ConfigError> {
        match toml::from_str::<ConfigFile>(source.text()) {
            Ok(file) => {
                let mut errors = Vec::new();
                let project = Project::build(source, directory, file, &mut errors);
                if errors.is_empty() {
                    return Ok(project);
                }
                errors.sort_by_key(Diagnostic::span);
                Err(ConfigError::Invalid(Box::new(project.source), errors))
            }
            Err(failed) => {
                let error = toml_error(&failed, source.text());
                Err(ConfigError::Invalid(Box::new(source), vec![error]))
            }
        }
    }

    fn build(
        source: Source,
        directory: PathBuf,
        file: ConfigFile,
        errors: &mut Vec<Diagnostic>,
    ) -> Project {
        let mut settings = Settings::default();
        read_lints(&file.lints, &mut settings, errors);
        settings.allowed = AllowList {
            origins: file.allowed.origins.map(|origins| {
                for origin in &origins {
                    if origin.get_ref().matches('*').count() > 1 {
                        errors.push(
                            error(origin.span(), "an origin can contain at most one *")
                                .help("list the origins one by one, or keep one *"),
                        );
                    } else if let Some(why) = why_never_matched(origin.get_ref()) {
                        let message = format!("origin {} never matches", origin.get_ref());
                        errors.push(error(origin.span(), message).help(why));
                    }
                }
                origins.into_iter().map(Spanned::into_inner).collect()
            }),
            methods: file.allowed.methods.map(|methods| {
                for method in &methods {
                    let name = method.get_ref();
                    if name.is_empty() || name.chars().any(|c| !c.is_ascii_uppercase() && c != '-')
                    {
                        errors.push(
                            error(method.span(), format!("not a method: {name}"))
                                .help("write methods in upper case, such as \"GET\""),
                        );
                    }
                }
                methods.into_iter().map(Spanned::into_inner).collect()
            }),
        };
        let overrides = file.overrides.iter();
        let overrides = overrides
            .map(|table| read_override(table, errors))
            .collect();
        let exceptions = file.exceptions.iter();
        let exceptions = exceptions.filter_map(|table| read_exception(table, &source, errors));
        Project {
            exceptions: Exceptions::new(exceptions.collect()),
            exclude: globs(&file.exclude, errors),
            exclude_globs: file
                .exclude
                .iter()
                .map(|glob| glob.get_ref().clone())
                .collect(),
            fail_on: file.fail_on,
            source,
            directory,
            settings,
            overrides,
        }
    }

    /// Returns the settings for one file.
    pub fn for_file(&self, path: &Path) -> Settings {
        let mut settings = self.settings.clone();
        let relative = self.relative(path);
        for table in &self.overrides {
            if table.files.is_match(&relative) {
                settings.apply(&table.settings);
            }
        }
        settings
    }

    /// Returns true if this configuration sets the provider of any files.
    pub fn names_providers(&self) -> bool {
        let mut overrides = self.overrides.iter();
        overrides.any(|table| table.settings.provider.is_some())
    }

    /// Returns true if this configuration excludes any files.
    pub fn has_excludes(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// Returns the glob that excludes a file or a directory itself; `None` if none does.
    pub fn excluded_by(&self, path: &Path) -> Option<&str> {
        if self.exclude.is_empty() {
            return None;
        }
        let index = *self.exclude.matches(self.relative(path)).first()?;
        self.exclude_globs.get(index).map(String::as_str)
    }

    /// The directory of the file; globs are relative to it.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the form of a path that the globs of this configuration are matched against.
    pub fn relative(&self, path: &Path) -> PathBuf {
        let path = path.strip_prefix(&self.directory).unwrap_or(path);
        path.components()
            .filter(|part| *part != Component::CurDir)
            .collect()
    }

    /// Resolves a path written in this configuration.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }
}

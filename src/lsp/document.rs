//! The documents that are open in the editor, and what was found in them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use lsp_types::Uri;
use time::Date;

use crate::analyze::{Analysis, analyze};
use crate::config::{CONFIG_NAME, ConfigError, Project, Projects};
use crate::finding::Finding;
use crate::level::Severity;
use crate::paths::Paths;
use crate::settings::Settings;
use crate::skip::SkipReason;
use crate::source::Source;

/// A document.
pub(super) struct Document {
    pub(super) uri: Uri,
    /// `None` for a document that is not a file.
    pub(super) path: Option<PathBuf>,
    /// The name, whose extension selects the syntax.
    pub(super) name: String,
    pub(super) version: i32,
    pub(super) text: String,
    /// What was found in the text; `None` if it has changed since.
    pub(super) checked: Option<Checked>,
    /// True if the client has not been told of what was found.
    pub(super) is_unpublished: bool,
}

/// What was found in a document.
pub(super) struct Checked {
    /// The analysis with merged findings.
    pub(super) analysis: Analysis,
    /// The findings before they were merged, as exceptions accept them.
    pub(super) entries: Vec<Finding>,
}

impl Document {
    pub(super) fn new(uri: Uri, language: &str, version: i32, text: String) -> Document {
        let path = path_of(uri.as_str());
        let name = match &path {
            Some(path) => path.to_string_lossy().into_owned(),
            // A document that was never saved has no extension.
            None => format!("{}.{}", uri.as_str(), extension(language)),
        };
        Document {
            uri,
            path,
            name,
            version,
            text,
            checked: None,
            is_unpublished: true,
        }
    }

    /// Returns true for a `corslint.toml`.
    pub(super) fn is_configuration(&self) -> bool {
        let name = self.path.as_deref().and_then(Path::file_name);
        name.is_some_and(|name| name == CONFIG_NAME)
    }

    /// Replaces the text.
    pub(super) fn change(&mut self, version: i32, text: String) {
        self.version = version;
        self.text = text;
        self.outdate();
    }

    /// Forgets what was found, after something else has changed that it depends on.
    pub(super) fn outdate(&mut self) {
        self.checked = None;
        self.is_unpublished = true;
    }

    /// Returns what is found in the document.
    pub(super) fn check(&mut self, projects: &Projects, paths: &Paths, today: Date) -> &Checked {
        let checked = match self.checked.take() {
            Some(checked) => checked,
            None if self.is_configuration() => self.check_configuration(paths, today),
            None => self.analyze(self.text.clone(), projects, paths, today),
        };
        self.checked.insert(checked)
    }

    /// Analyzes a text in place of the document's.
    pub(super) fn analyze(
        &self,
        text: String,
        projects: &Projects,
        paths: &Paths,
        today: Date,
    ) -> Checked {
        let path = self.path.as_deref();
        let name = path.map_or(self.name.clone(), |path| paths.display_any(path));
        if path.is_some_and(|path| projects.excludes(path)) {
            let why = SkipReason::Excluded("the configuration".to_owned());
            return Checked {
                analysis: Analysis::skipped(Source::new(name, text), why),
                entries: Vec::new(),
            };
        }
        let project = path.and_then(|path| projects.for_file(path));
        let settings = match (&project, path) {
            (Some(project), Some(path)) => project.for_file(path),
            _ => Settings::default(),
        };
        let mut analysis = analyze(&name, text.clone(), &settings);
        if analysis.skipped.is_some() {
            // The analysis of a file without a policy may not keep its text.
            analysis.source = Source::new(name, text);
        }
        if let (Some(project), Some(path)) = (project, path) {
            let relative = project.relative(path);
            let exceptions = &project.exceptions;
            exceptions.apply(&relative, &mut analysis.findings, today);
        }
        let entries = analysis.findings.clone();
        analysis.merge_findings();
        Checked { analysis, entries }
    }

    /// Reports the errors of a configuration, and its exceptions that have expired.
    fn check_configuration(&self, paths: &Paths, today: Date) -> Checked {
        let path = self.path.as_deref().unwrap_or(Path::new(""));
        let source = Source::new(paths.display_any(path), &*self.text);
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        let why = SkipReason::Configuration;
        let mut analysis = Analysis::skipped(source.clone(), why);
        match Project::parse(source.clone(), directory) {
            Ok(project) => {
                let exceptions = &project.exceptions;
                let found = exceptions.diagnostics(&project, &project.settings, today);
                analysis = Analysis::of_configuration(source, found, &project.settings);
            }
            Err(ConfigError::Invalid(_, errors)) => {
                let errors = errors.into_iter();
                let errors = errors.map(|error| Finding::new(error, Severity::Error));
                analysis.findings = errors.collect();
            }
            Err(ConfigError::Unreadable(..)) => {}
        }
        Checked {
            analysis,
            entries: Vec::new(),
        }
    }
}

/// Returns the texts of the open configurations, by their paths.
pub(super) fn configuration_texts<'d>(
    documents: impl Iterator<Item = &'d Document>,
) -> HashMap<PathBuf, String> {
    let configurations = documents.filter(|document| document.is_configuration());
    let texts = configurations.filter_map(|it| Some((it.path.clone()?, it.text.clone())));
    texts.collect()
}

/// Returns the path of a file's URI.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let url = url::Url::parse(uri).ok()?;
    let is_file = url.scheme() == "file";
    is_file.then(|| url.to_file_path().ok()).flatten()
}

/// The extension of files in a language, by the name that the protocol has for it.
fn extension(language: &str) -> &str {
    match language {
        "terraform" | "hcl" | "opentofu" => "tf",
        other => other,
    }
}

//! Reads the policies to compare.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use corslint::analyze::{Analysis, analyze};
use corslint::config::Projects;
use corslint::git::{self, FileChange};
use corslint::locate;
use corslint::paths::Paths;
use corslint::provider::Provider;
use corslint::read::{io_message, read_named};
use corslint::report::escape_control;
use corslint::settings::Settings;
use corslint::skip::SkipReason;
use corslint::source::Source;
use corslint::syntax;
use walkdir::WalkDir;

use crate::cli::Environment;

/// Two versions of a file; one of them may not exist, or contain no policy.
pub(super) struct Versions {
    pub(super) old: Option<Rc<Analysis>>,
    pub(super) new: Option<Rc<Analysis>>,
    /// True if the user named both, so that both must contain a policy.
    pub(super) is_named: bool,
}

/// Reads and analyzes files.
pub(super) struct Loader<'a> {
    pub(super) environment: &'a Environment,
    pub(super) paths: Paths,
    /// The provider to assume where it can't be detected.
    pub(super) provider: Option<&'static Provider>,
    /// What could not be compared. The rest is.
    pub(super) errors: Vec<String>,
}

impl Loader<'_> {
    /// Reads two files, or all files of two directories.
    pub(super) fn files(&mut self, old: &Path, new: &Path) -> Result<Vec<Versions>, String> {
        match (old.is_dir(), new.is_dir()) {
            (true, true) => Ok(self.directories(old, new)),
            (false, false) if old == Path::new("-") && new == Path::new("-") => {
                Err("only one of the policies can be standard input".to_owned())
            }
            (false, false) => Ok(vec![Versions {
                old: Some(Rc::new(self.named(old)?)),
                new: Some(Rc::new(self.named(new)?)),
                is_named: true,
            }]),
            _ => Err("compare two files or two directories".to_owned()),
        }
    }

    /// Reads a file that the user named, or standard input.
    fn named(&self, path: &Path) -> Result<Analysis, String> {
        let is_stdin = path == Path::new("-");
        let name = match is_stdin {
            true => "<stdin>".to_owned(),
            false => self.paths.display(path),
        };
        let bytes = match is_stdin {
            true => (self.environment.read_stdin)().map_err(|error| io_message(&error)),
            false => read_named(path),
        };
        let failed = |reason: &str| format!("{}: {reason}", escape_control(&name));
        let bytes = match bytes {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(failed(&SkipReason::TooLarge.message())),
            Err(reason) => return Err(failed(&reason)),
        };
        let mut settings = self.settings(path);
        settings.provider = self.provider.or(settings.provider);
        let analysis = analyze(&name, bytes, &settings);
        match &analysis.skipped {
            Some(why) => Err(failed(&format!("not a policy: {}", why.message()))),
            None if analysis.policies.is_empty() => Err(unreadable(&analysis)),
            None => Ok(analysis),
        }
    }

    fn settings(&self, path: &Path) -> Settings {
        let path = self.paths.absolute(path);
        let projects = Projects::nearest(self.paths.clone());
        let project = projects.for_file(&path);
        project.map_or_else(Settings::default, |project| project.for_file(&path))
    }

    /// Analyzes a text that was found; `None` if it contains no policy. Policies that can't be read are errors.
    fn found(&mut self, path: &Path, bytes: Vec<u8>) -> Option<Rc<Analysis>> {
        if !Source::is_utf16(&bytes) && !locate::prefilter_matches(&bytes) {
            return None;
        }
        let name = self.paths.display_any(path);
        let analysis = analyze(&name, bytes, &self.settings(path));
        if analysis.skipped.is_some() {
            return None;
        }
        if analysis.policies.is_empty() {
            self.errors.push(unreadable(&analysis));
            return None;
        }
        Some(Rc::new(analysis))
    }

    /// Reads a file that was found; `None` if it contains no policy.
    fn read(&mut self, path: &Path) -> Option<Rc<Analysis>> {
        match read_named(path) {
            Ok(bytes) => self.found(path, bytes?),
            Err(reason) => {
                let name = self.paths.display_any(path);
                self.errors
                    .push(format!("{}: {reason}", escape_control(&name)));
                None
            }
        }
    }

    /// Reads all files of two directories.
    fn directories(&mut self, old: &Path, new: &Path) -> Vec<Versions> {
        let mut files: BTreeMap<PathBuf, [Option<PathBuf>; 2]> = BTreeMap::new();
        for (index, top) in [old, new].into_iter().enumerate() {
            let entries = WalkDir::new(top).into_iter();
            for entry in entries.filter_entry(|entry| entry.file_name() != ".git") {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        self.errors
                            .push(escape_control(&error.to_string()).into_owned());
                        continue;
                    }
                };
                let name = entry.file_name().to_string_lossy();
                if entry.file_type().is_file()
                    && syntax::is_read(&name)
                    && let Ok(relative) = entry.path().strip_prefix(top)
                {
                    let versions = files.entry(relative.to_owned()).or_default();
                    versions[index] = Some(entry.path().to_owned());
                }
            }
        }
        let files = files.into_values();
        files
            .map(|[old, new]| Versions {
                old: old.and_then(|path| self.read(&path)),
                new: new.and_then(|path| self.read(&path)),
                is_named: false,
            })
            .collect()
    }

    /// Reads the files below some paths that have changed since a revision.
    pub(super) fn since(
        &mut self,
        revision: &str,
        paths: &[PathBuf],
    ) -> Result<Vec<Versions>, String> {
        let directory = self.paths.working_directory.clone().unwrap_or_default();
        let named = paths.iter().map(|path| self.paths.absolute(path));
        let named: Vec<_> = named
            .map(|path| path.canonicalize().unwrap_or(path))
            .collect();
        let is_below = |path: &Path| {
            syntax::is_read(&path.to_string_lossy())
                && (named.is_empty() || named.iter().any(|named| path.starts_with(named)))
        };
        let changes = git::changes(&directory, revision)?;
        let below = |change: &FileChange| {
            let old = change.old.as_ref().is_some_and(|(path, _)| is_below(path));
            old || change.new.as_deref().is_some_and(is_below)
        };
        let changes: Vec<_> = changes.into_iter().filter(below).collect();
        let objects = changes.iter().filter_map(|change| change.old.as_ref());
        let objects: Vec<_> = objects.map(|(_, object)| object.clone()).collect();
        let contents = git::contents(&directory, &objects)?;
        let contents: HashMap<_, _> = objects.into_iter().zip(contents).collect();
        let mut versions = Vec::new();
        for change in changes {
            let old = change.old.and_then(|(path, object)| {
                let Some(bytes) = contents.get(&object).cloned().flatten() else {
                    let name = self.paths.display_any(&path);
                    let why = "its old version is not in this clone";
                    self.errors
                        .push(format!("{}: {why}", escape_control(&name)));
                    return None;
                };
                self.found(&path, bytes)
            });
            versions.push(Versions {
                old,
                new: change.new.and_then(|path| self.read(&path)),
                is_named: false,
            });
        }
        Ok(versions)
    }
}

/// The error for a policy that can't be parsed.
fn unreadable(analysis: &Analysis) -> String {
    let name = escape_control(analysis.source.name()).into_owned();
    match analysis.findings.first() {
        Some(finding) => {
            let line = analysis.source.position(finding.span().start()).line;
            format!("{name}:{line}: {}", escape_control(&finding.message))
        }
        None => format!("{name}: not a readable policy"),
    }
}

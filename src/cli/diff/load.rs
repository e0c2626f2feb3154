//! Reads the policies to compare.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use corslint::analyze::{Analysis, analyze};
use corslint::config::Projects;
use corslint::git::{self, Content, FileChange};
use corslint::locate;
use corslint::paths::Paths;
use corslint::provider::Provider;
use corslint::read::read_named;
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
    /// The configurations, which may exclude files and name their providers.
    pub(super) projects: Projects,
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
        let (name, bytes) = self.environment.read(path);
        let failed = |reason: &str| format!("{}: {reason}", escape_control(&name));
        let bytes = match bytes {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(failed(&SkipReason::TooLarge.message())),
            Err(reason) => return Err(failed(&reason)),
        };
        let analysis = analyze(&name, bytes, &self.settings(path));
        match &analysis.skipped {
            Some(why) => Err(failed(&format!("not a policy: {}", why.message()))),
            None if analysis.policies.is_empty() => Err(unreadable(&analysis)),
            None => Ok(analysis),
        }
    }

    fn settings(&self, path: &Path) -> Settings {
        let path = self.paths.absolute(path);
        let project = self.projects.for_file(&path);
        let settings = project.map(|project| project.for_file(&path));
        let mut settings = settings.unwrap_or_default();
        settings.provider = self.provider.or(settings.provider);
        settings
    }

    /// Analyzes a text that was found.
    fn found(&self, path: &Path, bytes: Vec<u8>) -> Found {
        let absolute = self.paths.absolute(path);
        if self.projects.excludes(&absolute)
            || !Source::is_utf16(&bytes) && !locate::prefilter_matches(&bytes)
        {
            return Found::Nothing;
        }
        let name = self.paths.display_any(path);
        let analysis = analyze(&name, bytes, &self.settings(path));
        match &analysis.skipped {
            Some(
                why @ (SkipReason::Malformed | SkipReason::Template | SkipReason::OtherSyntax(_)),
            ) => {
                let why = format!("not a policy anymore: {}", why.message());
                Found::Unreadable(self.error(path, &why))
            }
            Some(_) => Found::Nothing,
            None if analysis.policies.is_empty() => Found::Broken(unreadable(&analysis)),
            None => Found::Policies(Rc::new(analysis)),
        }
    }

    /// The error for a file that can't be compared.
    fn error(&self, path: &Path, reason: &str) -> String {
        let name = self.paths.display_any(path);
        format!("{}: {reason}", escape_control(&name))
    }

    /// Reads a file that was found.
    fn read(&self, path: &Path) -> Found {
        let failed = |reason: &str| Found::Broken(self.error(path, reason));
        match read_named(path) {
            Ok(Some(bytes)) => self.found(path, bytes),
            Ok(None) => failed(&SkipReason::TooLarge.message()),
            Err(reason) => failed(&reason),
        }
    }

    /// Puts two versions together. If one can't be read, they are not compared, and that is an error if the other has
    /// a policy.
    fn versions(&mut self, old: Found, new: Found) -> Option<Versions> {
        match (old, new) {
            (Found::Broken(error), _) | (_, Found::Broken(error)) => {
                self.errors.push(error);
                None
            }
            (Found::Policies(_), Found::Unreadable(error))
            | (Found::Unreadable(error), Found::Policies(_)) => {
                self.errors.push(error);
                None
            }
            (old, new) => Some(Versions {
                old: old.policies(),
                new: new.policies(),
                is_named: false,
            }),
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
                        let error = escape_control(&error.to_string()).into_owned();
                        self.errors.push(error);
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
        let mut all = Vec::new();
        for versions in files.into_values() {
            let [old, new] = versions.map(|path| match path {
                Some(path) => self.read(&path),
                None => Found::Nothing,
            });
            all.extend(self.versions(old, new));
        }
        all
    }

    /// Reads the files below some paths that have changed since a revision, or that are staged.
    pub(super) fn changed(
        &mut self,
        revision: &str,
        is_staged: bool,
        paths: &[PathBuf],
    ) -> Result<Vec<Versions>, String> {
        let directory = self.paths.working_directory.clone().unwrap_or_default();
        let changes = git::changes(&directory, revision, is_staged)?;
        let mut named = Vec::new();
        for path in paths {
            let absolute = self.paths.absolute(path);
            let resolved = resolved(&absolute);
            let was_there = |change: &FileChange| {
                let old = change.old.as_ref();
                old.is_some_and(|(old, _)| old.starts_with(&resolved))
            };
            if !absolute.exists() && !changes.iter().any(was_there) {
                let name = self.paths.display(path);
                return Err(format!(
                    "{}: no such file or directory",
                    escape_control(&name)
                ));
            }
            named.push(resolved);
        }
        let is_below = |path: &Path| {
            syntax::is_read(&path.to_string_lossy())
                && (named.is_empty() || named.iter().any(|named| path.starts_with(named)))
        };
        let below = |change: &FileChange| {
            let old = change.old.as_ref().is_some_and(|(path, _)| is_below(path));
            old || change.new.as_ref().is_some_and(|(path, _)| is_below(path))
        };
        let changes: Vec<_> = changes.into_iter().filter(below).collect();
        let objects = changes.iter().flat_map(|change| {
            let old = change.old.as_ref().map(|(_, object)| object.clone());
            let new = change.new.as_ref().and_then(|(_, object)| object.clone());
            old.into_iter().chain(new)
        });
        let objects: Vec<_> = objects.collect();
        let contents = git::contents(&directory, &objects)?;
        let contents: HashMap<_, _> = objects.into_iter().zip(contents).collect();
        // Several files may have the same content.
        let of_object = |loader: &Loader<'_>, path: &Path, object: &str| {
            let failed = |reason: &str| Found::Broken(loader.error(path, reason));
            match contents.get(object) {
                Some(Content::Bytes(bytes)) => loader.found(path, bytes.clone()),
                Some(Content::TooLarge) => failed(&SkipReason::TooLarge.message()),
                Some(Content::Missing) | None => failed("a version of it is not in this clone"),
            }
        };
        let mut versions = Vec::new();
        for change in changes {
            let old = match &change.old {
                Some((path, object)) => of_object(self, path, object),
                None => Found::Nothing,
            };
            let new = match &change.new {
                Some((path, Some(object))) => of_object(self, path, object),
                Some((path, None)) => self.read(path),
                None => match &change.old {
                    Some((path, _)) if change.is_link_now => {
                        let why = "it is a symbolic link now, which is not followed";
                        Found::Unreadable(self.error(path, why))
                    }
                    _ => Found::Nothing,
                },
            };
            versions.extend(self.versions(old, new));
        }
        Ok(versions)
    }
}

/// What was found in a file.
enum Found {
    Policies(Rc<Analysis>),
    /// No policy.
    Nothing,
    /// Why it can't be told whether there is one.
    Unreadable(String),
    /// Why the policy in it can't be compared.
    Broken(String),
}

impl Found {
    fn policies(self) -> Option<Rc<Analysis>> {
        match self {
            Found::Policies(analysis) => Some(analysis),
            Found::Nothing | Found::Unreadable(_) | Found::Broken(_) => None,
        }
    }
}

/// Returns a path without links. The last parts may not exist.
fn resolved(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut existing = path;
    loop {
        if let Ok(resolved) = existing.canonicalize() {
            let rest = missing.iter().rev();
            return rest.fold(resolved, |path, part| path.join(part));
        }
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name);
                existing = parent;
            }
            _ => return path.to_owned(),
        }
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

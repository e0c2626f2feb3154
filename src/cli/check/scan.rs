//! Finds, reads and checks the files.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use time::Date;

use corslint::analyze::{Analysis, analyze};
use corslint::bucket::Elsewhere;
use corslint::config::{CONFIG_NAME, Projects};
use corslint::discover::{self, Candidate, Filter, NotVisited, Unreadable};
use corslint::git;
use corslint::locate;
use corslint::paths::Paths;
use corslint::provider::Provider;
use corslint::read::io_message;
use corslint::settings::Settings;
use corslint::skip::SkipReason;
use corslint::source::Source;

use super::checked::{CheckedFile, drop_links};
use super::conflicts::conflicting;
use super::exclude::Exclude;
use super::lint_options::LintOptions;
use crate::cli::Environment;

/// What to check, and how.
pub(super) struct Scanner<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) stdin_filename: Option<&'a str>,
    pub(super) selection: Selection<'a>,
    pub(super) exclude: &'a Exclude<'a>,
    pub(super) force_exclude: bool,
    pub(super) files: &'a discover::Options,
    pub(super) projects: &'a Projects,
    pub(super) lints: &'a LintOptions,
    /// The provider to assume for named files if it can't be detected from their content.
    pub(super) provider: Option<&'static Provider>,
    /// The date that exceptions are checked against; `None` if exceptions are not applied.
    pub(super) today: Option<Date>,
    /// True to keep files without a policy in the result.
    pub(super) keep_skipped: bool,
    /// True to keep the trees of files, for applying fixes or reporting their edits.
    pub(super) keep_trees: bool,
}

/// The files under the given paths to check.
pub(super) enum Selection<'a> {
    All,
    Staged,
    ChangedSince(&'a str),
}

/// The result of a scan, sorted by name.
#[derive(Default)]
pub(super) struct ScanResult {
    pub(super) entries: Vec<CheckedFile>,
    pub(super) unreadable: Vec<Unreadable>,
    /// The number of staged or changed files; `None` if all files are selected.
    pub(super) changed: Option<usize>,
}

impl Scanner<'_> {
    /// Checks all selected files. Returns an error if the run can't continue.
    pub(super) fn run(&self, environment: &Environment) -> Result<ScanResult, String> {
        let paths = self.paths.iter().map(|path| configured_directory(path));
        let (stdin, paths): (Vec<_>, Vec<_>) = paths.partition(|path| path == Path::new("-"));
        let mut changed = None;
        let (mut found, mut unreadable) = match self.selection {
            Selection::All => self.files_under(&paths),
            Selection::Staged => {
                let selected = self.only_under(&paths, git::staged(self.directory())?);
                changed = Some(selected.files.len());
                let found = self.staged(selected.files, selected.missing)?;
                self.with_unchanged(found, selected.configured, selected.skipped)
            }
            Selection::ChangedSince(revision) => {
                let files = git::since(self.directory(), revision)?;
                let selected = self.only_under(&paths, files);
                changed = Some(selected.files.len());
                let found = self.since(selected.files, selected.missing);
                self.with_unchanged(found, selected.configured, selected.skipped)
            }
        };
        if !stdin.is_empty() {
            let name = self.stdin_filename.unwrap_or("<stdin>");
            let named_file = self.stdin_filename.filter(|_| self.force_exclude);
            let exclusion = named_file.and_then(|name| self.exclusion(Path::new(name)));
            match ((environment.read_stdin)(), exclusion) {
                (Ok(bytes), Some(by)) => found.push(CheckedFile {
                    stdin: bytes,
                    ..self.skipped(Path::new(name), true, SkipReason::Excluded(by))
                }),
                (Ok(bytes), None) => found.push(CheckedFile {
                    stdin: bytes.clone(),
                    ..self.check(Candidate {
                        name: name.to_owned(),
                        path: PathBuf::from(name),
                        named: true,
                        bytes,
                    })
                }),
                (Err(error), _) => unreadable.push(Unreadable {
                    name: name.to_owned(),
                    reason: io_message(&error),
                }),
            }
        }
        // With --provider, the user declares named files to be policies, so don't skip them silently.
        if self.provider.is_some() {
            let (unread, read) = found.into_iter().partition(|file: &CheckedFile| {
                file.named && matches!(file.analysis.skipped, Some(SkipReason::OtherSyntax(_)))
            });
            found = read;
            unreadable.extend(unread.into_iter().map(|file: CheckedFile| {
                Unreadable {
                    name: file.name().to_owned(),
                    reason: file
                        .analysis
                        .skipped
                        .map_or_else(String::new, |why| why.message()),
                }
            }));
        }
        // Merge duplicates of the same file. Compare paths as well as names: two paths that are not UTF-8 may
        // have the same printed name.
        found.sort_by(|one, other| (one.name(), &one.path).cmp(&(other.name(), &other.path)));
        found.dedup_by(|one, other| {
            let same = one.path == other.path;
            other.named |= same && one.named;
            same
        });
        drop_links(&mut found, self.paths.len() > 1);
        for (index, elsewhere) in conflicting(&found) {
            let file = &mut found[index];
            file.elsewhere = elsewhere;
            let bytes = file.analysis.source.text().as_bytes().to_vec();
            *file = self.recheck(file, bytes);
        }
        unreadable.sort();
        unreadable.dedup();
        Ok(ScanResult {
            entries: found,
            unreadable,
            changed,
        })
    }

    /// Adds the files below changed configurations, and files that are skipped.
    fn with_unchanged(
        &self,
        (mut found, mut unreadable): (Vec<CheckedFile>, Vec<Unreadable>),
        configured: Vec<PathBuf>,
        skipped: Vec<CheckedFile>,
    ) -> (Vec<CheckedFile>, Vec<Unreadable>) {
        if !configured.is_empty() {
            let (below, more) = self.files_under(&configured);
            // The staged version of a file comes first, and is the one that is kept.
            found.extend(below.into_iter().map(|file| CheckedFile {
                named: false,
                ..file
            }));
            unreadable.extend(more);
        }
        found.extend(skipped);
        (found, unreadable)
    }

    fn files_under(&self, paths: &[PathBuf]) -> (Vec<CheckedFile>, Vec<Unreadable>) {
        let (mut paths, mut excluded) = (paths.to_vec(), Vec::new());
        if self.force_exclude {
            paths.retain(|path| match self.exclusion(path) {
                Some(by) => {
                    excluded.push(self.skipped(path, true, SkipReason::Excluded(by)));
                    false
                }
                None => true,
            });
        }
        // Most files have no policy, and most directories have no configuration. To save time, match
        // directories against `exclude` only if a configuration above excludes anything, and match files only
        // if they may contain a policy.
        let above: Vec<_> = paths
            .iter()
            .filter(|path| path.is_dir())
            .filter_map(|path| {
                self.projects
                    .for_file(&self.paths().absolute(path).join("*"))
            })
            .collect();
        let has_excludes = above.iter().any(|project| project.has_excludes());
        let not_visited = Mutex::new(excluded);
        let on_skipped = |path: &Path, why: NotVisited| {
            let why = match why {
                NotVisited::Ignored => SkipReason::Ignored,
                NotVisited::Link => SkipReason::Link,
                NotVisited::Extension if is_configuration(path) => SkipReason::Configuration,
                NotVisited::Extension => SkipReason::OtherSyntax(None),
                NotVisited::Excluded => {
                    SkipReason::Excluded(self.exclusion(path).unwrap_or_default())
                }
            };
            let entry = self.skipped(path, false, why);
            not_visited
                .lock()
                .expect("no thread panics while it holds the lock")
                .push(entry);
        };
        let filter = Filter {
            exclude: &|path| {
                self.exclude.by_option(path).is_some()
                    || has_excludes && self.exclude.by_configuration(path).is_some()
            },
            accept: &|path, bytes| {
                let is_excluded = self.keep_skipped && self.exclusion(path).is_some();
                if is_excluded {
                    on_skipped(path, NotVisited::Excluded);
                }
                !is_excluded && self.may_be_policy(path, bytes)
            },
            report_unreadable: &|path| self.exclusion(path).is_none(),
            on_skipped: match self.keep_skipped {
                true => Some(&on_skipped),
                false => None,
            },
        };
        let (mut found, unreadable) = discover::visit(&paths, self.files, &filter, |candidate| {
            let entry = self.check(candidate);
            (entry.named || entry.analysis.is_policy() || self.keep_skipped).then_some(entry)
        });
        found.extend(
            not_visited
                .into_inner()
                .expect("no thread panics while it holds the lock"),
        );
        (found, unreadable)
    }

    /// Returns the entry of a file that is not read.
    pub(super) fn skipped(&self, path: &Path, named: bool, why: SkipReason) -> CheckedFile {
        let name = self.paths().display(path);
        CheckedFile {
            analysis: Analysis::skipped(Source::new(name, ""), why),
            path: self.paths().absolute(path),
            named,
            stdin: None,
            fail_on: None,
            accepted: 0,
            configuration: None,
            elsewhere: Vec::new(),
        }
    }

    /// Returns what excludes a path or a directory above it.
    pub(super) fn exclusion(&self, path: &Path) -> Option<String> {
        self.exclude.within(path)
    }

    /// Returns true if a scanned file may be a policy.
    fn may_be_policy(&self, path: &Path, bytes: Option<&[u8]>) -> bool {
        let Some(bytes) = bytes else {
            return self.keep_skipped;
        };
        let has_keys = Source::is_utf16(bytes) || locate::prefilter_matches(bytes);
        let may_be_policy = has_keys || self.has_configured_provider(path);
        (may_be_policy || self.keep_skipped) && self.exclusion(path).is_none()
    }

    /// Returns true if a configuration sets the provider of a file.
    fn has_configured_provider(&self, path: &Path) -> bool {
        let path = self.paths().absolute(path);
        let project = self
            .projects
            .for_file(&path)
            .filter(|project| project.names_providers());
        project.is_some_and(|project| project.for_file(&path).provider.is_some())
    }

    pub(super) fn paths(&self) -> &Paths {
        &self.files.paths
    }

    pub(super) fn directory(&self) -> &Path {
        self.paths()
            .working_directory
            .as_deref()
            .unwrap_or(Path::new("."))
    }

    /// Checks a file again with new content.
    pub(super) fn recheck(&self, entry: &CheckedFile, bytes: Vec<u8>) -> CheckedFile {
        let candidate = Candidate {
            name: entry.name().to_owned(),
            path: entry.path.clone(),
            named: entry.named,
            bytes: Some(bytes),
        };
        CheckedFile {
            stdin: entry.stdin.clone(),
            ..self.check_beside(candidate, entry.elsewhere.clone())
        }
    }

    /// Checks one file with the settings of its configuration.
    pub(super) fn check(&self, candidate: Candidate) -> CheckedFile {
        self.check_beside(candidate, Vec::new())
    }

    /// Checks one file and compares it with the buckets of other files.
    fn check_beside(&self, candidate: Candidate, elsewhere: Vec<Elsewhere>) -> CheckedFile {
        let path = self.paths().absolute(&candidate.path);
        let project = self.projects.for_file(&path);
        let mut settings = match &project {
            Some(project) => project.for_file(&path),
            None => Settings::default(),
        };
        self.lints.apply(&mut settings);
        settings.ignores_suppressions = self.today.is_none();
        settings.elsewhere.clone_from(&elsewhere);
        if candidate.named {
            settings.provider = self.provider.or(settings.provider);
        }
        let mut analysis = match candidate.bytes {
            Some(bytes) => analyze(&candidate.name, bytes, &settings),
            None => Analysis::skipped(Source::new(candidate.name, ""), SkipReason::TooLarge),
        };
        if !self.keep_trees {
            analysis.drop_tree();
        }
        let mut accepted = analysis.suppressed;
        if let (Some(project), Some(today)) = (&project, self.today)
            && analysis.is_policy()
        {
            let relative = project.relative(&path);
            let exceptions = &project.exceptions;
            accepted += exceptions.apply(&relative, &mut analysis.findings, today);
        }
        CheckedFile {
            analysis,
            named: candidate.named,
            stdin: None,
            path,
            fail_on: project.as_ref().and_then(|project| project.fail_on),
            configuration: project
                .filter(|_| self.keep_skipped)
                .map(|project| project.source.name().to_owned()),
            accepted,
            elsewhere,
        }
    }
}

/// Returns the directory to check in place of a named configuration, and any other path as it is. Hooks pass a
/// configuration when it changes, which may change the findings of every file below.
fn configured_directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(directory) if is_configuration(path) && path.is_file() => {
            match directory.as_os_str() {
                name if name.is_empty() => PathBuf::from("."),
                _ => directory.to_owned(),
            }
        }
        _ => path.to_owned(),
    }
}

pub(super) fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == CONFIG_NAME)
}

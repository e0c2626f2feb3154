//! Finds, reads and checks the files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobSet;
use time::Date;

use corslint::analyze::{Analysis, analyze};
use corslint::config::{FailOn, Projects};
use corslint::discover::{self, Candidate, Filter, Unreadable};
use corslint::git::{self, Changed};
use corslint::level::{Level, Selector};
use corslint::locate;
use corslint::paths::Paths;
use corslint::provider::Provider;
use corslint::read::io_message;
use corslint::settings::Settings;
use corslint::skip::SkipReason;
use corslint::source::Source;
use corslint::syntax;

use crate::cli::Environment;

/// What to check, and how.
pub(super) struct Scanner<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) stdin_filename: Option<&'a str>,
    pub(super) selection: Selection<'a>,
    pub(super) exclude: &'a GlobSet,
    pub(super) force_exclude: bool,
    pub(super) files: &'a discover::Options,
    pub(super) projects: &'a Projects,
    /// Levels from the command line. They override levels in configuration files.
    pub(super) levels: &'a [(Selector, Level)],
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

/// A file that was checked.
pub(super) struct CheckedFile {
    pub(super) analysis: Analysis,
    /// True if the user named the file on the command line.
    pub(super) named: bool,
    /// The content of standard input, if this is standard input.
    pub(super) stdin: Option<Vec<u8>>,
    /// The absolute path of the file.
    pub(super) path: PathBuf,
    /// The lowest severity that fails the run; `None` if the configuration doesn't set it.
    pub(super) fail_on: Option<FailOn>,
}

/// The result of a scan, sorted by name.
#[derive(Default)]
pub(super) struct ScanResult {
    pub(super) entries: Vec<CheckedFile>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl Scanner<'_> {
    /// Checks all selected files. Returns an error if the run can't continue.
    pub(super) fn run(&self, environment: &Environment) -> Result<ScanResult, String> {
        let (stdin, paths): (Vec<_>, Vec<_>) = self
            .paths
            .iter()
            .cloned()
            .partition(|path| path == Path::new("-"));
        let (mut found, mut unreadable) = match self.selection {
            Selection::All => self.files_under(&paths),
            Selection::Staged => self.staged(&paths)?,
            Selection::ChangedSince(revision) => self.since(&paths, revision)?,
        };
        if !stdin.is_empty() {
            let name = self.stdin_filename.unwrap_or("<stdin>");
            match (environment.read_stdin)() {
                Ok(bytes) => found.push(CheckedFile {
                    stdin: bytes.clone(),
                    ..self.check(Candidate {
                        name: name.to_owned(),
                        path: PathBuf::from(name),
                        named: true,
                        bytes,
                    })
                }),
                Err(error) => unreadable.push(Unreadable {
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
        // Drop a named link to a file that is already in the list, and keep the file itself.
        let paths: HashSet<_> = found.iter().map(|entry| entry.path.clone()).collect();
        let mut linked = HashSet::new();
        found.retain(|entry| {
            if !entry.named || entry.stdin.is_some() {
                return true;
            }
            match entry.path.canonicalize() {
                Ok(real) if real != entry.path => !paths.contains(&real) && linked.insert(real),
                _ => true,
            }
        });
        unreadable.sort();
        unreadable.dedup();
        Ok(ScanResult {
            entries: found,
            unreadable,
        })
    }

    fn files_under(&self, paths: &[PathBuf]) -> (Vec<CheckedFile>, Vec<Unreadable>) {
        let paths: Vec<_> = paths
            .iter()
            .filter(|path| !self.force_exclude || !self.is_excluded_within(path))
            .cloned()
            .collect();
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
        let filter = Filter {
            exclude: &|path| {
                self.is_excluded_by_option(path) || has_excludes && self.is_excluded(path)
            },
            accept: &|path, bytes| self.may_be_policy(path, bytes),
            report_unreadable: &|path| !self.is_excluded_within(path),
        };
        discover::visit(&paths, self.files, &filter, |candidate| {
            let entry = self.check(candidate);
            let could_be = entry.analysis.skipped != Some(SkipReason::NoKeys);
            let matters = entry.analysis.is_policy() || self.keep_skipped && could_be;
            (entry.named || matters).then_some(entry)
        })
    }

    /// Returns true if a scanned file may be a policy.
    fn may_be_policy(&self, path: &Path, bytes: Option<&[u8]>) -> bool {
        let Some(bytes) = bytes else {
            return self.keep_skipped;
        };
        let has_keys = Source::is_utf16(bytes) || locate::prefilter_matches(bytes);
        (has_keys || self.has_configured_provider(path)) && !self.is_excluded_within(path)
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

    fn staged(&self, paths: &[PathBuf]) -> Result<(Vec<CheckedFile>, Vec<Unreadable>), String> {
        let changed = self.only_under(paths, git::staged(self.directory())?);
        let objects: Vec<_> = changed
            .iter()
            .filter_map(|(changed, _)| changed.object.clone())
            .collect();
        let contents = git::contents(self.directory(), &objects)?;
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        for ((Changed { path, .. }, named), bytes) in changed.into_iter().zip(contents) {
            let name = self.paths().display_any(&path);
            if bytes.is_none() {
                let reason = "the staged version is not in this partial clone".to_owned();
                unreadable.push(Unreadable { name, reason });
                continue;
            }
            let entry = self.check(Candidate {
                name,
                path,
                named,
                bytes,
            });
            if entry.named || entry.analysis.is_policy() {
                entries.push(entry);
            }
        }
        Ok((entries, unreadable))
    }

    fn since(
        &self,
        paths: &[PathBuf],
        revision: &str,
    ) -> Result<(Vec<CheckedFile>, Vec<Unreadable>), String> {
        let changed = self.only_under(paths, git::since(self.directory(), revision)?);
        let named: HashSet<_> = changed
            .iter()
            .filter(|(_, named)| *named)
            .map(|(changed, _)| changed.path.clone())
            .collect();
        let files: Vec<_> = changed
            .into_iter()
            .map(|(changed, _)| changed.path)
            .collect();
        let filter = Filter {
            exclude: &|_| false,
            accept: &|_, _| true,
            report_unreadable: &|_| true,
        };
        Ok(discover::visit(&files, self.files, &filter, |candidate| {
            let entry = self.check(Candidate {
                name: self.paths().display_any(&candidate.path),
                named: named.contains(&candidate.path),
                ..candidate
            });
            (entry.named || entry.analysis.is_policy()).then_some(entry)
        }))
    }

    /// Returns the changed files under the paths that have a known extension or are named and are not
    /// excluded. The flag is true for a named file.
    fn only_under(&self, paths: &[PathBuf], changed: Vec<Changed>) -> Vec<(Changed, bool)> {
        let paths: Vec<_> = paths.iter().map(|path| self.canonical(path)).collect();
        let told = changed.into_iter().map(|changed| {
            let named = paths.contains(&changed.path);
            (changed, named)
        });
        let wanted = |(changed, named): &(Changed, bool)| {
            let name = changed.path.to_string_lossy();
            paths.iter().any(|path| changed.path.starts_with(path))
                && (*named || syntax::by_name(&name).is_some())
                && !self.is_excluded_within(&changed.path)
        };
        told.filter(wanted).collect()
    }

    /// Returns a path in the form that git prints: absolute, with links resolved.
    fn canonical(&self, path: &Path) -> PathBuf {
        let path = self.paths().absolute(path);
        path.canonicalize().unwrap_or(path)
    }

    fn paths(&self) -> &Paths {
        &self.files.paths
    }

    fn directory(&self) -> &Path {
        self.paths()
            .working_directory
            .as_deref()
            .unwrap_or(Path::new("."))
    }

    /// Returns true if the command line excludes a path.
    fn is_excluded_by_option(&self, path: &Path) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(self.paths().display(path))
    }

    /// Returns true if the configuration that applies to a path excludes it.
    fn is_excluded(&self, path: &Path) -> bool {
        let path = self.paths().absolute(path);
        let project = self.projects.for_file(&path);
        project.is_some_and(|project| project.excludes(&path))
    }

    /// Returns true if an option or a configuration excludes a path or a directory above it.
    fn is_excluded_within(&self, path: &Path) -> bool {
        let name = PathBuf::from(self.paths().display(path));
        if name.ancestors().any(|part| self.exclude.is_match(part)) {
            return true;
        }
        let path = self.paths().absolute(path);
        let project = self.projects.for_file(&path);
        project.is_some_and(|project| project.excludes_within(&path))
    }

    /// Checks a file again with new content.
    pub(super) fn recheck(&self, entry: &CheckedFile, bytes: Vec<u8>) -> CheckedFile {
        CheckedFile {
            stdin: entry.stdin.clone(),
            ..self.check(Candidate {
                name: entry.name().to_owned(),
                path: entry.path.clone(),
                named: entry.named,
                bytes: Some(bytes),
            })
        }
    }

    /// Checks one file with the settings of its configuration.
    fn check(&self, candidate: Candidate) -> CheckedFile {
        let path = self.paths().absolute(&candidate.path);
        let project = self.projects.for_file(&path);
        let mut settings = match &project {
            Some(project) => project.for_file(&path),
            None => Settings::default(),
        };
        for (selector, level) in self.levels {
            settings.set_level(*selector, *level);
        }
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
        if let (Some(project), Some(today)) = (&project, self.today)
            && analysis.is_policy()
        {
            let relative = project.relative(&path);
            project
                .exceptions
                .apply(&relative, &mut analysis.findings, today);
        }
        CheckedFile {
            analysis,
            named: candidate.named,
            stdin: None,
            path,
            fail_on: project.and_then(|project| project.fail_on),
        }
    }
}

impl CheckedFile {
    pub(super) fn name(&self) -> &str {
        self.analysis.source.name()
    }
}

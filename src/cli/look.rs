//! Reads and checks what `corslint check` was asked for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobSet;
use time::Date;

use corslint::check::{Checked, PassedOver, check};
use corslint::config::{Config, FailOn, Projects, Selector};
use corslint::dialect;
use corslint::discover::{self, Candidate, Unreadable, Wanted};
use corslint::git::{self, Changed};
use corslint::lints::Level;
use corslint::policy::Provider;
use corslint::source::Source;
use corslint::syntax;

use super::Environment;

/// What to look at, and how.
pub(super) struct Look<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) stdin_filename: Option<&'a str>,
    pub(super) which: Which<'a>,
    pub(super) exclude: &'a GlobSet,
    pub(super) force_exclude: bool,
    pub(super) files: &'a discover::Options,
    pub(super) projects: &'a Projects,
    /// Levels from the command line; they win over the configuration's.
    pub(super) levels: &'a [(Selector, Level)],
    /// Whose policies the named files are, where their content does not tell.
    pub(super) provider: Option<Provider>,
    /// The date for exceptions; none if they are not to be applied.
    pub(super) today: Option<Date>,
    /// Whether files that are no policy matter although nobody named them.
    pub(super) keep_others: bool,
}

/// Which files under the paths.
pub(super) enum Which<'a> {
    All,
    Staged,
    Since(&'a str),
}

/// A file that was looked at.
pub(super) struct Entry {
    pub(super) checked: Checked,
    /// Whether the user named it.
    pub(super) named: bool,
    /// What standard input held, if it came from there.
    pub(super) stdin: Option<Vec<u8>>,
    /// Its absolute path.
    pub(super) path: PathBuf,
    /// What its configuration says of the exit code.
    pub(super) fail_on: Option<FailOn>,
}

/// What came of it, sorted by name.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) entries: Vec<Entry>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl Look<'_> {
    /// Looks at everything. The error is one that ends the run.
    pub(super) fn look(&self, environment: &Environment) -> Result<Looked, String> {
        let (stdin, paths): (Vec<_>, Vec<_>) = self
            .paths
            .iter()
            .cloned()
            .partition(|path| path == Path::new("-"));
        let (mut found, mut unreadable) = match self.which {
            Which::All => self.files_under(&paths),
            Which::Staged => self.staged(&paths)?,
            Which::Since(revision) => self.since(&paths, revision)?,
        };
        if !stdin.is_empty() {
            let name = self.stdin_filename.unwrap_or("<stdin>");
            match (environment.read_stdin)() {
                Ok(bytes) => found.push(Entry {
                    stdin: Some(bytes.clone()),
                    ..self.check(Candidate {
                        name: name.to_owned(),
                        path: PathBuf::from(name),
                        named: true,
                        bytes: Some(bytes),
                    })
                }),
                Err(error) => unreadable.push(Unreadable {
                    name: name.to_owned(),
                    reason: discover::reason(&error),
                }),
            }
        }
        // A file that was found twice is one file.
        // Its name alone does not tell: two that are not UTF-8 may be printed alike.
        found.sort_by(|one, other| (one.name(), &one.path).cmp(&(other.name(), &other.path)));
        found.dedup_by(|one, other| {
            let same = one.path == other.path;
            other.named |= same && one.named;
            same
        });
        // So is one that was named by a link too: its own name is kept.
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
        Ok(Looked {
            entries: found,
            unreadable,
        })
    }

    fn files_under(&self, paths: &[PathBuf]) -> (Vec<Entry>, Vec<Unreadable>) {
        let paths: Vec<_> = paths
            .iter()
            .filter(|path| !self.force_exclude || !self.is_excluded_within(path))
            .cloned()
            .collect();
        // Most files have no policy and most folders no configuration: what the configurations leave
        // out is asked of folders only where one above them leaves something out, and of files only
        // where they may hold a policy.
        let above: Vec<_> = paths
            .iter()
            .filter(|path| path.is_dir())
            .filter_map(|path| self.projects.of(&self.files.absolute(path).join("*")))
            .collect();
        let leaves_out = above.iter().any(|project| project.leaves_out());
        let wanted = Wanted {
            leave_out: &|path| self.is_excluded_here(path) || leaves_out && self.is_excluded(path),
            is_worth: &|path, bytes| self.may_be_policy(path, bytes),
            is_missed: &|path| !self.is_excluded_within(path),
        };
        discover::visit(&paths, self.files, &wanted, |candidate| {
            let entry = self.check(candidate);
            let could_be = entry.checked.passed_over != Some(PassedOver::NoKeys);
            let matters = entry.checked.is_policy() || self.keep_others && could_be;
            (entry.named || matters).then_some(entry)
        })
    }

    /// Whether a file that nobody named is worth a look.
    fn may_be_policy(&self, path: &Path, bytes: Option<&[u8]>) -> bool {
        let Some(bytes) = bytes else {
            return self.keep_others;
        };
        let has_letters = Source::is_utf16(bytes) || dialect::may_hold_policy(bytes);
        (has_letters || self.is_told(path)) && !self.is_excluded_within(path)
    }

    /// Whether a configuration tells whose policy a file is.
    fn is_told(&self, path: &Path) -> bool {
        let path = self.files.absolute(path);
        let project = self
            .projects
            .of(&path)
            .filter(|project| project.names_providers());
        project.is_some_and(|project| project.config_for(&path).provider.is_some())
    }

    fn staged(&self, paths: &[PathBuf]) -> Result<(Vec<Entry>, Vec<Unreadable>), String> {
        let changed = self.only_under(paths, git::staged(self.folder())?);
        let objects: Vec<_> = changed
            .iter()
            .filter_map(|(changed, _)| changed.object.clone())
            .collect();
        let contents = git::contents(self.folder(), &objects)?;
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        for ((Changed { path, .. }, named), bytes) in changed.into_iter().zip(contents) {
            let name = self.files.name_above(&path);
            if bytes.is_none() {
                let reason = "what is staged is not in this partial clone".to_owned();
                unreadable.push(Unreadable { name, reason });
                continue;
            }
            let entry = self.check(Candidate {
                name,
                path,
                named,
                bytes,
            });
            if entry.named || entry.checked.is_policy() {
                entries.push(entry);
            }
        }
        Ok((entries, unreadable))
    }

    fn since(
        &self,
        paths: &[PathBuf],
        revision: &str,
    ) -> Result<(Vec<Entry>, Vec<Unreadable>), String> {
        let changed = self.only_under(paths, git::since(self.folder(), revision)?);
        let named: HashSet<_> = changed
            .iter()
            .filter(|(_, named)| *named)
            .map(|(changed, _)| changed.path.clone())
            .collect();
        let files: Vec<_> = changed
            .into_iter()
            .map(|(changed, _)| changed.path)
            .collect();
        let wanted = Wanted {
            leave_out: &|_| false,
            is_worth: &|_, _| true,
            is_missed: &|_| true,
        };
        Ok(discover::visit(&files, self.files, &wanted, |candidate| {
            let entry = self.check(Candidate {
                name: self.files.name_above(&candidate.path),
                named: named.contains(&candidate.path),
                ..candidate
            });
            (entry.named || entry.checked.is_policy()).then_some(entry)
        }))
    }

    /// The changed files under the paths that a walk would look into, and those that are named, each
    /// with whether it is.
    fn only_under(&self, paths: &[PathBuf], changed: Vec<Changed>) -> Vec<(Changed, bool)> {
        let paths: Vec<_> = paths.iter().map(|path| self.real(path)).collect();
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

    /// A path as git tells it.
    fn real(&self, path: &Path) -> PathBuf {
        let path = self.files.absolute(path);
        path.canonicalize().unwrap_or(path)
    }

    fn folder(&self) -> &Path {
        self.files
            .working_directory
            .as_deref()
            .unwrap_or(Path::new("."))
    }

    /// Whether the command line leaves a path out.
    fn is_excluded_here(&self, path: &Path) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(self.files.name(path))
    }

    /// Whether its configuration leaves a path out.
    fn is_excluded(&self, path: &Path) -> bool {
        let path = self.files.absolute(path);
        let project = self.projects.of(&path);
        project.is_some_and(|project| project.excludes(&path))
    }

    /// Whether a path or a folder above it is left out.
    fn is_excluded_within(&self, path: &Path) -> bool {
        let name = PathBuf::from(self.files.name(path));
        if name.ancestors().any(|part| self.exclude.is_match(part)) {
            return true;
        }
        let path = self.files.absolute(path);
        let project = self.projects.of(&path);
        project.is_some_and(|project| project.excludes_within(&path))
    }

    /// Checks the text that a file would have.
    pub(super) fn again(&self, entry: &Entry, bytes: Vec<u8>) -> Entry {
        Entry {
            stdin: entry.stdin.clone(),
            ..self.check(Candidate {
                name: entry.name().to_owned(),
                path: entry.path.clone(),
                named: entry.named,
                bytes: Some(bytes),
            })
        }
    }

    /// Checks one file as its configuration wants it.
    fn check(&self, candidate: Candidate) -> Entry {
        let path = self.files.absolute(&candidate.path);
        let project = self.projects.of(&path);
        let mut config = match &project {
            Some(project) => project.config_for(&path),
            None => Config::default(),
        };
        for (selector, level) in self.levels {
            config.set_level(*selector, *level);
        }
        if candidate.named {
            config.provider = self.provider.or(config.provider);
        }
        let mut checked = match candidate.bytes {
            Some(bytes) => check(&candidate.name, bytes, &config),
            None => Checked::passed_over(Source::new(candidate.name, ""), PassedOver::TooLarge),
        };
        if let (Some(project), Some(today)) = (&project, self.today)
            && checked.passed_over.is_none()
        {
            let below = project.below(&path);
            project
                .exceptions
                .apply(&below, &mut checked.findings, today);
        }
        Entry {
            checked,
            named: candidate.named,
            stdin: None,
            path,
            fail_on: project.and_then(|project| project.fail_on),
        }
    }
}

impl Entry {
    pub(super) fn name(&self) -> &str {
        self.checked.source.name()
    }
}

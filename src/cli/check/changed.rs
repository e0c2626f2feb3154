//! `--staged` and `--since`.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use corslint::discover::{self, Candidate, Filter, Unreadable};
use corslint::git::{self, Changed, Content};
use corslint::read::io_message;
use corslint::skip::SkipReason;
use corslint::syntax;

use super::checked::CheckedFile;
use super::scan::{Scanner, is_configuration};

/// The changed files under the given paths.
#[derive(Default)]
pub(super) struct Selected {
    /// Those with a known extension, or that are named, and that are not excluded. The flag is true for a named
    /// file.
    pub(super) files: Vec<(Changed, bool)>,
    /// The directories whose configuration changed: it may change the findings of every file below.
    pub(super) configured: Vec<PathBuf>,
    /// The others, if skipped files are kept.
    pub(super) skipped: Vec<CheckedFile>,
    /// The paths that don't exist.
    pub(super) missing: Vec<Unreadable>,
}

impl Scanner<'_> {
    pub(super) fn staged(
        &self,
        changed: Vec<(Changed, bool)>,
        mut unreadable: Vec<Unreadable>,
    ) -> Result<(Vec<CheckedFile>, Vec<Unreadable>), String> {
        let objects: Vec<_> = changed
            .iter()
            .filter_map(|(changed, _)| changed.object.clone())
            .collect();
        let contents = git::contents(self.directory(), &objects)?;
        let mut entries = Vec::new();
        for ((Changed { path, .. }, named), content) in changed.into_iter().zip(contents) {
            let name = self.paths().display_any(&path);
            let bytes = match content {
                Content::Bytes(bytes) => Some(bytes),
                Content::TooLarge => None,
                Content::Missing => {
                    let reason = "the staged version is not in this partial clone".to_owned();
                    unreadable.push(Unreadable { name, reason });
                    continue;
                }
            };
            let entry = self.check(Candidate {
                name,
                path,
                named,
                bytes,
            });
            if entry.named || entry.analysis.is_policy() || self.keep_skipped {
                entries.push(entry);
            }
        }
        Ok((entries, unreadable))
    }

    pub(super) fn since(
        &self,
        changed: Vec<(Changed, bool)>,
        mut missing: Vec<Unreadable>,
    ) -> (Vec<CheckedFile>, Vec<Unreadable>) {
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
            on_skipped: None,
        };
        let (found, unreadable) = discover::visit(&files, self.files, &filter, |candidate| {
            let entry = self.check(Candidate {
                name: self.paths().display_any(&candidate.path),
                named: named.contains(&candidate.path),
                ..candidate
            });
            (entry.named || entry.analysis.is_policy() || self.keep_skipped).then_some(entry)
        });
        missing.extend(unreadable);
        (found, missing)
    }

    /// Sorts the changed files under the paths into those to check and others.
    pub(super) fn only_under(&self, paths: &[PathBuf], changed: Vec<Changed>) -> Selected {
        let resolved: Vec<_> = paths.iter().map(|path| self.canonical(path)).collect();
        let is_missing = |resolved: &PathBuf| {
            !resolved.exists()
                && !changed
                    .iter()
                    .any(|changed| changed.path.starts_with(resolved))
        };
        let missing = paths.iter().zip(&resolved);
        let missing = missing.filter(|(_, resolved)| is_missing(resolved));
        let missing = missing.map(|(path, _)| Unreadable {
            name: self.paths().display(path),
            reason: io_message(&io::ErrorKind::NotFound.into()),
        });
        let mut selected = Selected {
            missing: missing.collect(),
            ..Selected::default()
        };
        for changed in changed {
            let path = &changed.path;
            if !resolved.iter().any(|named| path.starts_with(named)) {
                continue;
            }
            let named = resolved.contains(path);
            if is_configuration(path) {
                selected
                    .configured
                    .extend(path.parent().map(Path::to_owned));
            }
            let is_read = named || syntax::is_read(&path.to_string_lossy());
            let why = match self.exclusion(path) {
                Some(by) => Some(SkipReason::Excluded(by)),
                None if is_configuration(path) => Some(SkipReason::Configuration),
                None => (!is_read).then_some(SkipReason::OtherSyntax(None)),
            };
            match why {
                None => selected.files.push((changed, named)),
                Some(why) if self.keep_skipped => {
                    let name = PathBuf::from(self.paths().display_any(path));
                    selected.skipped.push(self.skipped(&name, named, why));
                }
                Some(_) => {}
            }
        }
        selected
    }

    /// Returns a path in the form that git prints: absolute, with links resolved.
    fn canonical(&self, path: &Path) -> PathBuf {
        let path = self.paths().absolute(path);
        path.canonicalize().unwrap_or(path)
    }
}

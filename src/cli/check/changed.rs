//! `--staged` and `--since`.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use corslint::discover::{self, Candidate, Filter, Unreadable};
use corslint::git::{self, Changed};
use corslint::read::io_message;
use corslint::syntax;

use super::scan::{CheckedFile, Scanner};

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

    /// Returns the changed files under the paths that have a known extension or are named and are not
    /// excluded, and the paths that don't exist. The flag is true for a named file.
    pub(super) fn only_under(
        &self,
        paths: &[PathBuf],
        changed: Vec<Changed>,
    ) -> (Vec<(Changed, bool)>, Vec<Unreadable>) {
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
        let missing = missing.collect();
        let told = changed.into_iter().map(|changed| {
            let named = resolved.contains(&changed.path);
            (changed, named)
        });
        let wanted = |(changed, named): &(Changed, bool)| {
            let name = changed.path.to_string_lossy();
            resolved.iter().any(|path| changed.path.starts_with(path))
                && (*named || syntax::is_read(&name))
                && self.exclusion(&changed.path).is_none()
        };
        (told.filter(wanted).collect(), missing)
    }

    /// Returns a path in the form that git prints: absolute, with links resolved.
    fn canonical(&self, path: &Path) -> PathBuf {
        let path = self.paths().absolute(path);
        path.canonicalize().unwrap_or(path)
    }
}

//! The baseline of a run: `--baseline` and `--write-baseline`.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use corslint::baseline::Baseline;
use corslint::paths::{Paths, relative};
use corslint::read::{io_message, read_named};
use corslint::report::{escape_control, plural};
use corslint::write::write_atomic;

use super::checked::CheckedFile;
use crate::cli::{EXIT_OK, Outcome};

/// A baseline and its file.
pub(super) struct BaselineFile {
    path: PathBuf,
    name: String,
    /// The directory of the baseline file; paths in the baseline are relative to it.
    directory: PathBuf,
    baseline: Baseline,
}

impl BaselineFile {
    /// Reads a baseline. With `--write-baseline`, the file doesn't have to exist yet.
    pub(super) fn read(
        path: &Path,
        to_be_written: bool,
        paths: &Paths,
    ) -> Result<BaselineFile, String> {
        let name = escape_control(&paths.display(path)).into_owned();
        let baseline = if to_be_written && !path.exists() {
            Baseline::default()
        } else {
            let bytes = read_named(path).map_err(|reason| format!("{name}: {reason}"))?;
            let bytes = bytes.ok_or_else(|| format!("{name}: this file is too large"))?;
            let text = String::from_utf8(bytes);
            let text = text.map_err(|_| format!("{name}: this file is not UTF-8"))?;
            Baseline::parse(&text).map_err(|error| format!("{name}: {error}"))?
        };
        let absolute = paths.absolute(path);
        Ok(BaselineFile {
            path: path.to_owned(),
            name,
            directory: absolute.parent().unwrap_or(Path::new("")).to_owned(),
            baseline,
        })
    }

    /// Returns the path of a file in the baseline: relative to its directory, so that it is the same in
    /// every clone.
    fn key(&self, entry: &CheckedFile) -> String {
        let path = relative(&self.directory, &entry.path);
        let path = path.as_deref().unwrap_or(&entry.path).to_string_lossy();
        path.replace(MAIN_SEPARATOR, "/")
    }

    /// Removes the findings of one file that are in the baseline, and returns the number of entries that
    /// match no finding.
    pub(super) fn suppress(&self, entry: &mut CheckedFile) -> usize {
        let key = self.key(entry);
        self.baseline.apply(&key, &mut entry.analysis.findings)
    }

    /// Removes the findings that are in the baseline, and returns notes for the summary.
    pub(super) fn apply(&self, entries: &mut [CheckedFile]) -> Vec<String> {
        let mut left_over = 0;
        let before: usize = entries.iter().map(|e| e.analysis.findings.len()).sum();
        for entry in entries.iter_mut() {
            left_over += self.suppress(entry);
        }
        let after: usize = entries.iter().map(|e| e.analysis.findings.len()).sum();
        let mut lines = Vec::new();
        if before > after {
            let hidden = plural(before - after, "finding");
            lines.push(format!("{hidden} hidden by {}", self.name));
        }
        if left_over > 0 {
            let (entries, removes) = match left_over {
                1 => ("1 entry no longer matches".to_owned(), "it"),
                more => (format!("{more} entries no longer match"), "them"),
            };
            lines.push(format!(
                "{entries} in {}; --write-baseline removes {removes}",
                self.name
            ));
        }
        lines
    }

    /// Writes the findings to the baseline. Entries of files that were not checked are kept, unless the
    /// file no longer exists.
    pub(super) fn write(&mut self, entries: &[CheckedFile]) -> Result<Outcome, String> {
        let gone = self
            .baseline
            .files()
            .filter(|file| !self.directory.join(file).exists());
        for file in gone.map(str::to_owned).collect::<Vec<_>>() {
            self.baseline.forget(&file);
        }
        for entry in entries {
            let key = self.key(entry);
            self.baseline.record(&key, &entry.analysis.findings);
        }
        write_atomic(&self.path, self.baseline.write().as_bytes())
            .map_err(|error| format!("{}: {}", self.name, io_message(&error)))?;
        let recorded = plural(self.baseline.len(), "finding");
        Ok(Outcome {
            stdout: Vec::new(),
            stderr: format!("wrote {recorded} to {}\n", self.name),
            code: EXIT_OK,
        })
    }
}

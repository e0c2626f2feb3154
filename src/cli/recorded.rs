//! The baseline of a run: `--baseline` and `--write-baseline`.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use corslint::baseline::Baseline;
use corslint::discover;
use corslint::report::{plural, visible};
use corslint::write;

use super::look::Entry;
use super::{FINE, Outcome};

/// A baseline and where it is.
pub(super) struct Recorded {
    path: PathBuf,
    name: String,
    /// Files are named from its folder.
    folder: PathBuf,
    baseline: Baseline,
}

impl Recorded {
    /// Reads a baseline. One that is to be written need not be there.
    pub(super) fn read(
        path: &Path,
        to_be_written: bool,
        files: &discover::Options,
    ) -> Result<Recorded, String> {
        let name = visible(&files.name(path)).into_owned();
        let baseline = if to_be_written && !path.exists() {
            Baseline::default()
        } else {
            let bytes = discover::read_named(path).map_err(|reason| format!("{name}: {reason}"))?;
            let bytes = bytes.ok_or_else(|| format!("{name}: this file is too large"))?;
            let text = String::from_utf8(bytes);
            let text = text.map_err(|_| format!("{name}: this file is not UTF-8"))?;
            Baseline::parse(&text).map_err(|error| format!("{name}: {error}"))?
        };
        let absolute = files.absolute(path);
        Ok(Recorded {
            path: path.to_owned(),
            name,
            folder: absolute.parent().unwrap_or(Path::new("")).to_owned(),
            baseline,
        })
    }

    /// The name of a file in the baseline: from its folder, upwards too, so that it says the same in
    /// every clone.
    fn key(&self, entry: &Entry) -> String {
        let way = discover::way(&self.folder, &entry.path);
        let way = way.as_deref().unwrap_or(&entry.path).to_string_lossy();
        way.replace(MAIN_SEPARATOR, "/")
    }

    /// Takes the recorded findings of one file out, and returns how many entries match none.
    pub(super) fn hide(&self, entry: &mut Entry) -> usize {
        let key = self.key(entry);
        self.baseline.apply(&key, &mut entry.checked.findings)
    }

    /// Takes the recorded findings out, and says how many are recorded that are there no more.
    pub(super) fn apply(&self, entries: &mut [Entry]) -> Vec<String> {
        let mut left_over = 0;
        let before: usize = entries.iter().map(|e| e.checked.findings.len()).sum();
        for entry in entries.iter_mut() {
            left_over += self.hide(entry);
        }
        let after: usize = entries.iter().map(|e| e.checked.findings.len()).sum();
        let mut lines = Vec::new();
        if before > after {
            let hidden = plural(before - after, "finding");
            lines.push(format!("{hidden} left out that {} records", self.name));
        }
        if left_over > 0 {
            let (entries, drops) = match left_over {
                1 => ("1 entry matches".to_owned(), "it"),
                more => (format!("{more} entries match"), "them"),
            };
            lines.push(format!(
                "{entries} nothing any more in {}; --write-baseline drops {drops}",
                self.name
            ));
        }
        lines
    }

    /// Records the findings. Files that were not looked at keep their entries, unless they are gone.
    pub(super) fn write(&mut self, entries: &[Entry]) -> Result<Outcome, String> {
        let gone = self
            .baseline
            .files()
            .filter(|file| !self.folder.join(file).exists());
        for file in gone.map(str::to_owned).collect::<Vec<_>>() {
            self.baseline.forget(&file);
        }
        for entry in entries {
            let key = self.key(entry);
            self.baseline.record(&key, &entry.checked.findings);
        }
        write::whole(&self.path, self.baseline.write().as_bytes())
            .map_err(|error| format!("{}: {}", self.name, discover::reason(&error)))?;
        let recorded = plural(self.baseline.len(), "finding");
        Ok(Outcome {
            stdout: Vec::new(),
            stderr: format!("{recorded} recorded in {}\n", self.name),
            code: FINE,
        })
    }
}

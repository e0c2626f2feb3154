//! The files of a scan, with what was found in them.

use std::collections::HashSet;
use std::path::PathBuf;

use corslint::analyze::Analysis;
use corslint::bucket::Elsewhere;
use corslint::config::FailOn;

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
    /// The number of findings that exceptions accept.
    pub(super) accepted: usize,
    /// The configuration that applies, as printed in reports; `None` if there is none, or if skipped files
    /// are not kept.
    pub(super) configuration: Option<String>,
    /// The buckets that earlier files of the directory set, if one of them is also set by this file.
    pub(super) elsewhere: Vec<Elsewhere>,
}

impl CheckedFile {
    pub(super) fn name(&self) -> &str {
        self.analysis.source.name()
    }
}

/// Drops files that were reached through a link, if they were also reached directly or through another link.
/// Directories may be links only if the user named several paths.
pub(super) fn drop_links(found: &mut Vec<CheckedFile>, has_several_paths: bool) {
    let paths: HashSet<_> = found.iter().map(|entry| entry.path.clone()).collect();
    let mut linked = HashSet::new();
    found.retain(|entry| {
        if entry.stdin.is_some() || !entry.named && !has_several_paths {
            return true;
        }
        match entry.path.canonicalize() {
            Ok(real) if real != entry.path => !paths.contains(&real) && linked.insert(real),
            _ => true,
        }
    });
}

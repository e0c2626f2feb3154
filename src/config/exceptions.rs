//! Exceptions: findings that a project accepts, each with a reason.

use std::path::Path;
use std::sync::Mutex;

use globset::GlobSet;
use time::Date;

use super::Project;
use crate::finding::{CONFLICTING_CORS, Diagnostic, EXPIRED_EXCEPTION, Finding, UNUSED_EXCEPTION};
use crate::level::Level;
use crate::lints::Lint;
use crate::settings::Settings;
use crate::source::Span;

/// One `[[exception]]`.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) lint: &'static str,
    /// The file or glob, as written in the configuration.
    pub(super) path: String,
    pub(super) files: GlobSet,
    pub(super) value: Option<String>,
    /// The last day on which the exception applies; `None` if it never expires.
    pub(super) until: Option<Date>,
    pub(super) until_span: Option<Span>,
    /// The span of the table header.
    pub(super) head: Span,
}

/// Whether an exception was used in a run.
#[derive(Debug, Clone, Copy, Default)]
struct ExceptionUse {
    matched: bool,
    file_was_checked: bool,
}

/// All exceptions of a project.
#[derive(Debug, Default)]
pub struct Exceptions {
    list: Vec<Exception>,
    uses: Mutex<Vec<ExceptionUse>>,
}

impl Exceptions {
    pub(super) fn new(list: Vec<Exception>) -> Exceptions {
        Exceptions {
            uses: Mutex::new(vec![ExceptionUse::default(); list.len()]),
            list,
        }
    }

    /// Removes the accepted findings of a file, and returns their number. `relative` is the path that globs
    /// are matched against.
    pub fn apply(&self, relative: &Path, findings: &mut Vec<Finding>, today: Date) -> usize {
        if self.list.is_empty() {
            return 0;
        }
        let before = findings.len();
        let mut uses = self
            .uses
            .lock()
            .expect("no thread panics while it holds the lock");
        let here = self.list.iter().zip(uses.iter_mut());
        let mut here: Vec<_> = here
            .filter(|(exception, _)| exception.files.is_match(relative))
            .collect();
        for (_, used) in &mut here {
            used.file_was_checked = true;
        }
        findings.retain(|finding| {
            let mut accepted = false;
            for (exception, used) in &mut here {
                if exception.accepts(finding) {
                    used.matched = true;
                    accepted |= !exception.has_expired(today);
                }
            }
            !accepted
        });
        before - findings.len()
    }

    /// Returns diagnostics about the exceptions themselves. Call this after all files are checked. Exceptions
    /// for disabled lints are skipped.
    pub fn diagnostics(
        &self,
        project: &Project,
        settings: &Settings,
        today: Date,
    ) -> Vec<Diagnostic> {
        let uses = self
            .uses
            .lock()
            .expect("no thread panics while it holds the lock");
        let all = self.list.iter().zip(uses.iter());
        let is_disabled = |name| {
            let lint = Lint::by_name(name);
            lint.is_some_and(|lint| lint.level_in(settings) == Level::Allow)
        };
        all.filter(|(exception, _)| !is_disabled(exception.lint))
            .filter_map(|(exception, used)| exception.diagnostic(*used, project, today))
            .collect()
    }
}

impl Exception {
    fn accepts(&self, finding: &Finding) -> bool {
        self.lint == finding.lint
            && self.value.as_ref().is_none_or(|value| {
                finding.key.value.as_ref() == Some(value)
                    || finding.key.rule_id.as_ref() == Some(value)
                    || finding.key.address.as_ref() == Some(value)
            })
    }

    fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    fn diagnostic(&self, used: ExceptionUse, project: &Project, today: Date) -> Option<Diagnostic> {
        if self.has_expired(today) {
            let until = self.until?;
            let message = format!("this exception expired on {until}");
            return Some(
                Diagnostic::new(EXPIRED_EXCEPTION, self.until_span?, message)
                    .label(format!("today is {today}"))
                    .help(format!(
                        "fix the {} finding in {}, or set a new expiry date",
                        self.lint, self.path
                    )),
            );
        }
        if used.matched {
            return None;
        }
        let is_one_file = !self.path.contains(['*', '?', '[', '{']);
        if is_one_file && project.resolve(&self.path).is_dir() {
            let message = format!("this exception names a directory: {}", self.path);
            return Some(
                Diagnostic::new(UNUSED_EXCEPTION, self.head, message)
                    .label("this exception matches nothing")
                    .help(format!("write {}/**", self.path.trim_end_matches('/'))),
            );
        }
        let is_gone =
            is_one_file && !used.file_was_checked && !project.resolve(&self.path).exists();
        let message = match (is_gone, &self.value) {
            (true, _) => format!(
                "this exception is for a file that does not exist: {}",
                self.path
            ),
            (false, _) if !used.file_was_checked => return None,
            // Another file may be the reason for such a finding, and it may not be checked.
            (false, _) if self.lint == CONFLICTING_CORS => return None,
            (false, None) => format!("{} has no {} finding", self.path, self.lint),
            (false, Some(value)) => {
                format!("{} has no {} finding for {value}", self.path, self.lint)
            }
        };
        Some(
            Diagnostic::new(UNUSED_EXCEPTION, self.head, message)
                .label("this exception matches nothing")
                .help("remove it"),
        )
    }
}

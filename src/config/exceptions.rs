//! Findings that a project accepts, each with its reason.

use std::path::Path;
use std::sync::Mutex;

use globset::GlobSet;
use time::Date;

use super::{Config, Project};
use crate::finding::Finding;
use crate::lints::{EXPIRED_EXCEPTION, Level, Lint, UNUSED_EXCEPTION};
use crate::source::Span;

/// One `[[exception]]`.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) lint: &'static str,
    /// The file as it is written.
    pub(super) path: String,
    pub(super) files: GlobSet,
    pub(super) value: Option<String>,
    /// The last day on which it holds.
    pub(super) until: Option<Date>,
    pub(super) until_span: Option<Span>,
    /// The line that opens it.
    pub(super) head: Span,
}

/// What became of an exception in a run.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    matched: bool,
    file_was_checked: bool,
}

/// All exceptions of a project.
#[derive(Debug, Default)]
pub struct Exceptions {
    list: Vec<Exception>,
    fates: Mutex<Vec<Fate>>,
}

impl Exceptions {
    pub(super) fn new(list: Vec<Exception>) -> Exceptions {
        Exceptions {
            fates: Mutex::new(vec![Fate::default(); list.len()]),
            list,
        }
    }

    /// Takes the accepted findings of one file out. `below` is its path from the configuration.
    pub fn apply(&self, below: &Path, findings: &mut Vec<Finding>, today: Date) {
        if self.list.is_empty() {
            return;
        }
        let mut fates = self
            .fates
            .lock()
            .expect("no thread panics while it holds the lock");
        let here = self.list.iter().zip(fates.iter_mut());
        let mut here: Vec<_> = here
            .filter(|(exception, _)| exception.files.is_match(below))
            .collect();
        for (_, fate) in &mut here {
            fate.file_was_checked = true;
        }
        findings.retain(|finding| {
            let mut accepted = false;
            for (exception, fate) in &mut here {
                if exception.accepts(finding) {
                    fate.matched = true;
                    accepted |= !exception.has_expired(today);
                }
            }
            !accepted
        });
    }

    /// The findings about the exceptions themselves, after all files were checked.
    /// Of an exception for a lint that is allowed nothing can be told.
    pub fn findings(&self, project: &Project, config: &Config, today: Date) -> Vec<Finding> {
        let fates = self
            .fates
            .lock()
            .expect("no thread panics while it holds the lock");
        let all = self.list.iter().zip(fates.iter());
        let is_allowed = |name| {
            let lint = Lint::by_name(name);
            lint.is_some_and(|lint| config.level(lint) == Level::Allow)
        };
        all.filter(|(exception, _)| !is_allowed(exception.lint))
            .filter_map(|(exception, fate)| exception.finding(*fate, project, today))
            .collect()
    }
}

impl Exception {
    fn accepts(&self, finding: &Finding) -> bool {
        self.lint == finding.lint
            && self.value.as_ref().is_none_or(|value| {
                finding.place.value.as_ref() == Some(value)
                    || finding.place.rule_id.as_ref() == Some(value)
            })
    }

    fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    fn finding(&self, fate: Fate, project: &Project, today: Date) -> Option<Finding> {
        if self.has_expired(today) {
            let until = self.until?;
            let message = format!("this exception has expired on {until}");
            return Some(
                Finding::new(EXPIRED_EXCEPTION, self.until_span?, message)
                    .label(format!("today is {today}"))
                    .help(format!(
                        "mend the {} in {}, or decide anew until when it is accepted",
                        self.lint, self.path
                    )),
            );
        }
        if fate.matched {
            return None;
        }
        let is_one_file = !self.path.contains(['*', '?', '[', '{']);
        let is_gone = is_one_file && !fate.file_was_checked && !project.above(&self.path).exists();
        let message = match (is_gone, &self.value) {
            (true, _) => format!("this exception is for a file that is gone: {}", self.path),
            (false, _) if !fate.file_was_checked => return None,
            (false, None) => format!("no {} is found in {}", self.lint, self.path),
            (false, Some(value)) => {
                format!("no {} is found in {} at {value}", self.lint, self.path)
            }
        };
        Some(
            Finding::new(UNUSED_EXCEPTION, self.head, message)
                .label("this exception matches nothing")
                .help("remove it"),
        )
    }
}

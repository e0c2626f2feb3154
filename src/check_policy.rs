//! Checks one policy: maps its keys, validates it against the schema of its dialect, and runs the lints.

use crate::dialect::{Dialect, PolicyText};
use crate::document::Node;
use crate::finding::{Diagnostic, SCHEMA_VIOLATION};
use crate::lints::{self, Notation};
use crate::locate::{Branch, Location};
use crate::policy::Policy;
use crate::settings::Settings;

/// Builds one policy, and returns it with all its diagnostics.
pub(crate) fn check_policy(
    location: &Location<'_>,
    notation: Notation,
    settings: &Settings,
) -> (Policy, Vec<Diagnostic>) {
    let dialect = location.dialect;
    let mapped = crate::dialect::map(location.text.clone(), dialect);
    if !location.is_recognized && !mapped.has_known_key() {
        let message = format!("not a CORS policy for {}", dialect.provider);
        let diagnostic = Diagnostic::new(SCHEMA_VIOLATION, location.text.node.head, message)
            .label("none of its keys is a policy's")
            .help(format!("write {}", dialect.example));
        let policy = Policy {
            dialect,
            rules: Vec::new(),
            is_complete: true,
        };
        return (policy, vec![diagnostic]);
    }
    let mut validation = dialect.validate(&mapped);
    let policy = Policy::new(dialect, &mapped, &validation.rejected);
    let mut linted = lints::run(&policy, notation, settings);
    let mut diagnostics = mapped.diagnostics;
    diagnostics.append(&mut validation.diagnostics);
    diagnostics.append(&mut linted);
    name_rules(location.text.rules, &mut diagnostics);
    diagnostics.extend(location.problems.iter().cloned());
    for branch in &location.branches {
        let found = check_branch(branch, dialect, notation, settings);
        let is_known = |new: &Diagnostic| {
            let mut known = diagnostics.iter();
            known.any(|old| old.lint == new.lint && old.span() == new.span())
        };
        let new: Vec<_> = found.into_iter().filter(|new| !is_known(new)).collect();
        // What holds for a branch may be worse than what holds without it.
        diagnostics.retain(|old| !new.iter().any(|new| lints::outranks(new, old)));
        diagnostics.extend(new);
    }
    if let Some(origin) = &location.generated_from {
        for diagnostic in &mut diagnostics {
            leave_to(origin, diagnostic);
        }
    }
    (policy, diagnostics)
}

/// Checks a value that a condition selects, on its own. An edit would have to keep the condition valid, so there
/// are no fixes.
fn check_branch(
    branch: &Branch,
    dialect: &'static Dialect,
    notation: Notation,
    settings: &Settings,
) -> Vec<Diagnostic> {
    let location = Location::new(dialect, PolicyText::block(&branch.rule));
    let (_, mut diagnostics) = check_policy(&location, notation, settings);
    diagnostics.retain(|diagnostic| {
        let mut labels = diagnostic.labels.iter();
        labels.any(|label| branch.value.contains(label.span))
    });
    for diagnostic in &mut diagnostics {
        diagnostic.fix = None;
    }
    diagnostics
}

/// Replaces the fix of a diagnostic by the advice to change what the file is generated from.
fn leave_to(origin: &str, diagnostic: &mut Diagnostic) {
    let advice = format!("; this file is generated: change {origin}");
    diagnostic.fix = None;
    diagnostic.help.get_or_insert_default().push_str(&advice);
    if let Some(merge) = &mut diagnostic.merge {
        merge.help.push_str(&advice);
    }
}

/// Appends the rule number to messages that don't include it. Some reports show only the message, and
/// several rules may have the same problem.
fn name_rules(rules: &[Node], diagnostics: &mut [Diagnostic]) {
    if rules.len() < 2 {
        return;
    }
    for diagnostic in diagnostics {
        let span = diagnostic.span();
        let index = rules.partition_point(|rule| rule.span.start() <= span.start());
        let inside = index
            .checked_sub(1)
            .filter(|i| rules[*i].span.contains(span));
        // A diagnostic whose merge scope is a rule, not a list, is about the whole policy.
        let is_of_policy = diagnostic.merge.as_ref().is_some_and(|merge| {
            rules
                .binary_search_by_key(&merge.scope, |rule| rule.id)
                .is_ok()
        });
        let Some(index) = inside.filter(|_| !is_of_policy) else {
            continue;
        };
        if diagnostic.message.contains("rule ") && diagnostic.lint != SCHEMA_VIOLATION {
            continue;
        }
        let suffix = format!(" (rule {})", index + 1);
        diagnostic.message.push_str(&suffix);
        if let Some(merge) = &mut diagnostic.merge {
            merge.message.push_str(&suffix);
        }
    }
}

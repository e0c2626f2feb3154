//! Choosing, merging and verifying fixes.

use std::collections::{HashMap, HashSet};

use crate::analyze::{Analysis, LocatedPolicy};
use crate::document::{Document, Index, NodeId};
use crate::field::Field;
use crate::finding::{Change, Finding, SCHEMA_VIOLATION, SYNTAX_ERROR, Safety};
use crate::finding_key::FindingKey;
use crate::matching;
use crate::source::{Edit, apply_edits};
use crate::syntax::TreeChange;

/// Maximum number of fix passes per file. A fix can expose another finding, but chains are short.
pub const MAX_PASSES: usize = 10;

/// Maximum number of fix attempts per file, including those that isolate fixes that don't work.
const MAX_ATTEMPTS: usize = 100;

/// The result of fixing one file.
#[derive(Debug, Default)]
pub struct FixOutcome {
    /// The analysis of the fixed text; `None` if nothing was fixed.
    pub fixed: Option<Analysis>,
    /// The findings that were fixed: the indices of those of the original analysis.
    pub resolved: Vec<usize>,
    /// The line and the lint of each fix that was skipped: it would not resolve its finding, or would change or lose
    /// something else.
    pub skipped: Vec<(usize, &'static str)>,
    /// Why there may be more to fix.
    pub unfinished: Option<Unfinished>,
}

/// Why fixing stopped before all fixes were applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// [`MAX_PASSES`] was reached.
    Passes,
    /// Isolating the fixes that don't work took more than `MAX_ATTEMPTS` attempts.
    Attempts,
}

/// Applies fixes until none is left, including fixes for findings that earlier fixes expose. `recheck`
/// analyzes the changed text. If the fixes of a pass don't work together, tries the first half of them,
/// and so on until the fix that fails is isolated and skipped.
pub fn fix_all(
    analysis: &Analysis,
    with_unsafe: bool,
    recheck: &dyn Fn(String) -> Analysis,
) -> FixOutcome {
    let mut outcome = FixOutcome {
        unfinished: Some(Unfinished::Attempts),
        ..FixOutcome::default()
    };
    let mut rejected: HashSet<Identity> = HashSet::new();
    let mut limit = usize::MAX;
    let mut passes = 0;
    for _ in 0..MAX_ATTEMPTS {
        let now = outcome.fixed.as_ref().unwrap_or(analysis);
        let candidates = candidates(now, with_unsafe, &rejected);
        let candidates: Vec<_> = candidates.into_iter().take(limit).collect();
        let Some((text, applied)) = apply(now, &candidates) else {
            match candidates[..] {
                [] => {
                    outcome.unfinished = None;
                    break;
                }
                // How the file is written leaves no place for this fix, as between the comments of a list.
                [only] => {
                    outcome.skipped.push(place(only, now));
                    rejected.insert(identity(only));
                    limit = usize::MAX;
                }
                _ => limit = candidates.len().div_ceil(2),
            }
            continue;
        };
        if passes == MAX_PASSES {
            outcome.unfinished = Some(Unfinished::Passes);
            break;
        }
        let next = recheck(text);
        let applied: Vec<_> = applied.into_iter().map(|index| candidates[index]).collect();
        if is_improvement(now, &next, &applied) && is_as_safe_as_claimed(now, &next, &applied) {
            outcome.fixed = Some(next);
            limit = usize::MAX;
            passes += 1;
        } else if let [only] = applied[..] {
            outcome.skipped.push(place(only, now));
            rejected.insert(identity(only));
            limit = usize::MAX;
        } else {
            limit = candidates.len().div_ceil(2).min(limit - 1);
        }
    }
    if let Some(fixed) = &outcome.fixed {
        outcome.resolved = resolved(analysis, fixed, with_unsafe);
    }
    outcome
}

/// The line and the lint of a finding.
fn place(finding: &Finding, analysis: &Analysis) -> (usize, &'static str) {
    let position = analysis.source.position(finding.span().start());
    (position.line, finding.lint)
}

/// Returns the findings to fix in one pass. Syntax errors are fixed first, in a separate pass, because other
/// fixes need a text without syntax errors. Fixes that rely on other entries come last, because unsafe fixes
/// change what those entries match.
fn candidates<'a>(
    analysis: &'a Analysis,
    with_unsafe: bool,
    rejected: &HashSet<Identity>,
) -> Vec<&'a Finding> {
    let findings = || {
        let findings = analysis.findings.iter();
        findings
            .filter(|finding| is_applicable(finding, with_unsafe))
            .filter(|finding| rejected.is_empty() || !rejected.contains(&identity(finding)))
    };
    let is_syntax = |finding: &&Finding| finding.lint == SYNTAX_ERROR;
    let relies_on_others = |finding: &&Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.relies_on_others)
    };
    let may_change_others = |finding: &&Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.safety == Safety::Unsafe && !fix.relies_on_others)
    };
    if findings().any(|finding| is_syntax(&finding)) {
        findings().filter(is_syntax).collect()
    } else if findings().any(|finding| may_change_others(&finding)) {
        findings()
            .filter(|finding| !relies_on_others(finding))
            .collect()
    } else {
        findings().collect()
    }
}

/// Returns true if a finding has a fix that may be applied.
pub fn is_applicable(finding: &Finding, with_unsafe: bool) -> bool {
    let fix = finding.fix.as_ref();
    fix.is_some_and(|fix| with_unsafe || fix.safety == Safety::Safe)
}

/// Returns the text with the fixes of these findings applied, and the indices of the applied findings. If
/// two fixes change the same node, only the first is applied. `None` if nothing changes.
pub fn apply(analysis: &Analysis, findings: &[&Finding]) -> Option<(String, Vec<usize>)> {
    let (document, syntax) = analysis.tree.as_ref()?;
    let resolver = Resolver::new(document, &analysis.policies);
    let mut claimed = HashSet::new();
    let mut applied = Vec::new();
    let mut changes = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let Some(fix) = &finding.fix else {
            continue;
        };
        let targets: Vec<_> = fix.changes.iter().map(target).collect();
        if targets.iter().any(|target| claimed.contains(target)) {
            continue;
        }
        claimed.extend(targets);
        applied.push(index);
        changes.extend(fix.changes.iter().filter_map(|c| resolver.resolve(c)));
    }
    let source = analysis.source.text();
    let edits = (syntax.lower)(source, document, &[changes]).concat();
    let text = apply_edits(source, &edits);
    (text != source).then_some((text, applied))
}

/// Returns the edits of each finding's fix, computed separately; empty for a finding without a fix.
pub fn edits(analysis: &Analysis) -> Vec<Vec<Edit>> {
    let findings = || analysis.findings.iter();
    let has_fix = |finding: &Finding| finding.fix.is_some();
    let Some((document, syntax)) = analysis.tree.as_ref().filter(|_| findings().any(has_fix))
    else {
        return vec![Vec::new(); analysis.findings.len()];
    };
    let resolver = Resolver::new(document, &analysis.policies);
    let groups = findings().map(|finding| {
        let changes = finding.fix.iter().flat_map(|fix| &fix.changes);
        changes.filter_map(|c| resolver.resolve(c)).collect()
    });
    let groups: Vec<_> = groups.collect();
    (syntax.lower)(analysis.source.text(), document, &groups)
}

/// Translates changes to fields into changes to keys of the policy's dialect.
struct Resolver<'a> {
    index: Index<'a>,
    policies: &'a [LocatedPolicy],
}

impl<'a> Resolver<'a> {
    fn new(document: &'a Document, policies: &'a [LocatedPolicy]) -> Resolver<'a> {
        Resolver {
            index: Index::new(document),
            policies,
        }
    }

    /// Returns the change to the syntax tree; `None` if the dialect lacks the field.
    fn resolve(&self, change: &Change) -> Option<TreeChange> {
        Some(match change {
            Change::Remove(node) => TreeChange::Remove(*node),
            Change::SetText { node, part, with } => TreeChange::SetText {
                node: *node,
                part: part.clone(),
                with: with.clone(),
            },
            Change::SetNumber { node, number } => TreeChange::SetNumber {
                node: *node,
                number: *number,
            },
            Change::SetField {
                rule,
                field,
                number,
            } => TreeChange::InsertNumber {
                object: *rule,
                key: self.key(*rule, *field)?,
                number: *number,
            },
            Change::RenameKey { value, to } => TreeChange::RenameKey {
                value: *value,
                key: self.key(*value, *to)?,
            },
            Change::WrapInList(node) => TreeChange::WrapInList(*node),
            Change::Raw(edit) => TreeChange::Raw(edit.clone()),
        })
    }

    /// The key of a field in the dialect of the policy around a node.
    fn key(&self, node: NodeId, field: Field) -> Option<&'static str> {
        let span = self.index.node(node)?.span;
        // Policies are in the order of the file, and none contains another.
        let policies = self.policies;
        let after = policies.partition_point(|located| located.span.start() <= span.start());
        let around = policies[..after].last()?;
        let around = Some(around).filter(|located| located.span.contains(span))?;
        let key = around.policy.dialect.field_key(field)?;
        Some(key.key)
    }
}

/// The target of a change. Two changes with the same target are never applied together.
#[derive(PartialEq, Eq, Hash)]
enum Target {
    Node(NodeId),
    NewField(NodeId),
    Key(NodeId),
    Byte(usize),
}

fn target(change: &Change) -> Target {
    match change {
        Change::Remove(node)
        | Change::SetText { node, .. }
        | Change::SetNumber { node, .. }
        | Change::WrapInList(node) => Target::Node(*node),
        Change::SetField { rule, .. } => Target::NewField(*rule),
        Change::RenameKey { value, .. } => Target::Key(*value),
        Change::Raw(edit) => Target::Byte(edit.span.start()),
    }
}

/// Returns true if a pass improved the text: the same policies are found, every fixed finding is gone, and
/// no new syntax errors or schema violations appear. A value whose type was fixed is exempt, because it
/// may now violate another constraint.
pub fn is_improvement(before: &Analysis, after: &Analysis, applied: &[&Finding]) -> bool {
    let policies = |analysis: &Analysis| -> Vec<_> {
        let policies = analysis.policies.iter();
        policies
            .map(|located| (located.policy.provider(), located.address.clone()))
            .collect()
    };
    let then = counts(before.findings.iter());
    let now = counts(after.findings.iter());
    let all_are_gone = counts(applied.iter().copied())
        .iter()
        .all(|(key, number)| count(&now, key) + number <= count(&then, key));
    let retyped: HashSet<Option<&String>> = applied
        .iter()
        .flat_map(|finding| {
            let changes = finding.fix.iter().flat_map(|fix| &fix.changes);
            changes.filter_map(|change| match change {
                Change::WrapInList(_) => Some(finding.key.value.as_ref()),
                Change::SetNumber { .. } => Some(None),
                _ => None,
            })
        })
        .collect();
    let nothing_is_new = now.iter().all(|(identity, number)| {
        !matches!(identity.lint, SYNTAX_ERROR | SCHEMA_VIOLATION)
            || *number <= count(&then, identity)
            || retyped.contains(&identity.value.as_ref())
    });
    policies(before) == policies(after) && all_are_gone && nothing_is_new
}

/// Returns true if the policies allow the same requests as before, or if an applied fix is marked unsafe.
fn is_as_safe_as_claimed(before: &Analysis, after: &Analysis, applied: &[&Finding]) -> bool {
    let is_safe = |finding: &&Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.safety == Safety::Safe)
    };
    !applied.iter().all(is_safe)
        || before.policies.len() == after.policies.len()
            && before
                .policies
                .iter()
                .zip(&after.policies)
                .all(|(before, after)| matching::is_preserved(&before.policy, &after.policy))
}

/// Returns the indices of the findings with an applicable fix in `before` that are not in `after`.
fn resolved(before: &Analysis, after: &Analysis, with_unsafe: bool) -> Vec<usize> {
    let now = counts(after.findings.iter());
    let mut gone = counts(before.findings.iter());
    for (identity, number) in &mut gone {
        *number = number.saturating_sub(count(&now, identity));
    }
    let findings = before.findings.iter().enumerate();
    let wanted = findings.filter(|(_, finding)| is_applicable(finding, with_unsafe));
    let resolved = wanted.filter(|(_, finding)| {
        let left = gone.get_mut(&identity(finding));
        left.is_some_and(|left| {
            let is_gone = *left > 0;
            *left = left.saturating_sub(1);
            is_gone
        })
    });
    resolved.map(|(index, _)| index).collect()
}

/// A finding's identity across edits to one file. Excludes the position, because edits move it. Includes
/// the rule, because fixing one rule can expose findings in another. Syntax errors are identified by message
/// only: just the first comment is reported, and it may be deleted along with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    lint: &'static str,
    message: String,
    value: Option<String>,
    rule_index: Option<usize>,
}

fn identity(finding: &Finding) -> Identity {
    let key = match finding.lint {
        SYNTAX_ERROR => FindingKey::default(),
        _ => finding.key.clone(),
    };
    Identity {
        lint: finding.lint,
        message: finding.message.clone(),
        value: key.value,
        rule_index: key.rule_index,
    }
}

fn counts<'f>(findings: impl Iterator<Item = &'f Finding>) -> HashMap<Identity, usize> {
    let mut counts = HashMap::new();
    for finding in findings {
        *counts.entry(identity(finding)).or_default() += 1;
    }
    counts
}

fn count(counts: &HashMap<Identity, usize>, identity: &Identity) -> usize {
    counts.get(identity).copied().unwrap_or(0)
}

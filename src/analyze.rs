//! The pipeline for one text, from bytes to findings. It is pure: no file system, no threads, no output.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::bucket::{self, Bucket};
use crate::check_policy::check_policy;
use crate::document::{Document, NodeId};
use crate::field::Field;
use crate::finding::{Change, Diagnostic, Finding, Label, SCHEMA_VIOLATION, SYNTAX_ERROR, Safety};
use crate::finding_key::{RuleKey, finding_key};
use crate::level::Severity;
use crate::lints::{Lint, Notation};
use crate::locate::{self, Location};
use crate::merge::merge;
use crate::policy::{Item, Policy};
use crate::settings::Settings;
use crate::skip::{NO_ROOT, SkipReason};
use crate::source::{DecodeError, Source, Span};
use crate::suppress;
use crate::syntax::{self, ParseOutcome, Syntax};

/// The result of analyzing one file.
#[derive(Debug)]
pub struct Analysis {
    /// The text that findings point into.
    pub source: Source,
    /// The policies found; empty for a file that looks like a policy but can't be parsed.
    pub policies: Vec<LocatedPolicy>,
    /// The findings, sorted by position. Each is about one entry until `merge_findings` is called.
    pub findings: Vec<Finding>,
    /// The reason the file contains no policy; `None` if it contains one.
    pub skipped: Option<SkipReason>,
    /// The number of findings that comments in the file accept.
    pub suppressed: usize,
    /// The parsed document and its syntax; `None` if the text can't be parsed.
    pub(crate) tree: Option<(Document, &'static Syntax)>,
}

/// A policy in a file.
#[derive(Debug)]
pub struct LocatedPolicy {
    /// The location of the policy in the file; empty if the policy is the whole file.
    pub address: String,
    /// The span that reports use to mark the policy: its opening bracket.
    pub head: Span,
    /// The whole policy.
    pub span: Span,
    /// The policy itself.
    pub policy: Policy,
    /// The resource that the policy belongs to, from its first line; `None` for a policy on its own.
    pub resource: Option<Span>,
    /// True if the provider would reject the policy.
    pub is_rejected: bool,
    /// The bucket that the policy is for, if that is certain. Only Terraform has several policies for one.
    pub bucket: Option<Bucket>,
}

impl Analysis {
    /// Creates the analysis of a file without a policy.
    pub fn skipped(source: Source, why: SkipReason) -> Analysis {
        Analysis {
            source,
            policies: Vec::new(),
            findings: Vec::new(),
            skipped: Some(why),
            suppressed: 0,
            tree: None,
        }
    }

    /// Creates the analysis of a policy that can't be parsed.
    fn malformed(source: Source, errors: Vec<Diagnostic>, settings: &Settings) -> Analysis {
        Analysis {
            source,
            policies: Vec::new(),
            findings: to_findings(errors, settings),
            skipped: None,
            suppressed: 0,
            tree: None,
        }
    }

    /// Creates the analysis of a configuration file from the problems with its exceptions.
    pub fn of_configuration(
        source: Source,
        diagnostics: Vec<Diagnostic>,
        settings: &Settings,
    ) -> Analysis {
        Analysis {
            findings: to_findings(diagnostics, settings),
            ..Analysis::skipped(source, SkipReason::Configuration)
        }
    }

    /// Merges findings about several entries of one list. Apply exceptions and baselines first: they
    /// match individual entries.
    pub fn merge_findings(&mut self) {
        self.findings = merge(std::mem::take(&mut self.findings));
    }

    /// Frees the tree. Afterwards, fixes have no edits and can't be applied.
    pub fn drop_tree(&mut self) {
        self.tree = None;
    }

    /// Returns the number of policies, including any that can't be parsed.
    pub fn policy_count(&self) -> usize {
        match self.skipped {
            Some(_) => 0,
            None => self.policies.len().max(1),
        }
    }

    /// Returns true if the file contains a policy, or looks like one that can't be parsed.
    pub fn is_policy(&self) -> bool {
        self.skipped.is_none()
    }

    /// Returns the parsed document; `None` if the text can't be parsed.
    pub fn document(&self) -> Option<&Document> {
        self.tree.as_ref().map(|(document, _)| document)
    }
}

/// Analyzes one text. The extension of `name` selects the syntax, and reports print `name` as the path.
pub fn analyze(name: &str, bytes: impl Into<Vec<u8>>, settings: &Settings) -> Analysis {
    analyze_bytes(name, bytes.into(), settings)
}

fn analyze_bytes(name: &str, bytes: Vec<u8>, settings: &Settings) -> Analysis {
    let forced = settings.provider;
    if forced.is_none() && !Source::is_utf16(&bytes) && !locate::prefilter_matches(&bytes) {
        let why = reason_without_keys(name, &bytes);
        return Analysis::skipped(Source::new(name, ""), why);
    }
    let text = match Source::decode(bytes) {
        Ok(text) => text,
        Err((error, text)) => {
            let diagnostic = decode_diagnostic(error, &text);
            let source = Source::new(name, text);
            return match forced.is_some() || locate::looks_like_policy(source.text()) {
                true => Analysis::malformed(source, vec![diagnostic], settings),
                false => Analysis::skipped(source, SkipReason::Malformed),
            };
        }
    };
    let source = Source::new(name, text);
    let syntax = match syntax::of_file(name, source.text()) {
        Ok(syntax) => syntax,
        Err(other) => return Analysis::skipped(source, SkipReason::OtherSyntax(other)),
    };
    if source.text().trim().is_empty() {
        return Analysis::skipped(source, SkipReason::Empty);
    }
    let mut document = match (syntax.parse)(source.shared_text()) {
        ParseOutcome::Parsed(document) => document,
        ParseOutcome::Failed(problems) => {
            let errors = problems.into_iter().map(Diagnostic::from);
            return match forced.is_some() || locate::looks_like_policy(source.text()) {
                true => Analysis::malformed(source, errors.collect(), settings),
                false => Analysis::skipped(source, SkipReason::Malformed),
            };
        }
        ParseOutcome::Template => return Analysis::skipped(source, SkipReason::Template),
        ParseOutcome::Empty => return Analysis::skipped(source, SkipReason::Empty),
    };
    locate::resolve_computed(&mut document);
    let locations = locate::find(&document, forced);
    if locations.is_empty() {
        let why = locate::reason_without_policy(&document, source.text());
        return Analysis::skipped(source, why);
    }
    let (policies, findings, suppressed) = lint(&source, &document, locations, syntax, settings);
    Analysis {
        source,
        policies,
        findings,
        skipped: None,
        suppressed,
        tree: Some((document, syntax)),
    }
}

/// Checks the policies of a document.
fn lint(
    source: &Source,
    document: &Document,
    locations: Vec<Location<'_>>,
    syntax: &Syntax,
    settings: &Settings,
) -> (Vec<LocatedPolicy>, Vec<Finding>, usize) {
    let problems = document.problems.iter().cloned();
    let mut diagnostics: Vec<(Diagnostic, Option<usize>)> =
        problems.map(|problem| (problem.into(), None)).collect();
    let notation = Notation {
        quote: syntax.quote,
        assign: syntax.assign,
    };
    // The CDK writes its templates into this directory.
    let is_synthesized = source
        .name()
        .split(['/', '\\'])
        .any(|part| part == "cdk.out");
    let mut policies = Vec::new();
    let mut rules: Vec<RuleKey<'_>> = Vec::new();
    for mut location in locations {
        if is_synthesized {
            let app = || "the CDK app".to_owned();
            location.generated_from.get_or_insert_with(app);
        }
        let (policy, mut found) = check_policy(&location, notation, settings);
        for diagnostic in &mut found {
            if let Some(anchored) = document.anchored(diagnostic.span()) {
                diagnostic.labels.push(Label {
                    span: anchored,
                    text: "the value of this anchor".to_owned(),
                });
            }
            diagnostic.fix.take_if(|fix| {
                fix.changes_any(&document.shared) || fix.removes_any(&document.needed)
            });
        }
        let nodes = location.text.rules.iter();
        rules.extend(nodes.zip(&policy.rules).map(|(node, rule)| RuleKey {
            node,
            id: rule.id.get().map(|id| id.value().to_owned()),
            hash: None,
        }));
        let index = policies.len();
        // A violation with a severity of its own is one that the provider accepts.
        let rejected =
            |found: &Diagnostic| found.lint == SCHEMA_VIOLATION && found.severity.is_none();
        policies.push(LocatedPolicy {
            bucket: location.bucket(source.text()),
            resource: location.resource,
            address: location.address,
            head: location.text.node.head,
            span: location.text.node.span,
            policy,
            is_rejected: !document.problems.is_empty() || found.iter().any(rejected),
        });
        diagnostics.extend(found.into_iter().map(|found| (found, Some(index))));
    }
    let buckets: Vec<_> = policies.iter().filter_map(|p| p.bucket.as_ref()).collect();
    let conflicts = bucket::conflicts(&buckets, &settings.elsewhere);
    diagnostics.extend(conflicts.into_iter().map(|found| {
        let mut located = policies.iter();
        let index = located.position(|located| located.head == found.span());
        (found, index)
    }));
    drop_fixes_that_empty_a_list(&policies, &mut diagnostics);
    rules.sort_by_key(|rule| rule.node.span);
    let several = policies.len() > 1;
    let mut findings = Vec::new();
    for (diagnostic, policy) in diagnostics {
        let Some(severity) = severity(&diagnostic, settings) else {
            continue;
        };
        let mut finding = Finding::new(diagnostic, severity);
        finding.key = finding_key(document, &mut rules, finding.span());
        let address = policy.map(|policy| policies[policy].address.clone());
        finding.key.address = address.clone().filter(|address| !address.is_empty());
        finding.address = address.filter(|_| several);
        findings.push(finding);
    }
    let mut accepted = 0;
    if !settings.ignores_suppressions {
        let parts = || parts_for_comments(document, &policies, &rules);
        let suppressed = suppress::apply(source, syntax, document, &parts, settings, &mut findings);
        accepted = suppressed.accepted;
        findings.extend(to_findings(suppressed.problems, settings));
    }
    sort(&mut findings);
    (policies, findings, accepted)
}

/// Returns what comments directly above apply to: the rules, the policies, and each policy from the keys above it
/// within its resource. Without a resource, only the nearest key counts.
fn parts_for_comments(
    document: &Document,
    policies: &[LocatedPolicy],
    rules: &[RuleKey<'_>],
) -> Vec<Span> {
    let above = policies.iter().flat_map(|located| {
        let keys = document.keys_above(located.span);
        let nearest = keys.last().map(|key| key.start());
        let from = located.resource.map(Span::start);
        let first = from.or(nearest).unwrap_or(located.span.start());
        let keys = keys.into_iter().map(|key| key.start());
        let starts = keys.filter(move |start| *start >= first).chain(from);
        starts.map(|start| Span::new(start, located.span.end()))
    });
    let policies = policies.iter().map(|located| located.span);
    let rules = rules.iter().map(|rule| rule.node.span);
    policies.chain(rules).chain(above).collect()
}

/// Returns the severity of a diagnostic; `None` if its lint is allowed. A level set by the user applies to
/// every finding of the lint. Otherwise, a diagnostic's own severity overrides the default of its lint.
fn severity(diagnostic: &Diagnostic, settings: &Settings) -> Option<Severity> {
    let lint = Lint::by_name(diagnostic.lint)?;
    match settings.level(lint.name, lint.group) {
        Some(level) => level.severity(),
        None => Some(diagnostic.severity.unwrap_or(lint.level.severity()?)),
    }
}

fn to_findings(diagnostics: Vec<Diagnostic>, settings: &Settings) -> Vec<Finding> {
    let diagnostics = diagnostics.into_iter();
    let mut findings: Vec<_> = diagnostics
        .filter_map(|diagnostic| {
            let severity = severity(&diagnostic, settings)?;
            Some(Finding::new(diagnostic, severity))
        })
        .collect();
    sort(&mut findings);
    findings
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.span(), Reverse(finding.severity), finding.lint));
}

/// Drops unsafe fixes that, combined with the other fixes, would empty a list of origins or methods.
/// Providers reject a rule with such an empty list. Safe fixes always leave an entry.
fn drop_fixes_that_empty_a_list(
    policies: &[LocatedPolicy],
    diagnostics: &mut [(Diagnostic, Option<usize>)],
) {
    let removed_by = |diagnostic: &Diagnostic| -> Vec<NodeId> {
        let changes = diagnostic.fix.iter().flat_map(|fix| &fix.changes);
        changes
            .filter_map(|change| match change {
                Change::Remove(node) => Some(*node),
                _ => None,
            })
            .collect()
    };
    let mut removed: HashSet<NodeId> = HashSet::new();
    for (diagnostic, _) in diagnostics.iter() {
        removed.extend(removed_by(diagnostic));
    }
    if removed.is_empty() {
        return;
    }
    let rules = policies.iter().flat_map(|located| &located.policy.rules);
    let lists = rules.flat_map(|rule| rule.lists());
    let emptied = lists.filter_map(|(field, list)| {
        let list = list.get()?;
        // A single string in place of a list can't have its only item removed.
        let must_keep = matches!(field, Field::Origins | Field::Methods) || list.is_lone;
        let is_emptied = list.items.iter().all(|item| removed.contains(&item.node()));
        (must_keep && is_emptied).then_some(list)
    });
    let kept: HashSet<NodeId> = emptied
        .flat_map(|list| list.items.iter().map(Item::node))
        .collect();
    for (diagnostic, _) in diagnostics {
        let removes_kept = removed_by(diagnostic)
            .iter()
            .any(|node| kept.contains(node));
        diagnostic
            .fix
            .take_if(|fix| removes_kept && fix.safety == Safety::Unsafe);
    }
}

/// Returns why a file without any policy key is skipped.
fn reason_without_keys(name: &str, bytes: &[u8]) -> SkipReason {
    let start = &bytes[..bytes.len().min(64)];
    match syntax::of_file(name, &String::from_utf8_lossy(start)) {
        Err(other) => SkipReason::OtherSyntax(other),
        Ok(_) if bytes.trim_ascii().is_empty() => SkipReason::Empty,
        Ok(syntax) if syntax.name == "XML" => SkipReason::NoPolicy(NO_ROOT),
        Ok(_) => SkipReason::NoKeys,
    }
}

/// The diagnostic for bytes that are not UTF-8.
fn decode_diagnostic(error: DecodeError, text: &str) -> Diagnostic {
    match error {
        DecodeError::Utf16 => Diagnostic::new(SYNTAX_ERROR, Span::new(0, 0), "the file is UTF-16")
            .label("not UTF-8")
            .help("save it as UTF-8; in PowerShell, use Out-File -Encoding utf8"),
        DecodeError::InvalidUtf8(at) => {
            let bytes = text[at..].chars().next().map_or(0, char::len_utf8);
            let span = Span::new(at, at + bytes);
            Diagnostic::new(SYNTAX_ERROR, span, "invalid UTF-8")
                .label("the first invalid byte")
                .help("save the file as UTF-8")
        }
    }
}

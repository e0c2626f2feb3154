//! The pipeline for one text, from bytes to findings.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::config::Config;
use crate::dialect;
use crate::document::{Document, Node, NodeId};
use crate::finding::{Change, Finding, Fix, Place, Severity};
use crate::lints::{self, Lint};
use crate::policy::{Policy, Provider};
use crate::schema;
use crate::source::{NotText, Source, Span};
use crate::syntax::{self, Read, SYNTAX_ERROR, Syntax};

/// One file and what is said of it.
#[derive(Debug)]
pub struct Checked {
    /// The text that findings point into.
    pub source: Source,
    /// The policies that were found. A file that is meant as a policy but cannot be read has none.
    pub sites: Vec<SiteSummary>,
    /// In the order of their places.
    pub findings: Vec<Finding>,
    /// Why the file is no policy, where nothing else is said of it.
    pub passed_over: Option<PassedOver>,
}

/// A policy, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSummary {
    /// Who reads it.
    pub provider: Provider,
    /// The shape, by the name of its schema.
    pub shape: &'static str,
    /// Where in the document it is; empty for the whole.
    pub address: String,
    /// Where it begins.
    pub head: Span,
    /// How many rules it has.
    pub rules: usize,
}

/// Why a file was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassedOver {
    /// It holds no key of a policy.
    NoKeys,
    /// It is well-formed, but nothing in it is a policy; what is missing.
    NoPolicy(&'static str),
    /// It is not well-formed, and does not look as if a policy was meant.
    Broken,
    /// A template, to be filled in by another program.
    Template,
    /// Nothing is in it.
    Empty,
    /// More is in it than [`Source::MAX_BYTES`].
    TooLarge,
    /// It is a configuration of corslint.
    Configuration,
    /// Not a syntax that corslint reads; its name, where it is plain.
    OtherSyntax(Option<&'static str>),
}

impl PassedOver {
    /// The reason in words, to follow the name of the file.
    pub fn reason(&self) -> String {
        match self {
            PassedOver::NoKeys => dialect::what_is_missing("").to_owned(),
            PassedOver::NoPolicy(missing) => (*missing).to_owned(),
            PassedOver::Broken => {
                "it is not well-formed, and does not look like a CORS policy".to_owned()
            }
            PassedOver::Template => {
                "it is a template that cannot be read before it is filled in".to_owned()
            }
            PassedOver::Empty => "it is empty".to_owned(),
            PassedOver::TooLarge => {
                format!(
                    "it is larger than {} MiB",
                    Source::MAX_BYTES / (1024 * 1024)
                )
            }
            PassedOver::Configuration => "it is a configuration of corslint".to_owned(),
            PassedOver::OtherSyntax(Some(name)) => {
                format!("this is {name}, and corslint reads JSON")
            }
            PassedOver::OtherSyntax(None) => "corslint reads JSON".to_owned(),
        }
    }
}

impl Checked {
    /// A file that is no policy.
    pub fn passed_over(source: Source, why: PassedOver) -> Checked {
        Checked {
            source,
            sites: Vec::new(),
            findings: Vec::new(),
            passed_over: Some(why),
        }
    }

    fn broken(source: Source, fault: Finding, config: &Config) -> Checked {
        let mut findings = vec![fault];
        apply_levels(&mut findings, config);
        Checked {
            source,
            sites: Vec::new(),
            findings,
            passed_over: None,
        }
    }

    /// A file that is no policy, with findings of its own: a configuration and its exceptions.
    pub fn about_configuration(
        source: Source,
        mut findings: Vec<Finding>,
        config: &Config,
    ) -> Checked {
        apply_levels(&mut findings, config);
        Checked {
            findings,
            ..Checked::passed_over(source, PassedOver::Configuration)
        }
    }

    /// How many policies it holds. One that cannot be read counts.
    pub fn policies(&self) -> usize {
        match self.passed_over {
            Some(_) => 0,
            None => self.sites.len().max(1),
        }
    }

    /// Whether the file is a policy, or is meant as one.
    pub fn is_policy(&self) -> bool {
        self.passed_over.is_none()
    }
}

/// Checks one text. `name` tells its syntax by its extension, and is what reports print.
pub fn check(name: &str, bytes: Vec<u8>, config: &Config) -> Checked {
    let provider = config.provider;
    if provider.is_none() && !Source::is_utf16(&bytes) && !dialect::may_hold_policy(&bytes) {
        let why = no_keys(name, &bytes);
        return Checked::passed_over(Source::new(name, ""), why);
    }
    let (text, fault) = match Source::decode(bytes) {
        Ok(text) => (text, None),
        Err((why, text)) => {
            let fault = not_text(why, &text);
            (text, Some(fault))
        }
    };
    if let Some(fault) = fault {
        let source = Source::new(name, text);
        return if provider.is_some() || dialect::is_meant_as_policy(source.text()) {
            Checked::broken(source, fault, config)
        } else {
            Checked::passed_over(source, PassedOver::Broken)
        };
    }
    let source = Source::new(name, text);
    let syntax = match syntax_of(name, source.text()) {
        Ok(syntax) => syntax,
        Err(other) => return Checked::passed_over(source, PassedOver::OtherSyntax(other)),
    };
    if source.text().trim().is_empty() {
        return Checked::passed_over(source, PassedOver::Empty);
    }
    let (sites, findings) = match (syntax.read)(source.text()) {
        Read::Document(document, faults) => {
            let (sites, mut findings) = lint(&document, faults, config);
            apply_levels(&mut findings, config);
            withdraw_what_would_empty(&document, &mut findings);
            (sites, findings)
        }
        Read::Broken(fault) if provider.is_some() || dialect::is_meant_as_policy(source.text()) => {
            return Checked::broken(source, *fault, config);
        }
        Read::Broken(_) => return Checked::passed_over(source, PassedOver::Broken),
        Read::Template => return Checked::passed_over(source, PassedOver::Template),
        Read::Empty => return Checked::passed_over(source, PassedOver::Empty),
    };
    if sites.is_empty() {
        let missing = dialect::what_is_missing(source.text());
        return Checked::passed_over(source, PassedOver::NoPolicy(missing));
    }
    Checked {
        source,
        sites,
        findings,
        passed_over: None,
    }
}

/// Why a text has no policy to be asked.
#[derive(Debug)]
pub enum NoPolicy {
    /// It is none.
    PassedOver(PassedOver),
    /// It is meant as one, but cannot be read.
    Broken(Box<Finding>),
}

/// Hands each policy of a text to `visit`, with its address, and whether its provider refuses it.
pub fn policies<R>(
    source: &Source,
    config: &Config,
    mut visit: impl FnMut(&str, &Policy<'_>, bool) -> R,
) -> Result<Vec<R>, NoPolicy> {
    let passed_over = |why| Err(NoPolicy::PassedOver(why));
    let syntax = match syntax_of(source.name(), source.text()) {
        Ok(syntax) => syntax,
        Err(other) => return passed_over(PassedOver::OtherSyntax(other)),
    };
    let document = match (syntax.read)(source.text()) {
        Read::Document(document, _) => document,
        Read::Broken(fault) => return Err(NoPolicy::Broken(fault)),
        Read::Template => return passed_over(PassedOver::Template),
        Read::Empty => return passed_over(PassedOver::Empty),
    };
    let sites = dialect::find(&document, config.provider);
    if sites.is_empty() {
        let missing = dialect::what_is_missing(source.text());
        return passed_over(PassedOver::NoPolicy(missing));
    }
    let visited = sites.iter().map(|site| {
        let checked = schema::check(site.schema, &site.view);
        let policy = site.policy(&checked);
        let is_refused = !checked.findings.is_empty()
            || !site.findings.is_empty()
            || !site.also_refused(&policy).is_empty();
        visit(&site.address, &policy, is_refused)
    });
    Ok(visited.collect())
}

/// Finds and checks the policies of a document. `faults` are those of its syntax: they are said
/// only where there is a policy.
fn lint(
    document: &Document<'_>,
    faults: Vec<Finding>,
    config: &Config,
) -> (Vec<SiteSummary>, Vec<Finding>) {
    let sites = dialect::find(document, config.provider);
    let mut rules = Vec::new();
    let mut findings = faults;
    let mut summaries = Vec::new();
    let several = sites.len() > 1;
    for mut site in sites {
        let first = findings.len();
        findings.append(&mut site.findings);
        let mut checked = schema::check(site.schema, &site.view);
        findings.append(&mut checked.findings);
        let policy = site.policy(&checked);
        let mut refused = site.also_refused(&policy);
        // Of what is refused, nothing more is said.
        let mut found = lints::run(&policy, config);
        found.retain(|finding| refused.iter().all(|other| other.span() != finding.span()));
        findings.append(&mut refused);
        findings.append(&mut found);
        let ids = policy
            .rules
            .iter()
            .map(|rule| rule.id.get().map(|id| id.value().to_owned()));
        rules.extend(site.rule_nodes().zip(ids));
        if several {
            for finding in &mut findings[first..] {
                finding.address = Some(site.address.clone());
            }
        }
        summaries.push(SiteSummary {
            provider: site.provider,
            shape: site.schema.name,
            rules: site.rule_count(),
            head: site.head,
            address: site.address,
        });
    }
    rules.sort_by_key(|(node, _)| node.span);
    let mut fingerprints = vec![None; rules.len()];
    for finding in &mut findings {
        finding.place = place(document, &rules, &mut fingerprints, finding.span());
    }
    (summaries, findings)
}

/// What a finding is about, apart from its line. `fingerprints` keeps those that were made.
fn place(
    document: &Document<'_>,
    rules: &[(&Node<'_>, Option<String>)],
    fingerprints: &mut [Option<u32>],
    span: Span,
) -> Place {
    let value = document
        .root
        .text_at(span)
        .map(|text| text.value().to_owned());
    let after = rules.partition_point(|(node, _)| node.span.start() <= span.start());
    let rule = after
        .checked_sub(1)
        .filter(|&rule| rules[rule].0.span.contains(span));
    Place {
        value,
        rule_number: rule,
        rule_id: rule.and_then(|rule| rules[rule].1.clone()),
        rule: rule
            .map(|rule| *fingerprints[rule].get_or_insert_with(|| rules[rule].0.fingerprint())),
    }
}

/// Drops what is allowed, gives the rest its severity, and sorts by place.
fn apply_levels(findings: &mut Vec<Finding>, config: &Config) {
    findings.retain_mut(|finding| {
        let severity = Lint::by_name(finding.lint).and_then(|lint| config.severity(lint));
        finding.severity = severity.unwrap_or(Severity::Note);
        severity.is_some()
    });
    findings.sort_by_key(|finding| (finding.span(), Reverse(finding.severity), finding.lint));
}

/// Takes the fixes away that together would empty a list of which one item must stay: what nobody can
/// have is not offered.
fn withdraw_what_would_empty(document: &Document<'_>, findings: &mut [Finding]) {
    let would_empty = lists_that_would_be_empty(document, findings);
    for finding in findings {
        finding.fix.take_if(|fix| {
            let mut removed = removed_by(fix);
            removed.any(|(item, _)| would_empty.contains(&item))
        });
    }
}

/// The items that a fix removes, and whether their lists may be left empty.
fn removed_by(fix: &Fix) -> impl Iterator<Item = (NodeId, bool)> + '_ {
    fix.changes.iter().filter_map(|change| match change {
        Change::RemoveItem { item, may_empty } => Some((*item, *may_empty)),
        _ => None,
    })
}

/// The items of lists of which all would go, though one must stay: there nothing is removed.
fn lists_that_would_be_empty(document: &Document<'_>, findings: &[Finding]) -> HashSet<NodeId> {
    let removed = findings.iter().filter_map(|finding| finding.fix.as_ref());
    let removed: HashMap<_, _> = removed.flat_map(removed_by).collect();
    let mut items = HashSet::new();
    if removed.values().all(|may_empty| *may_empty) {
        return items;
    }
    let mut nodes = vec![&document.root];
    while let Some(node) = nodes.pop() {
        let list = node.items().unwrap_or_default();
        let goes = |item: &Node<'_>| removed.contains_key(&item.id);
        let must_keep = |item: &Node<'_>| removed.get(&item.id) == Some(&false);
        if !list.is_empty() && list.iter().all(goes) && list.iter().any(must_keep) {
            items.extend(list.iter().map(|item| item.id));
        }
        nodes.extend(list);
        let members = node.members().unwrap_or_default();
        nodes.extend(members.iter().map(|member| &member.value));
    }
    items
}

/// Why a text without any key of a policy is none.
fn no_keys(name: &str, bytes: &[u8]) -> PassedOver {
    let start = &bytes[..bytes.len().min(64)];
    match syntax_of(name, &String::from_utf8_lossy(start)) {
        Err(other) => PassedOver::OtherSyntax(other),
        Ok(_) if bytes.trim_ascii().is_empty() => PassedOver::Empty,
        Ok(_) => PassedOver::NoKeys,
    }
}

/// The syntax of a file: by its extension, else by its first character. A file of another syntax
/// is named by the user only, and is told what it is.
pub fn syntax_of(name: &str, text: &str) -> Result<&'static Syntax, Option<&'static str>> {
    if let Some(syntax) = syntax::by_name(name) {
        return Ok(syntax);
    }
    let start = text
        .trim_start_matches(crate::source::BYTE_ORDER_MARK)
        .trim_start();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (start.chars().next(), extension) {
        (_, "yaml" | "yml") => Err(Some("YAML")),
        (_, "tf" | "hcl") => Err(Some("Terraform")),
        (Some('<'), _) => Err(Some("XML")),
        (Some('[' | '{') | None, _) => Ok(&syntax::SYNTAXES[0]),
        _ => Err(None),
    }
}

/// The finding for bytes that are no UTF-8.
fn not_text(why: NotText, text: &str) -> Finding {
    match why {
        NotText::Utf16 => Finding::new(SYNTAX_ERROR, Span::new(0, 0), "this file is UTF-16")
            .label("JSON is read as UTF-8")
            .help("save it as UTF-8; in PowerShell, use Out-File -Encoding utf8"),
        NotText::InvalidUtf8(at) => {
            let bytes = text[at..].chars().next().map_or(0, char::len_utf8);
            Finding::new(
                SYNTAX_ERROR,
                Span::new(at, at + bytes),
                "this byte is not UTF-8",
            )
            .label("the first wrong byte")
            .help("save the file as UTF-8")
        }
    }
}

//! corslint for a page in the browser. Texts go in, and JSON comes out: the reports of the command line, and what the
//! page needs around them. Offsets count bytes.

use std::rc::Rc;

use corslint::analyze::{Analysis, analyze};
use corslint::compare::{Compared, Side, pairs_by_address};
use corslint::document::Index;
use corslint::fix::fix_all;
use corslint::policy::Rule;
use corslint::provider::Provider;
use corslint::report::decision::{self, PageRequest, Tested};
use corslint::report::{self, Run, Style, difference};
use corslint::settings::Settings;
use corslint::source::Span;
use serde::Serialize;
use serde_json::value::RawValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The extensions of the formats that a text is tried as, if the user chose none and its first character does not
/// tell.
const BY_CONTENT: &[&str] = &["yaml", "tf", "jsonc"];

/// What was found in a text.
#[derive(Serialize)]
struct Checked {
    /// The extension of files in the format of the text.
    format: &'static str,
    /// Why the text is not a policy; `None` if it is one.
    skipped: Option<String>,
    /// The provider of each policy.
    providers: Vec<String>,
    /// The report of `corslint check --format json`.
    report: Box<RawValue>,
}

#[derive(Serialize)]
struct Range {
    start: usize,
    end: usize,
}

impl From<Span> for Range {
    fn from(span: Span) -> Range {
        Range {
            start: span.start(),
            end: span.end(),
        }
    }
}

/// A text, and how the user wants it to be read.
struct Input {
    text: String,
    name: String,
    format: &'static str,
    settings: Settings,
}

impl Input {
    /// `format` is an extension, or empty if the content decides; `provider` is a name, or empty for the one that is
    /// detected.
    fn new(text: String, format: &str, provider: &str) -> Input {
        let mut settings = Settings::default();
        settings.provider = Provider::by_id(provider);
        let format = match EXTENSIONS.iter().find(|known| **known == format) {
            Some(format) => format,
            None => format_of(&text),
        };
        Input {
            name: format!("policy.{format}"),
            text,
            format,
            settings,
        }
    }

    /// Sets the name that sentences use for the text.
    fn named(mut self, name: &str) -> Input {
        self.name = format!("{name}.{}", self.format);
        self
    }

    fn analyze(&self) -> Analysis {
        let mut analysis = analyze(&self.name, self.text.clone(), &self.settings);
        analysis.merge_findings();
        analysis
    }
}

/// The formats that a user can choose.
const EXTENSIONS: &[&str] = &["json", "jsonc", "xml", "yaml", "tf"];

/// Returns the format of a text: by its first character, or else the first in which it is a policy.
fn format_of(text: &str) -> &'static str {
    match text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .chars()
        .next()
    {
        Some('[' | '{') | None => return "json",
        Some('<') => return "xml",
        Some(_) => {}
    }
    // A provider that the user chose would make every text a policy.
    let is_policy = |format: &&&str| {
        let analysis = analyze(&format!("policy.{format}"), text, &Settings::default());
        !analysis.policies.is_empty()
    };
    BY_CONTENT.iter().find(is_policy).unwrap_or(&"yaml")
}

/// Checks a text. Returns JSON.
#[wasm_bindgen]
pub fn check(text: String, format: &str, provider: &str) -> String {
    let input = Input::new(text, format, provider);
    let analysis = input.analyze();
    let skipped = analysis.skipped.as_ref().map(|why| why.message());
    let policies = analysis.policies.iter();
    let providers = policies
        .map(|located| located.policy.provider().to_string())
        .collect();
    let run = Run {
        files: vec![analysis]
            .into_iter()
            .filter(Analysis::is_policy)
            .collect(),
        prefix: String::new(),
        repository_root: String::new(),
        accepted: 0,
    };
    let report = report::json(&run, Style::default());
    to_json(&Checked {
        format: input.format,
        skipped,
        providers,
        report: raw(report),
    })
}

/// Returns where the rules of each policy are.
fn rules(analysis: &Analysis) -> Vec<Vec<Range>> {
    let index = analysis.document().map(Index::new);
    let range = |rule: &Rule| {
        let node = index.as_ref().and_then(|index| index.node(rule.node));
        node.map_or(rule.head, |node| node.span).into()
    };
    let policies = analysis.policies.iter();
    policies
        .map(|located| located.policy.rules.iter().map(range).collect())
        .collect()
}

/// Applies the safe fixes, or all. Returns the fixed text; `None` if there was nothing to fix.
#[wasm_bindgen]
pub fn fix(text: String, format: &str, provider: &str, with_unsafe: bool) -> Option<String> {
    let input = Input::new(text, format, provider);
    // Unmerged findings: each has a fix of its own.
    let analyze = |text: String| analyze(&input.name, text, &input.settings);
    let analysis = analyze(input.text.clone());
    let fixed = fix_all(&analysis, with_unsafe, &analyze).fixed?;
    Some(fixed.source.text().to_owned())
}

/// What the bucket does with a request.
#[derive(Serialize)]
struct Evaluated<R> {
    /// The report of `corslint test --format json`.
    report: R,
    /// Where the rules of each policy of the report are.
    rules: Vec<Vec<Range>>,
}

/// Returns what the bucket does with a request of a page, as JSON. `headers` are separated by commas. The error is a
/// sentence.
#[wasm_bindgen]
pub fn evaluate(
    text: String,
    format: &str,
    provider: &str,
    origin: &str,
    method: &str,
    headers: &str,
) -> Result<String, String> {
    let request = PageRequest::new(origin, method, &[headers.to_owned()])?;
    let analysis = Input::new(text, format, provider).analyze();
    readable(&analysis)?;
    let policies = analysis.policies.iter();
    let tested: Vec<_> = policies
        .map(|located| Tested::new(&analysis, located, &request))
        .collect();
    Ok(to_json(&Evaluated {
        report: decision::report(&tested, &request),
        rules: rules(&analysis),
    }))
}

/// How two policies differ.
#[derive(Serialize)]
struct Difference {
    /// What makes the comparison less meaningful, one line each.
    warnings: Vec<String>,
    /// The report of `corslint diff --format json`.
    report: Box<RawValue>,
}

/// Compares two policies. Returns JSON. The error is a sentence.
#[wasm_bindgen]
pub fn compare(old: String, new: String, format: &str, provider: &str) -> Result<String, String> {
    let old = Rc::new(Input::new(old, "", provider).named("old").analyze());
    let new = Rc::new(Input::new(new, format, provider).named("new").analyze());
    readable(&old).map_err(|error| format!("the old text: {error}"))?;
    readable(&new)?;
    let old: Vec<_> = Side::all_of(&old).collect();
    let new: Vec<_> = Side::all_of(&new).collect();
    let pairs = match (&old[..], &new[..]) {
        // A policy may be in another format than before, and have another address there.
        ([old], [new]) => vec![(Some(old.clone()), Some(new.clone()))],
        _ => pairs_by_address(old, new),
    };
    let pairs = pairs.into_iter();
    let compared: Vec<_> = pairs.map(|(old, new)| Compared::new(old, new)).collect();
    Ok(to_json(&Difference {
        warnings: compared.iter().flat_map(difference::warnings).collect(),
        report: raw(difference::json(&compared)),
    }))
}

/// Returns the reason as an error if the text contains no policy that can be read.
fn readable(analysis: &Analysis) -> Result<(), String> {
    match &analysis.skipped {
        Some(why) => Err(format!("not a policy: {}", why.message())),
        None if analysis.policies.is_empty() => {
            let first = analysis.findings.first();
            Err(first.map_or_else(String::new, |finding| finding.message.clone()))
        }
        None => Ok(()),
    }
}

fn raw(report: String) -> Box<RawValue> {
    RawValue::from_string(report).expect("a report is JSON")
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers can be written")
}

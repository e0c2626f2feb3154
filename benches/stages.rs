//! The time of each stage: `cargo bench --bench stages`.

mod inputs;

use std::path::PathBuf;

use corslint::analyze::{Analysis, analyze};
use corslint::dialect;
use corslint::discover::{self, Filter, Options};
use corslint::document::Document;
use corslint::fix;
use corslint::lints::{self, LINTS, Lint, Notation};
use corslint::locate;
use corslint::policy::Policy;
use corslint::report::{FORMATS, Run, Style};
use corslint::settings::Settings;
use corslint::syntax::{self, ParseOutcome, Syntax};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// The sizes of the policies, in rules.
const SIZES: &[usize] = &[1, 100, 10_000];

fn json() -> &'static Syntax {
    syntax::by_name("cors.json").expect("JSON is a syntax")
}

fn document(text: &str) -> Document {
    match (json().parse)(&text.into()) {
        ParseOutcome::Parsed(document) => document,
        _ => panic!("the policies of this benchmark are JSON"),
    }
}

fn analysis(text: &str) -> Analysis {
    analyze("cors.json", text, &Settings::default())
}

fn policy(text: &str) -> Policy {
    analysis(text).policies.remove(0).policy
}

fn notation() -> Notation {
    Notation {
        quote: json().quote,
        assign: json().assign,
    }
}

/// The walk and the reading of a repository of 2,000 files.
#[divan::bench]
fn discover(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    inputs::repository(folder.path(), 2_000);
    let paths: Vec<PathBuf> = vec![folder.path().to_owned()];
    let filter = Filter {
        exclude: &|_| false,
        accept: &|_, bytes| bytes.is_some_and(locate::prefilter_matches),
        report_unreadable: &|_| true,
        on_skipped: None,
    };
    bencher.bench(|| discover::visit(&paths, &Options::default(), &filter, |_| Some(())));
}

#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    bencher.bench(|| document(black_box(&text)));
}

#[divan::bench(args = SIZES)]
fn recognize(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    let document = document(&text);
    bencher.bench(|| locate::find(black_box(&document), None));
}

#[divan::bench(args = SIZES)]
fn schema(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    let document = document(&text);
    let location = locate::find(&document, None).remove(0);
    let mapped = dialect::map(location.text.clone(), location.dialect);
    bencher.bench(|| location.dialect.validate(black_box(&mapped)));
}

/// Each lint alone, over 1,000 rules; what all of them share is in each figure.
#[divan::bench(args = LINTS.iter().map(|lint| lint.name))]
fn lint(bencher: Bencher, name: &str) {
    let lint = Lint::by_name(name).expect("the list has this name");
    let policy = policy(&inputs::rules(1_000));
    let settings = Settings::default();
    bencher.bench(|| lints::run_one(lint, black_box(&policy), notation(), &settings));
}

#[divan::bench(args = SIZES)]
fn all_lints(bencher: Bencher, rules: usize) {
    let policy = policy(&inputs::rules(rules));
    let settings = Settings::default();
    bencher.bench(|| lints::run(black_box(&policy), notation(), &settings));
}

#[divan::bench(args = SIZES)]
fn whole_analysis(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    bencher.bench(|| analysis(black_box(&text)));
}

/// Each report of 1,000 rules, on one thread.
#[divan::bench(args = FORMATS.iter().map(|format| format.name))]
fn report(bencher: Bencher, name: &str) {
    let format = FORMATS.iter().find(|format| format.name == name);
    let format = format.expect("the list has this name");
    let run = Run {
        files: vec![analysis(&inputs::rules(1_000))],
        prefix: String::new(),
        repository_root: String::new(),
        accepted: 0,
    };
    bencher.bench(|| format.render(black_box(&run), Style::default()));
}

#[divan::bench(args = SIZES)]
fn fix(bencher: Bencher, rules: usize) {
    let analysis = analysis(&inputs::rules(rules));
    let findings: Vec<_> = analysis.findings.iter().collect();
    bencher.bench(|| fix::apply(black_box(&analysis), &findings));
}

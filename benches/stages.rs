//! How long each stage takes: `cargo bench --bench stages`.

mod inputs;

use std::path::PathBuf;

use corslint::check::{Checked, check};
use corslint::config::Config;
use corslint::dialect;
use corslint::discover::{self, Options, Wanted};
use corslint::document::Document;
use corslint::fix;
use corslint::lints::{self, LINTS, Lint};
use corslint::report::{FORMATS, Run, Style};
use corslint::schema;
use corslint::syntax::{self, Read, Syntax};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// The sizes of the policies, in rules.
const SIZES: &[usize] = &[1, 100, 10_000];

fn json() -> &'static Syntax {
    syntax::by_name("cors.json").expect("JSON is a syntax")
}

fn document(text: &str) -> Document<'_> {
    match (json().read)(text) {
        Read::Document(document, _) => document,
        _ => panic!("the policies of this benchmark are JSON"),
    }
}

fn checked(text: &str) -> Checked {
    check("cors.json", text.as_bytes().to_vec(), &Config::default())
}

/// The walk and the reading of a repository of 2,000 files.
#[divan::bench]
fn discover(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    inputs::repository(folder.path(), 2_000);
    let paths: Vec<PathBuf> = vec![folder.path().to_owned()];
    let wanted = Wanted {
        leave_out: &|_| false,
        is_worth: &|_, bytes| bytes.is_some_and(dialect::may_hold_policy),
        is_missed: &|_| true,
    };
    bencher.bench(|| discover::visit(&paths, &Options::default(), &wanted, |_| Some(())));
}

#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    bencher.bench(|| document(black_box(&text)));
}

#[divan::bench(args = SIZES)]
fn recognise(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    let document = document(&text);
    bencher.bench(|| dialect::find(black_box(&document), None));
}

#[divan::bench(args = SIZES)]
fn schema(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    let document = document(&text);
    let site = dialect::find(&document, None).remove(0);
    bencher.bench(|| schema::check(site.schema, black_box(&site.view)));
}

/// Each lint alone, over 1,000 rules; what all of them share is in each figure.
#[divan::bench(args = LINTS.iter().map(|lint| lint.name))]
fn lint(bencher: Bencher, name: &str) {
    let lint = Lint::by_name(name).expect("the list has this name");
    let text = inputs::rules(1_000);
    let document = document(&text);
    let site = dialect::find(&document, None).remove(0);
    let policy = site.policy(&schema::check(site.schema, &site.view));
    let config = Config::default();
    bencher.bench(|| lints::run_one(lint, black_box(&policy), &config));
}

#[divan::bench(args = SIZES)]
fn all_lints(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    let document = document(&text);
    let site = dialect::find(&document, None).remove(0);
    let policy = site.policy(&schema::check(site.schema, &site.view));
    let config = Config::default();
    bencher.bench(|| lints::run(black_box(&policy), &config));
}

#[divan::bench(args = SIZES)]
fn whole_check(bencher: Bencher, rules: usize) {
    let text = inputs::rules(rules);
    bencher.bench(|| checked(black_box(&text)));
}

/// Each report of 1,000 rules, on one thread.
#[divan::bench(args = FORMATS.iter().map(|format| format.name))]
fn report(bencher: Bencher, name: &str) {
    let format = FORMATS.iter().find(|format| format.name == name);
    let format = format.expect("the list has this name");
    let run = Run {
        files: vec![checked(&inputs::rules(1_000))],
        below_top: String::new(),
        top: String::new(),
        jobs: 1,
    };
    bencher.bench(|| (format.render)(black_box(&run), Style::default()));
}

#[divan::bench(args = SIZES)]
fn fix(bencher: Bencher, rules: usize) {
    let checked = checked(&inputs::rules(rules));
    let findings: Vec<_> = checked.findings.iter().collect();
    bencher.bench(|| fix::apply(black_box(&checked.source), json(), &findings));
}

//! The program as its users see it. Cases are files that people can read: the lints' pages, and
//! sessions at the command line in `tests/cases`. `BLESS=1 cargo test` writes the current output into
//! them; read the difference before you commit it.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod architecture;
mod broken;
mod conformance;
mod corpus;
mod dialects;
mod differences;
mod editor;
mod editor_client;
mod fences;
mod fixes;
mod guarantees;
mod hostile;
mod ignore_rules;
mod models;
mod pages;
mod properties;
mod public_suffixes;
mod readme;
mod reports;
mod repositories;
mod schemas;
mod sessions;
mod single_edits;

use std::path::{Path, PathBuf};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value != "0")
}

/// The policies that the project brings along.
fn own_policies() -> PathBuf {
    project().join("tests/data/policies")
}

/// The real files next to the project; `None` on a machine that doesn't have them. Tests that read them
/// also read the project's own, so that none passes without testing anything.
fn corpus() -> Option<PathBuf> {
    let path = project().join("../shared/corpus");
    path.exists().then_some(path)
}

/// Says that a part of a test was skipped, and why. In CI that is a failure.
fn skipped(what: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "skipped, which is not allowed in CI: {what}"
    );
    eprintln!("skipped: {what}");
}

/// Compares a file with its expected content, or writes it when blessing.
#[track_caller]
fn assert_file(path: &Path, wanted: &str) {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if found == wanted {
        return;
    }
    if is_blessing() {
        std::fs::write(path, wanted).unwrap();
        return;
    }
    let difference = found
        .lines()
        .zip(wanted.lines())
        .position(|(found, wanted)| found != wanted)
        .unwrap_or_else(|| found.lines().count().min(wanted.lines().count()));
    panic!(
        "{}:{}: the file says\n  {}\nand should say\n  {}\n\nBLESS=1 cargo test writes it; all of it would be:\n{wanted}",
        path.display(),
        difference + 1,
        found.lines().nth(difference).unwrap_or("(nothing)"),
        wanted.lines().nth(difference).unwrap_or("(nothing)"),
    );
}

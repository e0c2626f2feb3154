//! The program as its users see it. Cases are files that people can read: the lints' pages, and
//! sessions at the command line in `tests/cases`. `BLESS=1 cargo test` writes what is printed today
//! into them; read the difference before you commit it.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod broken;
mod conformance;
mod corpus;
mod fences;
mod fixes;
mod guarantees;
mod hostile;
mod models;
mod pages;
mod properties;
mod readme;
mod reports;
mod repositories;
mod schemas;
mod sessions;

use std::path::{Path, PathBuf};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value != "0")
}

/// A file beside the project that some tests read; none on a machine that does not have it, where
/// it is said that `what` was skipped.
fn shared(path: &str, what: &str) -> Option<PathBuf> {
    let path = project().join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {what}: {} is not here", path.display());
    None
}

/// Compares a file with what it should hold, or writes it when blessing.
#[track_caller]
fn assert_file(path: &Path, wanted: &str) {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if found == wanted {
        return;
    }
    if blessing() {
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

//! Counts the instructions of whole runs, which do not depend on how busy the machine is:
//! `cargo bench --bench instructions`. Fails if a count is more than 10 % above the recorded one, or if
//! twice the input takes more than 2.3 times the instructions. `BLESS=1 cargo bench --bench instructions`
//! records new counts.

// It prints its results, as a benchmark does.
#![allow(clippy::print_stdout)]

mod inputs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The largest accepted ratio of a count to the recorded one.
const MAX_RATIO: f64 = 1.10;
/// The largest accepted ratio of the counts of twice the input and of the input.
const MAX_DOUBLED_RATIO: f64 = 2.30;

/// A run: its name, its arguments, and how its input is written, at a size and at twice that size.
struct Case {
    name: &'static str,
    arguments: &'static [&'static str],
    write: fn(&Path, usize),
    size: usize,
    /// Whether twice the size is counted too.
    doubles: bool,
}

const CASES: &[Case] = &[
    Case {
        name: "one policy",
        arguments: &[],
        write: |path, _| write(path, inputs::ONE),
        size: 1,
        doubles: false,
    },
    Case {
        name: "policies in files",
        arguments: &["--format", "concise"],
        write: |path, size| {
            fs::create_dir(path).expect("a temporary directory can be written to");
            inputs::policies(path, size);
        },
        size: 300,
        doubles: true,
    },
    Case {
        name: "a repository",
        arguments: &["--statistics"],
        write: inputs::repository,
        size: 2_000,
        doubles: true,
    },
    Case {
        name: "rules",
        arguments: &["--format", "concise"],
        write: |path, size| write(path, &inputs::rules(size)),
        size: 5_000,
        doubles: true,
    },
    Case {
        name: "rules, json report",
        arguments: &["--format", "json"],
        write: |path, size| write(path, &inputs::rules(size)),
        size: 1_000,
        doubles: true,
    },
    Case {
        name: "rules, full report",
        arguments: &[],
        write: |path, size| write(path, &inputs::rules(size)),
        size: 500,
        doubles: true,
    },
    Case {
        name: "rules, all fixes",
        arguments: &["--diff", "--unsafe-fixes"],
        write: |path, size| write(path, &inputs::rules(size)),
        size: 500,
        doubles: true,
    },
    Case {
        name: "origins",
        arguments: &[],
        write: |path, size| write(path, &inputs::origins(size)),
        size: 5_000,
        doubles: true,
    },
    Case {
        name: "origins, all fixes",
        arguments: &["--diff", "--unsafe-fixes"],
        write: |path, size| write(path, &inputs::origins(size)),
        size: 5_000,
        doubles: true,
    },
    Case {
        name: "rules in XML",
        arguments: &["--format", "concise"],
        write: write_xml,
        size: 2_000,
        doubles: true,
    },
    Case {
        name: "rules in XML, all fixes",
        arguments: &["--diff", "--unsafe-fixes"],
        write: write_xml,
        size: 500,
        doubles: true,
    },
    // Inputs that are meant to be slow.
    Case {
        name: "one line, not ASCII",
        arguments: &["--format", "sarif"],
        write: |path, size| write(path, &inputs::one_line("é", size)),
        size: 5_000,
        doubles: true,
    },
    Case {
        name: "one line, byte order mark",
        arguments: &["--format", "json"],
        write: |path, size| write(path, &format!("\u{feff}{}", inputs::one_line("e", size))),
        size: 5_000,
        doubles: true,
    },
    Case {
        name: "one line, removals",
        arguments: &["--diff"],
        write: |path, size| write(path, &inputs::one_line_of_duplicates(size)),
        size: 5_000,
        doubles: true,
    },
    Case {
        name: "unknown keys",
        arguments: &["--format", "concise"],
        write: |path, size| write(path, &inputs::unknown_keys(size)),
        size: 5_000,
        doubles: true,
    },
];

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a temporary directory can be written to");
}

/// The input is a directory, because the extension of a file decides its syntax.
fn write_xml(path: &Path, size: usize) {
    fs::create_dir(path).expect("a temporary directory can be written to");
    write(&path.join("cors.xml"), &inputs::xml(size));
}

fn main() -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: counting instructions needs valgrind");
        return ExitCode::SUCCESS;
    }
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let recorded = read(&file);
    let mut counted = BTreeMap::new();
    let mut is_ok = true;
    for case in CASES {
        let once = count(case, case.size);
        let name = format!("{}, {}", case.name, case.size);
        let mut line = format!("{name:30} {once:>14}");
        match recorded.get(&name) {
            Some(before) => {
                let ratio = ratio(once, *before);
                let _ = write!(line, "  {ratio:.2} of the recorded count");
                if ratio > MAX_RATIO {
                    is_ok = false;
                    line.push_str(": MORE THAN 10 % ABOVE");
                }
            }
            None => {
                is_ok = false;
                line.push_str("  NOT RECORDED");
            }
        }
        if case.doubles {
            let ratio = ratio(count(case, 2 * case.size), once);
            let _ = write!(line, "; {ratio:.2} times as many for twice the input");
            if ratio > MAX_DOUBLED_RATIO {
                is_ok = false;
                line.push_str(": MORE THAN LINEAR");
            }
        }
        println!("{line}");
        counted.insert(name, once);
    }
    if std::env::var_os("BLESS").is_some() {
        let lines = counted
            .iter()
            .map(|(name, count)| format!("{count:>14}  {name}\n"));
        fs::write(&file, lines.collect::<String>()).expect("the record can be written");
        println!("recorded in benches/instructions.txt");
        return ExitCode::SUCCESS;
    }
    if is_ok {
        return ExitCode::SUCCESS;
    }
    println!(
        "If the change is worth it, record the new counts: BLESS=1 cargo bench --bench instructions"
    );
    ExitCode::FAILURE
}

#[allow(clippy::cast_precision_loss)]
fn ratio(count: u64, to: u64) -> f64 {
    count as f64 / to as f64
}

/// Returns the recorded counts by name.
fn read(file: &Path) -> BTreeMap<String, u64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().filter_map(|line| {
        let (count, name) = line.trim_start().split_once("  ")?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    lines.collect()
}

/// Returns the number of instructions of a run on one thread.
fn count(case: &Case, size: usize) -> u64 {
    let folder = tempfile::tempdir().expect("a temporary directory can be created");
    let input = folder.path().join("input.json");
    (case.write)(&input, size);
    let counts = folder.path().join("counts");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=counts"])
        .arg(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--isolated", "--jobs", "1"])
        .args(case.arguments)
        .arg("input.json")
        .current_dir(folder.path())
        .output()
        .expect("valgrind is installed");
    let code = output.status.code();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(code, Some(0 | 1)), "{}: {errors}", case.name);
    let text = fs::read_to_string(counts).expect("callgrind writes its counts");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.or_else(|| text.lines().find_map(|line| line.strip_prefix("summary: ")));
    total
        .and_then(|total| total.trim().parse().ok())
        .expect("callgrind ends with the total")
}

//! Sessions at the command line, kept as Markdown in `tests/cases`. A fence with a file name is
//! written to disk (`hex`: its bytes in hexadecimal); a `console` fence holds commands and what they
//! print: standard output, then standard error, then `? N` where the exit code is not 0.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::fences::{Fence, Part, parse, write};
use crate::{assert_file, project};

#[test]
fn sessions_match() {
    let mut cases: Vec<_> = fs::read_dir(project().join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    for path in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = parse(&fs::read_to_string(&path).unwrap());
        for part in &mut parts {
            if let Part::Fence(fence) = part {
                play(folder.path(), fence);
            }
        }
        assert_file(&path, &write(&parts));
    }
}

fn play(folder: &Path, fence: &mut Fence) {
    if !fence.file.is_empty() {
        let file = folder.join(&fence.file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let bytes = if fence.language == "hex" {
            hex(&fence.body)
        } else {
            fence.body.clone().into_bytes()
        };
        fs::write(file, bytes).unwrap();
    } else if fence.language == "console" {
        let commands = fence.body.lines().filter(|line| line.starts_with("$ "));
        fence.body = commands.map(|line| session(folder, line)).collect();
    }
}

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// Runs one line: `$ corslint ARGUMENT... [< FILE]`.
fn session(folder: &Path, line: &str) -> String {
    let (words, input) = match line.split_once(" < ") {
        Some((words, file)) => (
            words,
            Stdio::from(fs::File::open(folder.join(file)).unwrap()),
        ),
        None => (line, Stdio::null()),
    };
    let mut words = words.split_whitespace().skip(1);
    assert_eq!(words.next(), Some("corslint"), "{line}");
    let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(words.map(|word| word.trim_matches('\'')))
        .current_dir(folder)
        .env_clear()
        .stdin(input)
        .output()
        .unwrap();
    let mut printed = format!("{line}\n");
    for stream in [output.stdout, output.stderr] {
        printed.push_str(&String::from_utf8(stream).unwrap());
    }
    if !printed.ends_with('\n') {
        printed.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        code => printed.push_str(&format!("? {}\n", code.expect("it was not killed"))),
    }
    printed
}

//! Which files a run finds in a git repository: those that `git ls-files` lists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const POLICY: &str = r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
const REPOSITORIES: u64 = 1_000;

/// The directories of every repository; each has some of the files.
const DIRECTORIES: &[&str] = &["", "a", "a/b", "a/b/c", "b", "c", "c/a", ".d"];
const FILES: &[&str] = &[
    "a.json",
    "b.json",
    "ab.json",
    "keep.json",
    ".e.json",
    "c.jsonc",
];

/// Lines of ignore files. Braces and character classes by name are left out: the library for ignore rules reads
/// them in its own way.
const PATTERNS: &[&str] = &[
    "*.json",
    "!keep.json",
    "/a",
    "a",
    "a/",
    "a/*",
    "a/**",
    "**/b",
    "**/b/",
    "b/*.json",
    "a/b/a.json",
    "?.json",
    "[ab].json",
    "[!a].json",
    "[a-c].json",
    "!a.json",
    "!a/",
    "!/a/b",
    "# a.json",
    "\\#",
    "ab.json ",
    "*",
    "!*/",
    "!b.json",
    "/*.json",
    "c/**/a.json",
    ".d",
    ".*",
    "a*",
    "*/a.json",
    "",
    "!*.jsonc",
    "**",
    "**/keep.json",
    "/c/",
];

/// A small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    fn lines(&mut self) -> String {
        let number = 1 + self.below(4);
        (0..number)
            .map(|_| format!("{}\n", PATTERNS[self.below(PATTERNS.len())]))
            .collect()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .ok()?;
    assert!(output.status.success(), "git {arguments:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn files_are_those_that_git_lists() {
    let mut found = 0;
    for seed in 0..REPOSITORIES {
        let mut random = Random(seed);
        let above = tempfile::tempdir().unwrap();
        let top = above.path().join("repository");
        for directory in DIRECTORIES {
            let directory = top.join(directory);
            fs::create_dir_all(&directory).unwrap();
            for file in FILES {
                if random.below(3) > 0 {
                    fs::write(directory.join(file), POLICY).unwrap();
                }
            }
            if random.below(3) == 0 {
                fs::write(directory.join(".gitignore"), random.lines()).unwrap();
            }
        }
        // Rules above the top of a repository do not apply in it.
        fs::write(above.path().join(".gitignore"), "*\n").unwrap();
        if git(&top, &["init", "-q"]).is_none() {
            crate::skipped("ignore rules: git is not installed");
            return;
        }
        if random.below(4) == 0 {
            fs::write(top.join(".git/info/exclude"), random.lines()).unwrap();
        }
        // A part of the runs start below the top. A directory that the user names is searched even if it is
        // ignored.
        let start = ["", "", "", "a", "c"][random.below(5)];
        let is_ignored = Command::new("git")
            .args(["check-ignore", "-q", &format!("./{start}/")])
            .current_dir(&top)
            .status();
        let start = match is_ignored.unwrap().success() {
            true => "",
            false => start,
        };
        let from = top.join(start);
        let listed = git(&from, &["ls-files", "--others", "--exclude-standard"]).unwrap();
        let listed: BTreeSet<_> = listed
            .lines()
            .filter(|name| name.ends_with(".json") || name.ends_with(".jsonc"))
            .map(str::to_owned)
            .collect();
        let output = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(["check", "--isolated", "--list-files"])
            .current_dir(&from)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let names = text
            .lines()
            .map(|line| line.split("  ").next().unwrap().to_owned());
        let names: BTreeSet<_> = names.collect();
        if names != listed {
            let ignore = walkdir::WalkDir::new(&top).into_iter().flatten();
            let ignore = ignore.filter(|entry| {
                entry.file_name() == ".gitignore" || entry.file_name() == "exclude"
            });
            for file in ignore {
                eprintln!(
                    "{}: {:?}",
                    file.path().display(),
                    fs::read_to_string(file.path()).unwrap()
                );
            }
        }
        assert_eq!(names, listed, "repository {seed}, from {start:?}");
        found += names.len();
    }
    assert!(found > 5_000, "{found}");
}

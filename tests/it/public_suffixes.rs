//! The table of public suffixes is that of the crate `psl`, and gives the same answers.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Command;

use corslint::origin::public_suffix::{PublicSuffix, Section, public_suffix};
use corslint::origin::to_ascii;
use proptest::prelude::*;

use crate::{assert_file, project};

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(project())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the rules that `psl` was generated from.
fn rules() -> Vec<String> {
    let version = cargo(&["--version", "--verbose"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    // For other platforms, it would need packages that a build here does not download.
    let metadata = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ];
    let metadata: serde_json::Value = serde_json::from_str(&cargo(&metadata)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let psl = packages
        .iter()
        .find(|package| package["name"] == "psl")
        .unwrap();
    let manifest = PathBuf::from(psl["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("data").join("rules.txt")).unwrap();
    let rules = text.lines().map(str::trim).filter(|line| !line.is_empty());
    rules.map(str::to_owned).collect()
}

/// Returns a rule as a host name, with `x` for its wildcard.
fn as_host(rule: &str) -> String {
    rule.trim_start_matches('!').replace('*', "x")
}

fn expected(host: &str) -> Option<PublicSuffix<'_>> {
    let suffix = psl::suffix(host.as_bytes())?;
    let below = format!("below.{host}");
    let of_below = psl::suffix(below.as_bytes())?;
    Some(PublicSuffix {
        is_all_below: of_below.as_bytes() == below.as_bytes(),
        text: std::str::from_utf8(suffix.as_bytes()).unwrap(),
        section: suffix.typ().map(|section| match section {
            psl::Type::Icann => Section::Icann,
            psl::Type::Private => Section::Private,
        }),
    })
}

#[test]
fn table_of_public_suffixes_is_current() {
    let mut lines = Vec::new();
    for rule in rules() {
        let section = match psl::suffix(as_host(&rule).as_bytes()).unwrap().typ() {
            Some(psl::Type::Private) => "\t",
            _ => "",
        };
        let labels = rule.rsplit('.').map(|label| match label.is_ascii() {
            true => label.to_owned(),
            false => to_ascii(label).unwrap(),
        });
        lines.push(format!("{}{section}", labels.collect::<Vec<_>>().join(" ")));
    }
    lines.sort_unstable();
    assert!(lines.len() > 10_000);
    assert_file(
        &project().join("src/origin/public_suffixes.txt"),
        &(lines.join("\n") + "\n"),
    );
}

#[test]
fn public_suffixes_are_those_of_psl() {
    let rules = rules();
    let mut hosts: Vec<String> = Vec::new();
    for rule in &rules {
        let host = as_host(rule);
        let parent = host.split_once('.').map(|(_, parent)| parent.to_owned());
        hosts.extend(parent);
        hosts.push(format!("acme.{host}"));
        hosts.push(format!("app.acme.{host}"));
        hosts.push(format!("{host}.invalid"));
        hosts.push(format!("{host}x"));
        hosts.push(host);
    }
    for odd in [
        "a..b", ".com", "x.COM", "com-", "!www.ck", "*.ck", "com acme", "\n.com", "a\n", " ",
    ] {
        hosts.push(odd.to_owned());
    }
    // psl overlooks a wildcard where a longer rule has the same label: *.futurecms.at and *.ex.futurecms.at.
    let wildcards: HashSet<String> = rules
        .into_iter()
        .filter(|rule| rule.starts_with('*'))
        .collect();
    let is_overlooked = |host: &str| {
        let parent = host.split_once('.').map_or("", |(_, parent)| parent);
        [host, parent]
            .iter()
            .all(|domain| wildcards.contains(&format!("*.{domain}")))
    };
    assert_eq!(public_suffix("ex.futurecms.at").text, "ex.futurecms.at");
    for host in hosts.iter().filter(|host| !is_overlooked(host)) {
        assert_eq!(Some(public_suffix(host)), expected(host), "{host:?}");
    }
}

proptest! {
    #[test]
    fn public_suffixes_of_any_text_are_those_of_psl(host in "([a-z*! \n.-]{0,3}[.])?(com|ck|jp|amazonaws|compute|kawasaki|[^.]{1,2}|[.]){1,3}[a-z]") {
        prop_assert_eq!(Some(public_suffix(&host)), expected(&host));
    }
}

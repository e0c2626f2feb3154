//! The modules of the library depend on each other without cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::project;

/// For each module of the library the modules that its code uses; tests in the sources don't count.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (folder, name) in [
        ("src", None),
        ("lints", Some("lints")),
        ("schema", Some("schema")),
    ] {
        let root = project().join(folder);
        for entry in walkdir::WalkDir::new(&root) {
            let path = entry.unwrap().into_path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let module = match name {
                Some(name) => name.to_owned(),
                None => module_of(path.strip_prefix(&root).unwrap()),
            };
            if matches!(module.as_str(), "main" | "lib" | "cli") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code: Vec<_> = code
                .lines()
                .filter(|l| !l.trim_start().starts_with("//"))
                .collect();
            let code = code.join("\n");
            let used = code.split("crate::").skip(1).map(|after| {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_');
                after[..end.unwrap_or(after.len())].to_owned()
            });
            let uses = graph.entry(module.clone()).or_default();
            uses.extend(used.filter(|used| *used != module));
        }
    }
    graph
}

/// `dialect` for `dialect/keys.rs`, `fix` for `fix.rs`.
fn module_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str();
    let first = first.to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_depend_on_each_other_without_cycles() {
    let mut graph = graph();
    assert!(graph.len() > 20, "{:?}", graph.keys());
    assert!(graph["analyze"].contains("lints"));
    // Modules without dependencies are removed until none is left, or only cycles are.
    loop {
        let names: BTreeSet<String> = graph.keys().cloned().collect();
        let is_leaf = |uses: &BTreeSet<String>| uses.is_disjoint(&names);
        let leaves: Vec<_> = graph
            .iter()
            .filter(|(_, uses)| is_leaf(uses))
            .map(|(name, _)| name.clone())
            .collect();
        if leaves.is_empty() {
            break;
        }
        graph.retain(|name, _| !leaves.contains(name));
    }
    assert!(
        graph.is_empty(),
        "these are on a cycle, or use one: {graph:?}"
    );
}

/// What a reader has to open stays small.
#[test]
fn source_files_are_short() {
    for folder in ["src", "lints", "schema"] {
        for entry in walkdir::WalkDir::new(project().join(folder)) {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
                assert!(code.lines().count() <= 400, "{}", path.display());
            }
        }
    }
}

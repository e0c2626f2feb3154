//! Globs in the configuration and on the command line.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Returns true for a glob without any name, which would match every file: usually an unset variable.
pub fn is_empty_glob(pattern: &str) -> bool {
    matches!(pattern.trim_start_matches("./").trim_matches('/'), "" | ".")
}

/// Returns why a glob matches no path below the directory that it is relative to.
pub fn never_matches(pattern: &str) -> Option<&'static str> {
    if pattern.starts_with('/') {
        return Some("it starts with /");
    }
    if pattern.matches('{').count() > MAX_BRACES {
        return Some("it contains too many {");
    }
    let is_up = pattern.split('/').any(|part| part == "..");
    is_up.then_some("it contains ..")
}

/// The largest number of `{` in a glob. The library that compiles it would overflow the stack with thousands.
pub const MAX_BRACES: usize = 50;

/// Compiles globs that are relative to one directory. `*` does not match a `/`.
pub fn rooted_globs<'g>(
    patterns: impl Iterator<Item = &'g str>,
) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // These are reported, and compiling them may overflow the stack.
        if never_matches(pattern).is_some() {
            continue;
        }
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        set.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
    }
    set.build()
}

/// Compiles command-line globs. As in `.gitignore`, a name without a `/` matches in any directory.
pub fn globs<'g>(patterns: impl Iterator<Item = &'g str>) -> Result<GlobSet, globset::Error> {
    let patterns = patterns.map(|pattern| match pattern.trim_end_matches('/') {
        name if !name.contains('/') => format!("**/{name}"),
        _ => pattern.to_owned(),
    });
    let patterns: Vec<_> = patterns.collect();
    rooted_globs(patterns.iter().map(String::as_str))
}

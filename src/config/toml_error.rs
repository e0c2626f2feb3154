//! Conversion of TOML parser errors into diagnostics.

use super::parse::{did_you_mean, error};
use crate::finding::Diagnostic;
use crate::suggest::nearest;

/// Converts an error of the TOML parser into a diagnostic with our own wording.
pub(super) fn toml_error(failed: &toml::de::Error, text: &str) -> Diagnostic {
    let range = failed.span().unwrap_or(0..0);
    let range = range.start.min(text.len())..range.end.min(text.len());
    let message = failed.message();
    let quoted: Vec<_> = message.split('`').skip(1).step_by(2).collect();
    let shown = |message: String| error(range.clone(), message);
    if message.starts_with("unknown field") {
        let (name, known) = quoted.split_first().map_or(("", &[][..]), |(n, k)| (*n, k));
        let near = nearest(name, known.iter().copied());
        let help = did_you_mean(near, &format!("the keys here are {}", known.join(", ")));
        return shown(format!("unknown key {name}")).help(help);
    }
    if message.starts_with("unknown variant") {
        let (name, known) = quoted.split_first().map_or(("", &[][..]), |(n, k)| (*n, k));
        let near = nearest(name, known.iter().copied());
        let help = did_you_mean(near, &format!("expected {}", known.join(", ")));
        return shown(format!("unknown value {name}")).help(help);
    }
    if message == "wanted string or table" {
        return shown("expected a string".to_owned());
    }
    let written = &text[range.clone()];
    if written.starts_with("[override]") || written.starts_with("[exception]") {
        let name = written.trim_matches(['[', ']']);
        return shown(format!(
            "[{name}] must be written with two brackets: there can be several"
        ))
        .help(format!("write [[{name}]]"));
    }
    if message.starts_with("missing field") {
        let name = quoted.first().copied().unwrap_or_default();
        let line = text[range.clone()].lines().next().unwrap_or_default();
        let range = range.start..range.start + line.trim_end().len();
        return error(range, format!("missing key {name}")).help(match name {
            "reason" => "say why the finding is accepted".to_owned(),
            _ => format!("add {name} = ..."),
        });
    }
    if let Some(("invalid type", kinds)) = message.split_once(": ") {
        let (found, wanted) = kinds
            .split_once(", expected ")
            .unwrap_or((kinds, "something else"));
        let found = found
            .split(" `")
            .next()
            .unwrap_or(found)
            .split(" \"")
            .next()
            .unwrap_or(found);
        if wanted.contains("datetime") {
            return shown("dates are not quoted".to_owned()).help("write 2027-06-30");
        }
        let wanted = match wanted {
            "a sequence" => "a list",
            "a map" | "struct AllowedTable" | "struct ConfigFile" => "a table",
            "struct OverrideTable" | "struct ExceptionTable" => "a table",
            other => other,
        };
        let found = match found {
            "sequence" => "a list",
            "map" => "a table",
            "integer" => "a number",
            "floating point" => "a number",
            "boolean" => "true or false",
            "string" => "a string",
            other => other,
        };
        return shown(format!("expected {wanted}, found {found}"));
    }
    let message = message.lines().next().unwrap_or("invalid TOML");
    let mut message = message.trim_end_matches('.').to_owned();
    if let Some(first) = message.get(..1) {
        message.replace_range(..1, &first.to_lowercase());
    }
    shown(message)
}

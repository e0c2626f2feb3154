//! `corslint schema`: the JSON Schemas, for editors and other tools.

use corslint::config::json_schema;
use corslint::schema::SCHEMAS;

use super::Outcome;

/// The schema of the configuration, beside those of policies.
const CONFIG: &str = "config";

#[derive(clap::Args)]
pub(super) struct Args {
    /// Which one; without it, they are listed
    #[arg(value_parser = names())]
    name: Option<String>,

    /// List their names, and the files that they are for
    #[arg(long, conflicts_with = "name")]
    list: bool,
}

fn names() -> clap::builder::PossibleValuesParser {
    let policies = SCHEMAS.iter().map(|schema| schema.name);
    clap::builder::PossibleValuesParser::new(policies.chain([CONFIG]))
}

pub(super) fn run(args: &Args) -> Outcome {
    if args.name.as_deref() == Some(CONFIG) {
        return Outcome::fine(json_schema());
    }
    let wanted = SCHEMAS
        .iter()
        .find(|schema| Some(schema.name) == args.name.as_deref());
    if let Some(schema) = wanted {
        return Outcome::fine(schema.text);
    }
    let policies = SCHEMAS.iter().map(|schema| (schema.name, schema.title()));
    let rows = policies.chain([(CONFIG, "The configuration, corslint.toml")]);
    let width = rows.clone().map(|(name, _)| name.len()).max().unwrap_or(0);
    let rows = rows.map(|(name, title)| format!("{name:width$}  {title}\n"));
    Outcome::fine(rows.collect::<String>())
}

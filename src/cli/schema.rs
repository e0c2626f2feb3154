//! `corslint schema`: the JSON Schemas, for editors and other tools.

use corslint::config;
use corslint::report;
use corslint::schema::SCHEMAS;

use super::Outcome;

/// A schema for a format other than a policy.
struct Other {
    name: &'static str,
    title: &'static str,
    text: fn() -> String,
}

const OTHERS: &[Other] = &[
    Other {
        name: "config",
        title: "The configuration file, corslint.toml",
        text: config::json_schema,
    },
    Other {
        name: "diff",
        title: "The output of diff --format json",
        text: report::difference::json_schema,
    },
    Other {
        name: "report",
        title: "The output of --format json",
        text: report::json_schema,
    },
];

#[derive(clap::Args)]
pub(super) struct Args {
    /// Name of the schema; omit it to list them
    #[arg(value_parser = names())]
    name: Option<String>,

    /// List schema names and the files they apply to
    #[arg(long, conflicts_with = "name")]
    list: bool,
}

fn names() -> clap::builder::PossibleValuesParser {
    let policies = SCHEMAS.iter().map(|schema| schema.name);
    clap::builder::PossibleValuesParser::new(policies.chain(OTHERS.iter().map(|other| other.name)))
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut others = OTHERS.iter();
    if let Some(other) = others.find(|other| Some(other.name) == args.name.as_deref()) {
        return Outcome::ok((other.text)());
    }
    let wanted = SCHEMAS
        .iter()
        .find(|schema| Some(schema.name) == args.name.as_deref());
    if let Some(schema) = wanted {
        return Outcome::ok(schema.text);
    }
    let policies = SCHEMAS.iter().map(|schema| (schema.name, schema.title()));
    let rows = policies.chain(OTHERS.iter().map(|other| (other.name, other.title)));
    let width = rows.clone().map(|(name, _)| name.len()).max().unwrap_or(0);
    let rows = rows.map(|(name, title)| format!("{name:width$}  {title}\n"));
    Outcome::ok(rows.collect::<String>())
}

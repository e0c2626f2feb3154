//! `corslint schema`: the JSON Schemas, for editors and other tools.

use corslint::schema::SCHEMAS;

use super::Outcome;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Which one; without it, their names are listed
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(SCHEMAS.iter().map(|schema| schema.name)))]
    name: Option<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let wanted = SCHEMAS
        .iter()
        .find(|schema| Some(schema.name) == args.name.as_deref());
    match wanted {
        Some(schema) => Outcome::fine(schema.text),
        None => {
            let names = SCHEMAS.iter().map(|schema| format!("{}\n", schema.name));
            Outcome::fine(names.collect::<String>())
        }
    }
}

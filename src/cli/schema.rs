//! `corslint schema`: the JSON Schemas, for editors and other tools.

use corslint::schema::SCHEMAS;

use super::Outcome;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Which one; without it, they are listed
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(SCHEMAS.iter().map(|schema| schema.name)))]
    name: Option<String>,

    /// List their names, and the files that they are for
    #[arg(long, conflicts_with = "name")]
    list: bool,
}

pub(super) fn run(args: &Args) -> Outcome {
    let wanted = SCHEMAS
        .iter()
        .find(|schema| Some(schema.name) == args.name.as_deref());
    match wanted {
        Some(schema) => Outcome::fine(schema.text),
        None => {
            let width = SCHEMAS.iter().map(|schema| schema.name.len()).max();
            let width = width.unwrap_or(0);
            let rows = SCHEMAS.iter().map(|schema| {
                let (name, title) = (schema.name, schema.title());
                format!("{name:width$}  {title}\n")
            });
            Outcome::fine(rows.collect::<String>())
        }
    }
}

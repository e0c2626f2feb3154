//! The JSON Schemas of corslint's own files, generated from their types.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

/// The JSON Schema of a type, as a text. Its doc comments are the descriptions.
pub(crate) fn of<T: JsonSchema>() -> String {
    // As the schemas of policies: it is the version that all editors read.
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    let text = serde_json::to_string_pretty(&schema);
    text.expect("a JSON Schema is made of JSON values") + "\n"
}

/// Doc comments are broken into lines; descriptions are not. The formats of Rust's numbers are unknown elsewhere, and
/// strict validators reject them.
fn tidy(schema: &mut Json) {
    match schema {
        Json::Object(members) => {
            if let Some(Json::String(description)) = members.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            let is_number = |format: &Json| format.as_str().is_some_and(|it| it.contains("int"));
            if members.get("format").is_some_and(is_number) {
                members.remove("format");
            }
            members.values_mut().for_each(tidy);
        }
        Json::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

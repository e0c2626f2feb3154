//! The format of `corslint.toml`: the types that it is parsed into, from which its JSON Schema is made.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::value::Datetime;

use crate::level::{self, Group, Level, Severity};
use crate::lints::{LINTS, OptionKind};
use crate::provider::PROVIDERS;
use crate::schema;

/// The configuration of corslint for the files in its directory and below.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "corslint.toml")]
pub(super) struct ConfigFile {
    /// The lowest severity of a finding that makes corslint exit with 1.
    pub(super) fail_on: Option<FailOn>,
    /// Files and directories to exclude, as globs relative to this file's directory. `*` does not match
    /// a `/`, `**` does.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// The level of each lint or group, or a table with its level and options. A lint's own line wins
    /// over its group's.
    #[serde(default)]
    pub(super) lints: LintTable,
    /// Everything that this project's front ends need.
    #[serde(default)]
    pub(super) allowed: AllowedTable,
    /// Other settings for some files. Of several that match a file, later ones win.
    #[serde(default, rename = "override")]
    pub(super) overrides: Vec<OverrideTable>,
    /// Findings that are accepted.
    #[serde(default, rename = "exception")]
    #[schemars(with = "Vec<ExceptionTable>")]
    pub(super) exceptions: Vec<Spanned<ExceptionTable>>,
}

/// The lowest severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Any finding.
    Note,
    /// Warnings and errors.
    #[serde(alias = "warn")]
    Warning,
    /// Errors.
    #[serde(alias = "deny")]
    Error,
    /// None.
    Never,
}

impl FailOn {
    /// All of them, the strictest first.
    pub const ALL: &[FailOn] = &[FailOn::Note, FailOn::Warning, FailOn::Error, FailOn::Never];

    /// Returns the value with this name, or with the name of its level: `warn` or `deny`.
    pub fn by_name(name: &str) -> Option<FailOn> {
        match Severity::by_name(name) {
            Some(Severity::Note) => Some(FailOn::Note),
            Some(Severity::Warning) => Some(FailOn::Warning),
            Some(Severity::Error) => Some(FailOn::Error),
            None => (name == FailOn::Never.name()).then_some(FailOn::Never),
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            FailOn::Note => "note",
            FailOn::Warning => "warning",
            FailOn::Error => "error",
            FailOn::Never => "never",
        }
    }

    /// Returns true if a finding of this severity fails a run.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            FailOn::Note => severity >= Severity::Note,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Error => severity >= Severity::Error,
            FailOn::Never => false,
        }
    }
}

/// Everything that this project's front ends need.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowedTable {
    /// The origins, as in a policy; one `*` in an entry matches any characters. Other origins are
    /// reported by unlisted-origin.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) origins: Option<Vec<Spanned<String>>>,
    /// The methods. Other methods are reported by unnecessary-method.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) methods: Option<Vec<Spanned<String>>>,
}

/// Other settings for some files.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideTable {
    /// The files, as globs relative to this file's directory.
    #[schemars(with = "Vec<String>")]
    pub(super) files: Spanned<Vec<Spanned<String>>>,
    /// The provider to assume where the content does not show it.
    #[schemars(with = "Option<ProviderName>")]
    pub(super) provider: Option<Spanned<String>>,
    /// Levels and options for these files. They win over those of the file.
    #[serde(default)]
    pub(super) lints: LintTable,
}

/// A finding that is accepted.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionTable {
    /// The lint.
    #[schemars(with = "LintName")]
    pub(super) lint: Spanned<String>,
    /// The file, or a glob, relative to this file's directory.
    #[schemars(with = "String")]
    pub(super) file: Spanned<String>,
    /// Only findings in this exact string, in the rule with this ID, or in the policy at this address.
    pub(super) value: Option<String>,
    /// Why it is accepted.
    #[schemars(with = "String")]
    pub(super) reason: Spanned<String>,
    /// The last day on which it is accepted; after it the finding is reported again.
    #[schemars(with = "Option<LocalDate>")]
    pub(super) until: Option<Spanned<Datetime>>,
}

/// The lines of a `lints` table.
#[derive(Default)]
pub(super) struct LintTable(pub(super) BTreeMap<Spanned<String>, Spanned<Setting>>);

impl<'de> Deserialize<'de> for LintTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LintTable, D::Error> {
        BTreeMap::deserialize(deserializer).map(LintTable)
    }
}

/// The setting of a lint: a level, or a table.
pub(super) enum Setting {
    Level(String),
    Table(BTreeMap<Spanned<String>, Spanned<toml::Value>>),
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Setting, D::Error> {
        struct SettingVisitor;

        impl<'de> Visitor<'de> for SettingVisitor {
            type Value = Setting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a level, or a table with a level and options")
            }

            fn visit_str<E: de::Error>(self, level: &str) -> Result<Setting, E> {
                Ok(Setting::Level(level.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Setting, A::Error> {
                let table = BTreeMap::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Setting::Table(table))
            }
        }

        deserializer.deserialize_any(SettingVisitor)
    }
}

/// The JSON Schema of `corslint.toml`, for editors.
pub fn json_schema() -> String {
    schema::of::<ConfigFile>()
}

impl JsonSchema for LintTable {
    fn schema_name() -> Cow<'static, str> {
        "Lints".into()
    }

    /// One property for each group and lint, with its summary, default and options.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut levels: Vec<_> = Level::ALL.iter().map(|level| level.name()).collect();
        levels.extend([Severity::Warning.name(), Severity::Error.name()]);
        let mut properties = Map::new();
        properties.insert(
            level::ALL.to_owned(),
            json!({ "description": "All lints.", "enum": levels }),
        );
        for group in Group::ALL {
            let lints = LINTS.iter().filter(|lint| lint.group == *group);
            let lints: Vec<_> = lints.map(|lint| lint.name).collect();
            let description = format!("All lints of the group: {}.", lints.join(", "));
            properties.insert(
                group.name().to_owned(),
                json!({ "description": description, "enum": levels }),
            );
        }
        for lint in LINTS {
            let mut options = Map::new();
            let level = json!({ "enum": levels, "default": lint.level.name() });
            options.insert("level".to_owned(), level);
            for option in lint.options {
                options.insert(
                    option.name.to_owned(),
                    option_schema(option.kind, option.about),
                );
            }
            properties.insert(
                lint.name.to_owned(),
                json!({
                    "description": lint.summary(),
                    "default": lint.level.name(),
                    "anyOf": [
                        { "enum": levels },
                        { "type": "object", "properties": options, "additionalProperties": false }
                    ]
                }),
            );
        }
        json_schema!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false
        })
    }
}

fn option_schema(kind: OptionKind, about: &str) -> Value {
    match kind {
        OptionKind::Integer { min, max } => {
            json!({ "description": about, "type": "integer", "minimum": min, "maximum": max })
        }
        OptionKind::Word(words) => json!({ "description": about, "enum": words }),
    }
}

/// Stands for a lint's name in the schema.
struct LintName;

impl JsonSchema for LintName {
    fn schema_name() -> Cow<'static, str> {
        "LintName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = LINTS.iter().map(|lint| lint.name).collect();
        json_schema!({ "enum": names })
    }
}

/// Stands for a provider's name in the schema.
struct ProviderName;

impl JsonSchema for ProviderName {
    fn schema_name() -> Cow<'static, str> {
        "ProviderName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = PROVIDERS.iter().map(|provider| provider.id).collect();
        json_schema!({ "enum": names })
    }
}

/// Stands for a date in the schema: TOML's own, which editors show as a string.
struct LocalDate;

impl JsonSchema for LocalDate {
    fn schema_name() -> Cow<'static, str> {
        "LocalDate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

//! The dialects.

mod ansible;
mod kubernetes;
mod terraform;

use super::{Dialect, Duplicates, ELEMENTS, FieldKey, MappedRule, QUOTED};
use crate::field::Field;
use crate::finding::{Diagnostic, SCHEMA_VIOLATION};
use crate::provider::{B2, GCS, R2, S3};
use crate::schema::{self, Validation};

pub use ansible::S3_ANSIBLE;
pub use kubernetes::{GCS_CONFIG_CONNECTOR, S3_KUBERNETES};
pub use terraform::{
    B2_TERRAFORM, GCS_TERRAFORM, R2_TERRAFORM, S3_TERRAFORM, S3_TERRAFORM_INLINE,
    S3_TERRAFORM_SPACES,
};

/// The dialects, in the order in which they are listed.
pub static DIALECTS: &[&Dialect] = &[
    &S3_CONSOLE_JSON,
    &S3_CLI_JSON,
    &S3_XML,
    &S3_CLOUDFORMATION,
    &S3_TERRAFORM,
    &S3_TERRAFORM_INLINE,
    &S3_TERRAFORM_SPACES,
    &S3_KUBERNETES,
    &S3_ANSIBLE,
    &GCS_JSON,
    &GCS_XML,
    &GCS_TERRAFORM,
    &GCS_CONFIG_CONNECTOR,
    &R2_JSON,
    &R2_TERRAFORM,
    &B2_JSON,
    &B2_TERRAFORM,
];

/// A key in the rule itself.
const fn key(field: Field, key: &'static str) -> FieldKey {
    FieldKey {
        field,
        group: None,
        key,
    }
}

/// A key in the rule's object `allowed`.
const fn allowed(field: Field, key: &'static str) -> FieldKey {
    FieldKey {
        field,
        group: Some("allowed"),
        key,
    }
}

const S3_EXAMPLE: &str = r#"{"CORSRules": [{"AllowedOrigins": [], "AllowedMethods": []}]}"#;

/// The bare list of rules in the S3 console.
///
/// Sources: AWS API_CORSRule and API_PutBucketCors; the CLI reference of `put-bucket-cors`.
pub static S3_CONSOLE_JSON: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_CONSOLE,
    keys_owner: "S3",
    tool: "aws s3api put-bucket-cors",
    keys: &QUOTED,
    example: S3_EXAMPLE,
    fields: &[
        key(Field::Id, "ID"),
        key(Field::Origins, "AllowedOrigins"),
        key(Field::Methods, "AllowedMethods"),
        key(Field::AllowedHeaders, "AllowedHeaders"),
        key(Field::ExposedHeaders, "ExposeHeaders"),
        key(Field::MaxAge, "MaxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The object that `aws s3api put-bucket-cors` reads and `get-bucket-cors` prints.
pub static S3_CLI_JSON: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_CLI,
    keys_owner: "S3",
    tool: "aws s3api put-bucket-cors",
    keys: &QUOTED,
    example: S3_EXAMPLE,
    fields: &[
        key(Field::Rules, "CORSRules"),
        key(Field::Id, "ID"),
        key(Field::Origins, "AllowedOrigins"),
        key(Field::Methods, "AllowedMethods"),
        key(Field::AllowedHeaders, "AllowedHeaders"),
        key(Field::ExposedHeaders, "ExposeHeaders"),
        key(Field::MaxAge, "MaxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The `CORSConfiguration` that S3's API and those of other services read.
///
/// Source: AWS API_PutBucketCors.
pub static S3_XML: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_XML,
    keys_owner: "S3 XML",
    tool: "S3",
    keys: &ELEMENTS,
    example: "<CORSConfiguration><CORSRule><AllowedOrigin/><AllowedMethod/></CORSRule></CORSConfiguration>",
    fields: &[
        key(Field::Rules, "CORSRule"),
        key(Field::Id, "ID"),
        key(Field::Origins, "AllowedOrigin"),
        key(Field::Methods, "AllowedMethod"),
        key(Field::AllowedHeaders, "AllowedHeader"),
        key(Field::ExposedHeaders, "ExposeHeader"),
        key(Field::MaxAge, "MaxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The `CorsConfiguration` of a bucket in a CloudFormation template.
///
/// Source: AWS, 'AWS::S3::Bucket CorsRule', and the resource type's schema, which wants unique items.
pub static S3_CLOUDFORMATION: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_CLOUDFORMATION,
    keys_owner: "CloudFormation",
    tool: "CloudFormation",
    keys: &QUOTED,
    example: r#"{"CorsRules": [{"AllowedOrigins": [], "AllowedMethods": []}]}"#,
    fields: &[
        key(Field::Rules, "CorsRules"),
        key(Field::Id, "Id"),
        key(Field::Origins, "AllowedOrigins"),
        key(Field::Methods, "AllowedMethods"),
        key(Field::AllowedHeaders, "AllowedHeaders"),
        key(Field::ExposedHeaders, "ExposedHeaders"),
        key(Field::MaxAge, "MaxAge"),
    ],
    duplicates: Duplicates::Rejected,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: true,
    extra_check: |_, _| {},
};

/// The `CorsConfig` that GCS's XML API reads.
///
/// Source: Google Cloud Storage, 'PUT bucket CORS'.
pub static GCS_XML: Dialect = Dialect {
    provider: &GCS,
    schema: &schema::GCS_XML,
    keys_owner: "GCS XML",
    tool: "GCS",
    keys: &ELEMENTS,
    example: "<CorsConfig><Cors><Origins/><Methods/></Cors></CorsConfig>",
    fields: &[
        key(Field::Rules, "Cors"),
        key(Field::Origins, "Origins"),
        key(Field::Methods, "Methods"),
        key(Field::ExposedHeaders, "ResponseHeaders"),
        key(Field::MaxAge, "MaxAgeSec"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The list of rules that `gcloud` and `gsutil` read.
///
/// Sources: Google Cloud Storage, 'Set up and view CORS configurations' and 'Bucket resource'.
pub static GCS_JSON: Dialect = Dialect {
    provider: &GCS,
    schema: &schema::GCS,
    keys_owner: "GCS",
    tool: "gcloud storage buckets update --cors-file",
    keys: &QUOTED,
    example: r#"[{"origin": [], "method": []}]"#,
    fields: &[
        key(Field::Origins, "origin"),
        key(Field::Methods, "method"),
        key(Field::ExposedHeaders, "responseHeader"),
        key(Field::MaxAge, "maxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The object that `wrangler r2 bucket cors set --file` reads.
///
/// Sources: Cloudflare R2, 'Configure CORS'; API reference 'Put Bucket CORS Policy'; workers-sdk
/// src/r2/cors.ts.
pub static R2_JSON: Dialect = Dialect {
    provider: &R2,
    schema: &schema::R2,
    keys_owner: "R2",
    tool: "wrangler r2 bucket cors set",
    keys: &QUOTED,
    example: r#"{"rules": [{"allowed": {"origins": [], "methods": []}}]}"#,
    fields: &[
        key(Field::Rules, "rules"),
        key(Field::Id, "id"),
        allowed(Field::Origins, "origins"),
        allowed(Field::Methods, "methods"),
        allowed(Field::AllowedHeaders, "headers"),
        key(Field::ExposedHeaders, "exposeHeaders"),
        key(Field::MaxAge, "maxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The list of rules that `b2 bucket update --cors-rules` reads.
///
/// Source: Backblaze, 'Cross-Origin Resource Sharing Rules'.
pub static B2_JSON: Dialect = Dialect {
    provider: &B2,
    schema: &schema::B2,
    keys_owner: "B2",
    tool: "b2 bucket update --cors-rules",
    keys: &QUOTED,
    example: r#"[{"corsRuleName": "", "allowedOrigins": [], "allowedOperations": [], "maxAgeSeconds": 3600}]"#,
    fields: &[
        key(Field::Id, "corsRuleName"),
        key(Field::Origins, "allowedOrigins"),
        key(Field::Methods, "allowedOperations"),
        key(Field::AllowedHeaders, "allowedHeaders"),
        key(Field::ExposedHeaders, "exposeHeaders"),
        key(Field::MaxAge, "maxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: origins_after_https,
};

/// Reports entries that B2 rejects after the bare word `https`, which matches every HTTPS origin: a
/// second `https`, or an entry that starts with `https:`.
fn origins_after_https(rule: &MappedRule<'_>, validation: &mut Validation) {
    let items = rule.field(Field::Origins).and_then(|node| node.items());
    let origins = items.unwrap_or_default().iter();
    let mut origins = origins.filter_map(|node| Some((node, node.text()?)));
    let Some((_, https)) = origins.find(|(_, origin)| origin.value() == "https") else {
        return;
    };
    for (node, later) in origins {
        let message = match later.value() {
            "https" => "B2 accepts the word https only once per rule",
            origin if origin.starts_with("https:") => {
                "B2 does not accept https:// origins after the word https"
            }
            _ => continue,
        };
        validation.rejected.insert(node.id);
        validation.diagnostics.push(
            Diagnostic::new(SCHEMA_VIOLATION, later.span(), message)
                .label("already allowed by https")
                .secondary(https.span(), "matches every HTTPS origin")
                .help("remove one of them"),
        );
    }
}

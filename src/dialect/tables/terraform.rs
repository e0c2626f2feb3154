//! The dialects of Terraform.

use super::{allowed, key, origins_after_https};
use crate::dialect::{ARGUMENTS, Dialect, Duplicates, FieldKey};
use crate::field::Field;
use crate::provider::{B2, GCS, R2, S3};
use crate::schema;

/// The blocks `cors_rule` of Terraform's `aws_s3_bucket_cors_configuration`: a set of rules, each with sets of
/// strings.
///
/// Source: the schema of the AWS provider, which also writes a max age of 0 where none is set.
pub static S3_TERRAFORM: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_TERRAFORM,
    keys_owner: "Terraform",
    tool: "Terraform",
    keys: &ARGUMENTS,
    example: r#""cors_rule": [{"allowed_origins": [], "allowed_methods": []}]"#,
    fields: TERRAFORM_S3_FIELDS,
    duplicates: Duplicates::Dropped,
    keeps_order: false,
    null_is_absent: true,
    ignores_comment_keys: true,
    absent_max_age_is_zero: true,
    extra_check: |_, _| {},
};

/// The blocks `cors_rule` of Terraform's `aws_s3_bucket`, and of buckets of S3-compatible services: a list.
pub static S3_TERRAFORM_INLINE: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_TERRAFORM_INLINE,
    keys_owner: "Terraform",
    tool: "Terraform",
    keys: &ARGUMENTS,
    example: r#""cors_rule": [{"allowed_origins": [], "allowed_methods": []}]"#,
    fields: TERRAFORM_S3_FIELDS,
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: true,
    ignores_comment_keys: true,
    absent_max_age_is_zero: true,
    extra_check: |_, _| {},
};

const TERRAFORM_S3_FIELDS: &[FieldKey] = &[
    key(Field::Id, "id"),
    key(Field::Origins, "allowed_origins"),
    key(Field::Methods, "allowed_methods"),
    key(Field::AllowedHeaders, "allowed_headers"),
    key(Field::ExposedHeaders, "expose_headers"),
    key(Field::MaxAge, "max_age_seconds"),
];

/// The blocks `cors_rule` of Terraform's `digitalocean_spaces_bucket`, which can't expose headers.
///
/// Source: the schema of the DigitalOcean provider.
pub static S3_TERRAFORM_SPACES: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_TERRAFORM_SPACES,
    keys_owner: "Terraform",
    tool: "Terraform",
    keys: &ARGUMENTS,
    example: r#""cors_rule": [{"allowed_origins": [], "allowed_methods": []}]"#,
    fields: &[
        key(Field::Origins, "allowed_origins"),
        key(Field::Methods, "allowed_methods"),
        key(Field::AllowedHeaders, "allowed_headers"),
        key(Field::MaxAge, "max_age_seconds"),
    ],
    duplicates: Duplicates::Dropped,
    keeps_order: true,
    null_is_absent: true,
    ignores_comment_keys: true,
    absent_max_age_is_zero: true,
    extra_check: |_, _| {},
};

/// The blocks `cors` of Terraform's `google_storage_bucket`.
///
/// Source: the schema of the Google provider.
pub static GCS_TERRAFORM: Dialect = Dialect {
    provider: &GCS,
    schema: &schema::GCS_TERRAFORM,
    keys_owner: "Terraform",
    tool: "Terraform",
    keys: &ARGUMENTS,
    example: r#""cors": [{"origin": [], "method": []}]"#,
    fields: &[
        key(Field::Origins, "origin"),
        key(Field::Methods, "method"),
        key(Field::ExposedHeaders, "response_header"),
        key(Field::MaxAge, "max_age_seconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: true,
    ignores_comment_keys: true,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The attribute `rules` of Terraform's `cloudflare_r2_bucket_cors`.
///
/// Source: the schema of the Cloudflare provider, which accepts methods in any case.
pub static R2_TERRAFORM: Dialect = Dialect {
    provider: &R2,
    schema: &schema::R2_TERRAFORM,
    keys_owner: "Terraform",
    tool: "Terraform",
    keys: &ARGUMENTS,
    example: r#""rules": [{"allowed": {"origins": [], "methods": []}}]"#,
    fields: &[
        key(Field::Id, "id"),
        allowed(Field::Origins, "origins"),
        allowed(Field::Methods, "methods"),
        allowed(Field::AllowedHeaders, "headers"),
        key(Field::ExposedHeaders, "expose_headers"),
        key(Field::MaxAge, "max_age_seconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: true,
    ignores_comment_keys: true,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The blocks `cors_rules` of Terraform's `b2_bucket`.
///
/// Source: the schema of the B2 provider.
pub static B2_TERRAFORM: Dialect = Dialect {
    provider: &B2,
    schema: &schema::B2_TERRAFORM,
    keys_owner: "Terraform",
    tool: "Terraform",
    keys: &ARGUMENTS,
    example: r#""cors_rules": [{"cors_rule_name": "", "allowed_origins": [], "allowed_operations": [], "max_age_seconds": 3600}]"#,
    fields: &[
        key(Field::Id, "cors_rule_name"),
        key(Field::Origins, "allowed_origins"),
        key(Field::Methods, "allowed_operations"),
        key(Field::AllowedHeaders, "allowed_headers"),
        key(Field::ExposedHeaders, "expose_headers"),
        key(Field::MaxAge, "max_age_seconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: true,
    ignores_comment_keys: true,
    absent_max_age_is_zero: false,
    extra_check: origins_after_https,
};

//! The dialects of Kubernetes controllers.

use super::key;
use crate::dialect::{Dialect, Duplicates, QUOTED};
use crate::field::Field;
use crate::provider::{GCS, S3};
use crate::schema;

/// The rules of a bucket that a Kubernetes controller manages: ACK, or Crossplane's provider for AWS.
///
/// Sources: the custom resource definitions of `s3.services.k8s.aws`, `s3.aws.crossplane.io` and
/// `s3.aws.upbound.io`.
pub static S3_KUBERNETES: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_KUBERNETES,
    keys_owner: "Kubernetes",
    tool: "the controller",
    keys: &QUOTED,
    example: r#"[{"allowedOrigins": [], "allowedMethods": []}]"#,
    fields: &[
        key(Field::Id, "id"),
        key(Field::Origins, "allowedOrigins"),
        key(Field::Methods, "allowedMethods"),
        key(Field::AllowedHeaders, "allowedHeaders"),
        key(Field::ExposedHeaders, "exposeHeaders"),
        key(Field::MaxAge, "maxAgeSeconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: true,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

/// The `cors` of Config Connector's `StorageBucket`.
///
/// Source: Google Cloud, 'StorageBucket'.
pub static GCS_CONFIG_CONNECTOR: Dialect = Dialect {
    provider: &GCS,
    schema: &schema::GCS_CONFIG_CONNECTOR,
    keys_owner: "GCS",
    tool: "Config Connector",
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
    null_is_absent: true,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

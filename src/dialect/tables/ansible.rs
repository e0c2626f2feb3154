//! The dialect of Ansible.

use super::key;
use crate::dialect::{Dialect, Duplicates, QUOTED};
use crate::field::Field;
use crate::provider::S3;
use crate::schema;

/// The `rules` of Ansible's module `community.aws.s3_cors`.
///
/// Source: Ansible, 'community.aws.s3_cors', which changes the keys to those of S3's API. `id` becomes `Id`, which
/// S3 does not have.
pub static S3_ANSIBLE: Dialect = Dialect {
    provider: &S3,
    schema: &schema::S3_ANSIBLE,
    keys_owner: "Ansible",
    tool: "Ansible",
    keys: &QUOTED,
    example: r#"[{"allowed_origins": [], "allowed_methods": []}]"#,
    fields: &[
        key(Field::Origins, "allowed_origins"),
        key(Field::Methods, "allowed_methods"),
        key(Field::AllowedHeaders, "allowed_headers"),
        key(Field::ExposedHeaders, "expose_headers"),
        key(Field::MaxAge, "max_age_seconds"),
    ],
    duplicates: Duplicates::Kept,
    keeps_order: true,
    null_is_absent: false,
    ignores_comment_keys: false,
    absent_max_age_is_zero: false,
    extra_check: |_, _| {},
};

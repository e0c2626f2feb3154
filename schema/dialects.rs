//! The schema of each dialect. The validators are compiled into the program. No pattern needs look-around, so that the
//! engine without it, which is the smaller one, is enough.

use std::sync::OnceLock;

use super::Schema;

/// The schema of the S3 console's list of rules.
pub static S3_CONSOLE: Schema = Schema {
    name: "s3-console",
    text: include_str!("s3-console.json"),
    errors: |instance| S3Console::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of the AWS CLI's object.
pub static S3_CLI: Schema = Schema {
    name: "s3-cli",
    text: include_str!("s3-cli.json"),
    errors: |instance| S3Cli::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of S3's XML, with elements that may be repeated as lists.
pub static S3_XML: Schema = Schema {
    name: "s3-xml",
    text: include_str!("s3-xml.json"),
    errors: |instance| S3Xml::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of a bucket's `CorsConfiguration` in a CloudFormation template.
pub static S3_CLOUDFORMATION: Schema = Schema {
    name: "s3-cloudformation",
    text: include_str!("s3-cloudformation.json"),
    errors: |instance| S3CloudFormation::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `cors_rule` in `aws_s3_bucket_cors_configuration`.
pub static S3_TERRAFORM: Schema = Schema {
    name: "s3-terraform",
    text: include_str!("s3-terraform.json"),
    errors: |instance| S3TerraformRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `cors_rule` in `aws_s3_bucket`: the same.
pub static S3_TERRAFORM_INLINE: Schema = Schema {
    name: "s3-terraform-inline",
    text: include_str!("s3-terraform.json"),
    errors: |instance| S3TerraformRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `cors_rule` in `digitalocean_spaces_bucket`.
pub static S3_TERRAFORM_SPACES: Schema = Schema {
    name: "s3-terraform-spaces",
    text: include_str!("s3-terraform-spaces.json"),
    errors: |instance| S3TerraformSpaces::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `cors` in `google_storage_bucket`.
pub static GCS_TERRAFORM: Schema = Schema {
    name: "gcs-terraform",
    text: include_str!("gcs-terraform.json"),
    errors: |instance| GcsTerraformRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of the rules in resources of Kubernetes controllers for S3.
pub static S3_KUBERNETES: Schema = Schema {
    name: "s3-kubernetes",
    text: include_str!("s3-kubernetes.json"),
    errors: |instance| S3KubernetesRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of the rules of Ansible's `s3_cors`.
pub static S3_ANSIBLE: Schema = Schema {
    name: "s3-ansible",
    text: include_str!("s3-ansible.json"),
    errors: |instance| S3AnsibleRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `cors` in Config Connector's `StorageBucket`: GCS's list of rules.
pub static GCS_CONFIG_CONNECTOR: Schema = Schema {
    name: "gcs-config-connector",
    text: include_str!("gcs.json"),
    errors: |instance| Gcs::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of GCS's list of rules.
pub static GCS: Schema = Schema {
    name: "gcs",
    text: include_str!("gcs.json"),
    errors: |instance| Gcs::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of GCS's XML, with the elements in a container as a list.
pub static GCS_XML: Schema = Schema {
    name: "gcs-xml",
    text: include_str!("gcs-xml.json"),
    errors: |instance| GcsXml::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of R2's object.
pub static R2: Schema = Schema {
    name: "r2",
    text: include_str!("r2.json"),
    errors: |instance| R2Object::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `rules` in `cloudflare_r2_bucket_cors`.
pub static R2_TERRAFORM: Schema = Schema {
    name: "r2-terraform",
    text: include_str!("r2-terraform.json"),
    errors: |instance| R2TerraformRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of B2's list of rules.
pub static B2: Schema = Schema {
    name: "b2",
    text: include_str!("b2.json"),
    errors: |instance| B2List::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// The schema of `cors_rules` in `b2_bucket`.
pub static B2_TERRAFORM: Schema = Schema {
    name: "b2-terraform",
    text: include_str!("b2-terraform.json"),
    errors: |instance| B2TerraformRules::iter_errors(instance).collect(),
    parsed: OnceLock::new(),
};

/// All schemas, in the order in which they are listed.
pub static SCHEMAS: &[&Schema] = &[
    &S3_CONSOLE,
    &S3_CLI,
    &S3_XML,
    &S3_CLOUDFORMATION,
    &S3_TERRAFORM,
    &S3_TERRAFORM_INLINE,
    &S3_TERRAFORM_SPACES,
    &S3_KUBERNETES,
    &S3_ANSIBLE,
    &GCS,
    &GCS_XML,
    &GCS_TERRAFORM,
    &GCS_CONFIG_CONNECTOR,
    &R2,
    &R2_TERRAFORM,
    &B2,
    &B2_TERRAFORM,
];

#[jsonschema::validator(path = "schema/s3-console.json", pattern_options = { engine = regex })]
struct S3Console;

#[jsonschema::validator(path = "schema/s3-cli.json", pattern_options = { engine = regex })]
struct S3Cli;

#[jsonschema::validator(path = "schema/s3-xml.json", pattern_options = { engine = regex })]
struct S3Xml;

#[jsonschema::validator(path = "schema/gcs-xml.json", pattern_options = { engine = regex })]
struct GcsXml;

#[jsonschema::validator(path = "schema/s3-cloudformation.json", pattern_options = { engine = regex })]
struct S3CloudFormation;

#[jsonschema::validator(path = "schema/s3-terraform.json", pattern_options = { engine = regex })]
struct S3TerraformRules;

#[jsonschema::validator(path = "schema/s3-terraform-spaces.json", pattern_options = { engine = regex })]
struct S3TerraformSpaces;

#[jsonschema::validator(path = "schema/s3-kubernetes.json", pattern_options = { engine = regex })]
struct S3KubernetesRules;

#[jsonschema::validator(path = "schema/s3-ansible.json", pattern_options = { engine = regex })]
struct S3AnsibleRules;

#[jsonschema::validator(path = "schema/r2-terraform.json", pattern_options = { engine = regex })]
struct R2TerraformRules;

#[jsonschema::validator(path = "schema/b2-terraform.json", pattern_options = { engine = regex })]
struct B2TerraformRules;

#[jsonschema::validator(path = "schema/gcs-terraform.json", pattern_options = { engine = regex })]
struct GcsTerraformRules;

#[jsonschema::validator(path = "schema/gcs.json", pattern_options = { engine = regex })]
struct Gcs;

#[jsonschema::validator(path = "schema/r2.json", pattern_options = { engine = regex })]
struct R2Object;

#[jsonschema::validator(path = "schema/b2.json", pattern_options = { engine = regex })]
struct B2List;

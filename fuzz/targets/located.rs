//! Any JSON as the configuration of a bucket in a CloudFormation template, and as the rules of a resource in
//! Terraform's JSON, through its fixes.
#![no_main]

#[path = "shared/fixes.rs"]
mod fixes;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let template = format!(
        r#"{{"Parameters": {{"Domain": 1}}, "Resources": {{"A": {{"Type": "AWS::S3::Bucket", "Properties": {{"CorsConfiguration": {text}}}}}}}}}"#
    );
    fixes::hold("a.json", &template);
    let resource = format!(
        r#"{{"resource": {{"aws_s3_bucket": {{"a": {{"cors_rule": {text}}}}}}}}}"#
    );
    fixes::hold("a.tf.json", &resource);
});

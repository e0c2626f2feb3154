//! Editors can use the printed schemas: each is self-contained, and each constraint carries its
//! sentence, and the parts that two shapes share are the same.

use corslint::schema::SCHEMAS;
use serde_json::Value;

const CONSTRAINTS: &[&str] = &[
    "type",
    "enum",
    "const",
    "not",
    "pattern",
    "required",
    "minItems",
    "maxItems",
    "maxLength",
    "minLength",
    "minimum",
    "maximum",
    "additionalProperties",
    "contains",
];

fn parsed() -> impl Iterator<Item = (&'static str, Value)> {
    SCHEMAS
        .iter()
        .map(|schema| (schema.name, serde_json::from_str(schema.text).unwrap()))
}

/// Calls `visit` with every subschema, the insides of `not` excepted: no error points there.
fn subschemas(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (key, value) in schema.as_object().into_iter().flatten() {
        let path = format!("{path}/{key}");
        match (key.as_str(), value) {
            ("allOf" | "prefixItems", Value::Array(all)) => {
                for (index, one) in all.iter().enumerate() {
                    subschemas(one, &format!("{path}/{index}"), visit);
                }
            }
            ("properties" | "$defs" | "dependentSchemas", Value::Object(all)) => {
                for (name, one) in all {
                    subschemas(one, &format!("{path}/{name}"), visit);
                }
            }
            ("items" | "if" | "then" | "else", _) => subschemas(value, &path, visit),
            _ => {}
        }
    }
}

#[test]
fn schemas_are_valid() {
    for (name, schema) in parsed() {
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        assert_eq!(
            schema["$schema"], "http://json-schema.org/draft-07/schema#",
            "{name}"
        );
    }
}

#[test]
fn every_constraint_has_one_message() {
    for (name, schema) in parsed() {
        subschemas(&schema, "", &mut |path, subschema| {
            let constraints = CONSTRAINTS
                .iter()
                .filter(|key| subschema.get(key).is_some());
            match constraints.count() {
                0 => {}
                1 if path.ends_with("/if") => {}
                1 => {
                    let sentence = subschema["errorMessage"].as_str().unwrap_or_default();
                    let (what, help) = sentence.split_once("; ").unwrap_or((sentence, "x"));
                    assert!(
                        !what.is_empty() && !help.is_empty(),
                        "{name}{path}: {sentence}"
                    );
                    assert!(!sentence.ends_with('.'), "{name}{path}: {sentence}");
                }
                more => panic!("{name}{path}: {more} constraints share one sentence"),
            }
        });
    }
}

#[test]
fn schemas_of_one_provider_share_definitions() {
    let all: Vec<_> = parsed().collect();
    let parts = |name: &str| {
        let (_, schema) = all.iter().find(|(other, _)| *other == name).unwrap();
        schema["$defs"].clone()
    };
    assert_eq!(parts("s3-console"), parts("s3-cli"));
}

/// The schema for CloudFormation is the one for the CLI with other names, so that they cannot drift apart.
#[test]
fn cloudformation_schema_is_derived() {
    derive(
        "s3-cli",
        "s3-cloudformation.json",
        &[
            ("CORSRules", "CorsRules"),
            ("ExposeHeaders", "ExposedHeaders"),
            ("MaxAgeSeconds", "MaxAge"),
            ("\"ID\"", "\"Id\""),
            ("and ID\"", "and Id\""),
            ("an ID ", "an Id "),
            (
                "CORS policy of an S3 bucket, as `aws s3api put-bucket-cors` reads it and `get-bucket-cors` prints it",
                "CorsConfiguration of an AWS::S3::Bucket in a CloudFormation template",
            ),
            ("which the AWS CLI rejects", "which CloudFormation rejects"),
            (
                "or delete the bucket's policy instead",
                "or remove CorsConfiguration",
            ),
            (
                "{ \"type\": \"integer\", \"errorMessage\": \"MaxAge must be a whole number of seconds; write it without quotes\" }",
                "{ \"type\": [\"integer\", \"string\"], \"errorMessage\": \"MaxAge must be a whole number of seconds; write a number\" },\n        \
             { \"pattern\": \"^[0-9]+$\", \"errorMessage\": \"MaxAge must be a whole number of seconds; write a number\" },\n        \
             { \"minimum\": 0, \"errorMessage\": \"MaxAge must not be negative; write 0 to turn caching off\" }",
            ),
        ],
    );
}

/// The schemas for XML are those for JSON with other names, and with advice about elements.
#[test]
fn xml_schemas_are_derived() {
    let elements = [
        (
            "a rule must be an object; write the rule as an object: { ... }",
            "a rule must contain elements; put the origins and methods into elements of their own",
        ),
        (
            "must be a string; write it in quotes",
            "must be text; write no elements in it",
        ),
        (", such as [\\\"GET\\\"]", ", such as GET"),
        ("unknown key", "unknown element"),
        ("the keys of a rule", "the elements of a rule"),
    ];
    let derive = |from: &str, file: &str, names: &[(&str, &str)]| {
        derive(from, file, &[&elements, names].concat());
    };
    derive(
        "s3-cli",
        "s3-xml.json",
        &[
            ("CORSRules", "CORSRule"),
            ("AllowedOrigins", "AllowedOrigin"),
            ("AllowedMethods", "AllowedMethod"),
            ("AllowedHeaders", "AllowedHeader"),
            ("ExposeHeaders", "ExposeHeader"),
            (
                "CORS policy of an S3 bucket, as `aws s3api put-bucket-cors` reads it and `get-bucket-cors` prints it",
                "CORSConfiguration of an S3 bucket in XML, with elements that may be repeated as lists",
            ),
            ("A list of rules under CORSRule", "A list of rules"),
            (
                "the policy must be an object; write {\\\"CORSRule\\\": [...]}",
                "the policy must contain elements; put the rules into CORSRule",
            ),
            (
                "missing CORSRule; put the rules under it",
                "missing CORSRule; put the rules into it",
            ),
            (
                "{ \"$ref\": \"#/$defs/rules\" }\n  },",
                "{ \"$ref\": \"#/$defs/rules\" },\n    \"ResponseVary\": { \"description\": \"Whether Alibaba Cloud OSS adds Vary: Origin.\" }\n  },",
            ),
            (
                "which the AWS CLI rejects; CORSRule is the only top-level key",
                "which S3 rejects; the root element contains CORSRule only",
            ),
            (
                "must be a list; write it in [ ]",
                "must be a list; repeat the element",
            ),
            (
                "MaxAgeSeconds must be a whole number of seconds; write it without quotes",
                "MaxAgeSeconds must be a whole number of seconds; write a number",
            ),
            (
                "except a bare *; remove the key",
                "except a bare *; remove the element",
            ),
            ("remove \\\"OPTIONS\\\"", "remove OPTIONS"),
        ],
    );
    derive(
        "gcs",
        "gcs-xml.json",
        &[
            ("\"origin\"", "\"Origins\""),
            ("\"method\"", "\"Methods\""),
            ("\"responseHeader\"", "\"ResponseHeaders\""),
            ("\"maxAgeSeconds\"", "\"MaxAgeSec\""),
            ("maxAgeSeconds ", "MaxAgeSec "),
            ("missing origin", "missing Origins"),
            ("missing method", "missing Methods"),
            ("origin is empty", "Origins is empty"),
            ("method is empty", "Methods is empty"),
            (
                "are origin, method, responseHeader and maxAgeSeconds",
                "are Origins, Methods, ResponseHeaders and MaxAgeSec",
            ),
            (
                "origin must be a list (gsutil accepts a string too); write it in [ ]",
                "Origins must contain Origin elements; put each origin into <Origin>",
            ),
            (
                "method must be a list (gsutil accepts a string too); write it in [ ]",
                "Methods must contain Method elements; put each method into <Method>",
            ),
            (
                "responseHeader must be a list (gsutil accepts a string too); write it in [ ]",
                "ResponseHeaders must contain ResponseHeader elements; put each header into <ResponseHeader>",
            ),
            (
                "\"type\": \"array\", \"severity\": \"warning\"",
                "\"type\": \"array\"",
            ),
            (
                "CORS policy of a GCS bucket, as `gcloud storage buckets update --cors-file` and `gsutil cors set` read it",
                "CorsConfig of a GCS bucket in XML, with containers as lists",
            ),
            (
                "  \"allOf\": [\n    { \"type\": \"array\", \"errorMessage\": \"the rules must be a list; write them in [ ]\" }\n  ],\n  \"items\": { \"$ref\": \"#/$defs/rule\" },\n",
                "  \"allOf\": [{ \"type\": \"object\", \"errorMessage\": \"the policy must contain elements; put the rules into Cors\" }],\n  \"properties\": {\n    \"Cors\": { \"items\": { \"$ref\": \"#/$defs/rule\" } }\n  },\n  \"additionalProperties\": false,\n  \"errorMessage\": \"unknown element; the root element contains Cors only\",\n",
            ),
            (
                "must be a whole number of seconds; write it without quotes",
                "must be a whole number of seconds; write a number",
            ),
        ],
    );
}

/// Writes the schema of a dialect with other names.
fn derive(from: &str, file: &str, names: &[(&str, &str)]) {
    let schema = SCHEMAS.iter().find(|schema| schema.name == from).unwrap();
    let mut derived = schema.text.to_owned();
    for (from, to) in names {
        assert!(derived.contains(from), "{from}");
        derived = derived.replace(from, to);
    }
    crate::assert_file(&crate::project().join("schema").join(file), &derived);
}

/// What R2's schema says of the object around the rules, which Terraform has not.
const R2_OBJECT: &str = r##"  "description": "A list of rules under rules. R2's dashboard and its S3 API read S3's format instead.",
  "allOf": [
    { "type": "object", "errorMessage": "the policy must be an object; write {\"rules\": [...]}" },
    { "required": ["rules"], "errorMessage": "missing rules; put the rules under it" }
  ],
  "properties": {
    "rules": {
      "allOf": [
        { "type": "array", "errorMessage": "rules must be a list; write it in [ ]" },
        { "minItems": 1, "errorMessage": "R2 rejects a policy without rules; add a rule, or delete the bucket's policy instead" }
      ],
      "items": { "$ref": "#/$defs/rule" }
    }
  },"##;

const R2_LIST: &str = r##"  "description": "A list of rules.",
  "allOf": [
    { "type": "array", "errorMessage": "rules must be a list; write it in [ ]" },
    { "minItems": 1, "errorMessage": "R2 rejects a policy without rules; add a rule, or remove the resource" }
  ],
  "items": { "$ref": "#/$defs/rule" },"##;

const R2_METHODS: &str = r#"              {
                "not": {
                  "pattern": "^([Gg][Ee][Tt]|[Pp][Uu][Tt]|[Pp][Oo][Ss][Tt]|[Dd][Ee][Ll][Ee][Tt][Ee]|[Hh][Ee][Aa][Dd])$",
                  "not": { "enum": ["GET", "PUT", "POST", "DELETE", "HEAD"] }
                },
                "errorMessage": "R2 method names must be upper case; write it in upper case"
              },
              { "enum": ["GET", "PUT", "POST", "DELETE", "HEAD"], "#;

const R2_METHODS_IN_ANY_CASE: &str = r#"              { "pattern": "^([Gg][Ee][Tt]|[Pp][Uu][Tt]|[Pp][Oo][Ss][Tt]|[Dd][Ee][Ll][Ee][Tt][Ee]|[Hh][Ee][Aa][Dd])$", "#;

/// The schemas for Terraform are those of the providers' JSON with other names.
#[test]
fn terraform_schemas_are_derived() {
    // Terraform converts numbers in quotes.
    let number = [(
        "{ \"type\": \"integer\", \"errorMessage\": \"max_age_seconds must be a whole number of seconds; write it without quotes\" }",
        "{ \"type\": [\"integer\", \"string\"], \"errorMessage\": \"max_age_seconds must be a whole number of seconds; write a number\" },\n        \
             { \"pattern\": \"^-?[0-9]+$\", \"errorMessage\": \"max_age_seconds must be a whole number of seconds; write a number\" }",
    )];
    let derive = |from: &str, file: &str, names: &[(&str, &str)]| {
        derive(from, file, &[names, &number].concat());
    };
    derive(
        "s3-console",
        "s3-terraform.json",
        &[
            ("ExposeHeaders", "expose_headers"),
            ("MaxAgeSeconds", "max_age_seconds"),
            ("AllowedOrigins", "allowed_origins"),
            ("AllowedMethods", "allowed_methods"),
            ("AllowedHeaders", "allowed_headers"),
            (
                "unknown key, which S3 rejects",
                "unknown key, which Terraform rejects",
            ),
            ("\"ID\"", "\"id\""),
            ("and ID\"", "and id\""),
            ("an ID ", "an id "),
            (
                "CORS policy of an S3 bucket, as the S3 console reads it",
                "cors_rule of an S3 bucket in Terraform",
            ),
            (
                "or delete the bucket's policy instead",
                "or remove the resource",
            ),
        ],
    );
    derive(
        "b2",
        "b2-terraform.json",
        &[
            ("corsRuleName", "cors_rule_name"),
            ("allowedOrigins", "allowed_origins"),
            ("allowedOperations", "allowed_operations"),
            ("allowedHeaders", "allowed_headers"),
            ("exposeHeaders", "expose_headers"),
            ("maxAgeSeconds", "max_age_seconds"),
            (
                "CORS policy of a B2 bucket, as `b2 bucket update --cors-rules` reads it",
                "cors_rules of a b2_bucket in Terraform",
            ),
        ],
    );
    derive(
        "r2",
        "r2-terraform.json",
        &[
            ("exposeHeaders", "expose_headers"),
            ("maxAgeSeconds", "max_age_seconds"),
            (
                "CORS policy of an R2 bucket, as `wrangler r2 bucket cors set --file` reads it",
                "rules of a cloudflare_r2_bucket_cors in Terraform",
            ),
            (R2_OBJECT, R2_LIST),
            (R2_METHODS, R2_METHODS_IN_ANY_CASE),
        ],
    );
    derive(
        "gcs",
        "gcs-terraform.json",
        &[
            ("responseHeader", "response_header"),
            ("maxAgeSeconds", "max_age_seconds"),
            (
                "CORS policy of a GCS bucket, as `gcloud storage buckets update --cors-file` and `gsutil cors set` read it",
                "cors of a google_storage_bucket in Terraform",
            ),
            (" (gsutil accepts a string too)", ""),
        ],
    );
}

/// The schema of `corslint.toml` accepts what the program accepts.
#[test]
fn configuration_schema_is_valid() {
    let schema: Value = serde_json::from_str(&corslint::config::json_schema()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let example = std::fs::read_to_string(crate::project().join("tests/cases/whole.toml")).unwrap();
    let source = corslint::source::Source::new("corslint.toml", example.as_str());
    corslint::config::Project::parse(source, std::path::PathBuf::new()).unwrap();
    let mut value: Value = toml::from_str(&example).unwrap();
    // TOML's dates are an object to serde_json; an editor sees a string.
    value["exception"][0]["until"] = "2027-06-30".into();
    let errors: Vec<_> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let lints = &schema["definitions"]["Lints"]["properties"];
    for lint in corslint::lints::LINTS {
        assert_eq!(lints[lint.name]["description"], lint.summary());
    }
    for broken in [
        "fail-on",
        "lints",
        "exclude",
        "allowed",
        "override",
        "exception",
    ] {
        let mut value = value.clone();
        value[broken] = 7.into();
        assert!(!validator.is_valid(&value), "{broken}");
    }
}

/// The schema of DigitalOcean's bucket is the one for S3 in Terraform without the keys that it lacks.
#[test]
fn spaces_schema_is_derived() {
    derive(
        "s3-terraform",
        "s3-terraform-spaces.json",
        &[
            (
                "cors_rule of an S3 bucket in Terraform",
                "cors_rule of a digitalocean_spaces_bucket in Terraform",
            ),
            ("        \"id\": { \"$ref\": \"#/$defs/id\" },\n", ""),
            (
                "        \"expose_headers\": { \"$ref\": \"#/$defs/exposedHeaders\" },\n",
                "",
            ),
            (
                "the keys of a rule are allowed_origins, allowed_methods, allowed_headers, expose_headers, max_age_seconds and id",
                "the keys of a rule are allowed_origins, allowed_methods, allowed_headers and max_age_seconds",
            ),
        ],
    );
}

/// The schema for Ansible is the one for the S3 console with other names and without an ID.
#[test]
fn ansible_schema_is_derived() {
    derive(
        "s3-console",
        "s3-ansible.json",
        &[
            ("        \"ID\": { \"$ref\": \"#/$defs/id\" },\n", ""),
            (
                "the keys of a rule are AllowedOrigins, AllowedMethods, AllowedHeaders, ExposeHeaders, MaxAgeSeconds and ID",
                "the keys of a rule are AllowedOrigins, AllowedMethods, AllowedHeaders, ExposeHeaders and MaxAgeSeconds",
            ),
            ("ExposeHeaders", "expose_headers"),
            ("MaxAgeSeconds", "max_age_seconds"),
            ("AllowedOrigins", "allowed_origins"),
            ("AllowedMethods", "allowed_methods"),
            ("AllowedHeaders", "allowed_headers"),
            (
                "CORS policy of an S3 bucket, as the S3 console reads it",
                "CORS rules of an S3 bucket in a task of Ansible's s3_cors",
            ),
            (
                "or delete the bucket's policy instead",
                "or set the state to absent",
            ),
        ],
    );
}

/// The schema for Kubernetes is the one for the S3 console with other names.
#[test]
fn kubernetes_schema_is_derived() {
    derive(
        "s3-console",
        "s3-kubernetes.json",
        &[
            ("ExposeHeaders", "exposeHeaders"),
            ("MaxAgeSeconds", "maxAgeSeconds"),
            ("AllowedOrigins", "allowedOrigins"),
            ("AllowedMethods", "allowedMethods"),
            ("AllowedHeaders", "allowedHeaders"),
            ("\"ID\"", "\"id\""),
            ("and ID\"", "and id\""),
            ("an ID ", "an id "),
            (
                "CORS policy of an S3 bucket, as the S3 console reads it",
                "CORS rules of an S3 bucket in a resource of ACK or Crossplane",
            ),
            (
                "or delete the bucket's policy instead",
                "or remove the list",
            ),
        ],
    );
}

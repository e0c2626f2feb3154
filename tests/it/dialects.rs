//! One policy in several dialects gets the same findings at the corresponding places.

use corslint::analyze::analyze;
use corslint::settings::Settings;

/// The rules of a policy, with the keys of S3's API.
const POLICIES: &[&str] = &[
    r#"{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}"#,
    r#"{"AllowedOrigins": ["https://app.acme.io/", "http://www.acme.io"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["https://*acme.io", "https://*.vercel.app", "null"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["https://app.acme.io", "http://localhost:3000"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 100000}"#,
    r#"{"AllowedOrigins": ["https://app.acme.io"], "AllowedMethods": ["GET", "PUT", "POST", "DELETE", "HEAD"], "AllowedHeaders": ["content-type"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["https://app.acme.io"], "AllowedMethods": ["PUT"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["https://app.acme.io"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}"#,
    r#"{"AllowedOrigins": ["https://example.com", "https://your-domain.com"], "AllowedMethods": ["GET"], "AllowedHeaders": ["Host"], "ExposeHeaders": ["Set-Cookie"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["https://a.acme.io", "https://*.acme.io"], "AllowedMethods": ["get", "PATCH"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": [], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": "https://app.acme.io", "AllowedMethods": ["GET"], "ExposeHeaders": ["x-*"], "MaxAgeSeconds": 60}"#,
    r#"{"AllowedOrigins": ["https://App.acme.io"], "AllowedMethods": ["GET"], "Nonsense": 1, "MaxAgeSeconds": 60}"#,
];

/// The lint and the marked text of each finding, with the keys of S3's API.
fn findings(name: &str, text: &str, names: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let analysis = analyze(name, text, &Settings::default());
    assert_eq!(analysis.policies.len(), 1, "{text}");
    let marked = analysis.findings.iter().map(|finding| {
        let marked = analysis.source.text()[finding.span().range()].to_owned();
        let reverse: Vec<_> = names.iter().map(|(api, tool)| (*tool, *api)).collect();
        (finding.lint, with_names(&marked, &reverse))
    });
    marked.collect()
}

const CLOUDFORMATION: &[(&str, &str)] = &[
    ("ExposeHeaders", "ExposedHeaders"),
    ("\"MaxAgeSeconds\"", "\"MaxAge\""),
];

const TERRAFORM: &[(&str, &str)] = &[
    ("AllowedOrigins", "allowed_origins"),
    ("AllowedMethods", "allowed_methods"),
    ("AllowedHeaders", "allowed_headers"),
    ("ExposeHeaders", "expose_headers"),
    ("MaxAgeSeconds", "max_age_seconds"),
];

/// Writes the keys of S3's API as a tool does.
fn with_names(text: &str, names: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (api, tool) in names {
        text = text.replace(api, tool);
    }
    text
}

#[test]
fn findings_do_not_depend_on_the_dialect() {
    let mut lints = std::collections::BTreeSet::new();
    for rule in POLICIES {
        let console = findings("cors.json", &format!("[{rule}]"), &[]);
        assert!(!console.is_empty(), "{rule}");
        let cli = findings("cors.json", &format!("{{\"CORSRules\": [{rule}]}}"), &[]);
        assert_eq!(cli, console, "{rule}");
        let template = format!(
            "{{\"Resources\": {{\"Photos\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": \
             {{\"CorsConfiguration\": {{\"CorsRules\": [{}]}}}}}}}}}}",
            with_names(rule, CLOUDFORMATION)
        );
        assert_eq!(
            findings("template.json", &template, CLOUDFORMATION),
            console,
            "{rule}"
        );
        for kind in ["aws_s3_bucket", "aws_s3_bucket_cors_configuration"] {
            let rule = with_names(rule, TERRAFORM);
            let text = format!(
                "{{\"resource\": {{\"{kind}\": {{\"photos\": {{\"cors_rule\": [{rule}]}}}}}}}}"
            );
            assert_eq!(
                findings("main.tf.json", &text, TERRAFORM),
                console,
                "{text}"
            );
            let text = format!(
                "{{\"format_version\": \"1.2\", \"planned_values\": {{\"root_module\": {{\"resources\": [{{\"address\": \
                 \"{kind}.photos\", \"type\": \"{kind}\", \"values\": {{\"cors_rule\": [{rule}]}}}}]}}}}}}"
            );
            assert_eq!(findings("plan.json", &text, TERRAFORM), console, "{text}");
        }
        lints.extend(console.iter().map(|(lint, _)| *lint));
    }
    assert!(lints.len() > 14, "{lints:?}");
}

/// The elements of S3's XML for the keys of its JSON.
const XML: &[(&str, &str)] = &[
    ("AllowedOrigins", "AllowedOrigin"),
    ("AllowedMethods", "AllowedMethod"),
    ("AllowedHeaders", "AllowedHeader"),
    ("ExposeHeaders", "ExposeHeader"),
];

/// Writes a rule in S3's XML. `None` if it has no such form: XML has no empty lists, and no lists of one string.
fn in_xml(rule: &str) -> Option<String> {
    let rule: serde_json::Value = serde_json::from_str(rule).unwrap();
    let mut elements = String::new();
    for (key, value) in rule.as_object().unwrap() {
        let element = with_names(key, XML);
        let values = match value {
            serde_json::Value::Array(items) if items.is_empty() => return None,
            serde_json::Value::Array(items) => items.clone(),
            serde_json::Value::String(_) => return None,
            other => vec![other.clone()],
        };
        for value in values {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            elements.push_str(&format!("<{element}>{text}</{element}>"));
        }
    }
    Some(format!(
        "<CORSConfiguration><CORSRule>{elements}</CORSRule></CORSConfiguration>"
    ))
}

/// What is marked without quotes, brackets and tags.
fn plain(marked: &str) -> String {
    let mut text = String::new();
    for part in marked.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text.replace(['[', ']', '{', '}', '"', ',', ' '], "")
}

#[test]
fn xml_gets_the_findings_of_json() {
    let mut compared = 0;
    for rule in POLICIES {
        let Some(text) = in_xml(rule) else {
            continue;
        };
        compared += 1;
        let marked = |name: &str, text: &str, names: &[(&str, &str)]| {
            let mut found: Vec<_> = findings(name, text, names)
                .into_iter()
                .map(|(lint, marked)| (lint, plain(&marked)))
                .collect();
            // The members of an object have no order here.
            found.sort();
            found
        };
        let json = marked("cors.json", &format!("[{rule}]"), &[]);
        assert_eq!(marked("cors.xml", &text, &[]), json, "{text}");
    }
    assert!(compared > 10, "{compared}");
}

/// CloudFormation in YAML, in blocks and in brackets, gets the findings of CloudFormation in JSON.
#[test]
fn yaml_gets_the_findings_of_json() {
    let mut compared = 0;
    for rule in POLICIES {
        let rule = with_names(rule, CLOUDFORMATION);
        let json = format!(
            "{{\"Resources\": {{\"Photos\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": \
             {{\"CorsConfiguration\": {{\"CorsRules\": [{rule}]}}}}}}}}}}"
        );
        let before = "Resources:\n  Photos:\n    Type: AWS::S3::Bucket\n    Properties:\n      CorsConfiguration:\n        CorsRules:\n";
        let flow = format!("{before}          - {rule}\n");
        let value: serde_json::Value = serde_json::from_str(&rule).unwrap();
        let mut block = before.to_owned();
        let mut start = "          - ";
        for (key, value) in value.as_object().unwrap() {
            block.push_str(&format!("{start}{key}:"));
            start = "            ";
            match value.as_array() {
                Some(items) if !items.is_empty() => {
                    block.push('\n');
                    for item in items {
                        block.push_str(&format!("              - {item}\n"));
                    }
                }
                _ => block.push_str(&format!(" {value}\n")),
            }
        }
        let found = |name: &str, text: &str| {
            let mut found: Vec<_> = findings(name, text, CLOUDFORMATION)
                .into_iter()
                // Lists in blocks have no brackets.
                .map(|(lint, marked)| (lint, plain(&marked).replace(['-', '\n'], "")))
                .map(|(lint, marked)| {
                    (
                        lint,
                        if marked.contains("://") {
                            marked
                        } else {
                            String::new()
                        },
                    )
                })
                .collect();
            found.sort();
            found
        };
        let expected = found("template.json", &json);
        assert_eq!(found("template.yaml", &flow), expected, "{flow}");
        assert_eq!(found("template.yaml", &block), expected, "{block}");
        compared += 1;
    }
    assert_eq!(compared, POLICIES.len());
}

/// Terraform's own language gets the findings of its JSON.
#[test]
fn hcl_gets_the_findings_of_json() {
    for kind in ["aws_s3_bucket", "aws_s3_bucket_cors_configuration"] {
        for rule in POLICIES {
            let rule = with_names(rule, TERRAFORM);
            let json = format!(
                "{{\"resource\": {{\"{kind}\": {{\"photos\": {{\"cors_rule\": [{rule}]}}}}}}}}"
            );
            let value: serde_json::Value = serde_json::from_str(&rule).unwrap();
            let members = value.as_object().unwrap().iter();
            let lines: String = members
                .map(|(key, value)| format!("    {key} = {value}\n"))
                .collect();
            let hcl =
                format!("resource \"{kind}\" \"photos\" {{\n  cors_rule {{\n{lines}  }}\n}}\n");
            let found = |name: &str, text: &str| {
                let mut found: Vec<_> = findings(name, text, TERRAFORM)
                    .into_iter()
                    .map(|(lint, marked)| (lint, plain(&marked).replace("cors_rule", "")))
                    .collect();
                found.sort();
                found
            };
            assert_eq!(
                found("main.tf", &hcl),
                found("main.tf.json", &json),
                "{hcl}"
            );
        }
    }
}

/// Where XML differs: a list can't be empty, and elements can't be one string.
#[test]
fn missing_elements_are_reported() {
    let text = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
    let found = findings("cors.xml", text, &[]);
    assert_eq!(found, [("schema-violation", "<CORSRule>".to_owned())]);
}

/// Where CloudFormation differs: it rejects duplicates, accepts numbers in quotes, and writes 0 without a max age.
#[test]
fn cloudformation_differs_in_three_ways() {
    let template = |rule: &str| {
        format!(
            "{{\"Resources\": {{\"Photos\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": \
             {{\"CorsConfiguration\": {{\"CorsRules\": [{rule}]}}}}}}}}}}"
        )
    };
    let messages = |rule: &str| {
        let analysis = analyze("template.json", template(rule), &Settings::default());
        let findings = analysis.findings.iter();
        findings
            .map(|finding| format!("{}: {}", finding.lint, finding.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        messages(
            r#"{"AllowedOrigins": ["https://a.acme.io", "https://a.acme.io"], "AllowedMethods": ["GET"]}"#
        ),
        [
            "schema-violation: duplicate https://a.acme.io in AllowedOrigins: CloudFormation rejects it"
        ]
    );
    let quoted = r#"{"AllowedOrigins": ["https://a.acme.io"], "AllowedMethods": ["DELETE"], "MaxAge": "600"}"#;
    assert_eq!(messages(quoted), Vec::<String>::new());
    assert_eq!(
        messages(
            r#"{"AllowedOrigins": ["https://a.acme.io"], "AllowedMethods": ["DELETE"], "MaxAge": "long"}"#
        ),
        ["schema-violation: MaxAge must be a whole number of seconds"]
    );
    assert_eq!(
        messages(r#"{"AllowedOrigins": ["https://a.acme.io"], "AllowedMethods": ["DELETE"]}"#),
        [
            "missing-max-age: missing MaxAge: CloudFormation writes 0, so browsers do not cache the preflight"
        ]
    );
}

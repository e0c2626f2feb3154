//! What S3 decides and rejects, as it was recorded.

use std::fs;

use corslint::analyze::analyze;
use corslint::fetch::{is_forbidden_header, is_safelisted_header};
use corslint::level::Severity;
use corslint::matching::{Decision, Fact, Request, evaluate};
use corslint::origin::why_not_sent;
use corslint::settings::Settings;
use serde_json::{Value, json};

/// Cases without a policy: the bucket has none, or does not exist.
const WITHOUT_POLICY: &[&str] = &[
    "ls-nobucket-opt-noorigin",
    "ls-nobucket-opt-origin",
    "ls-noconf-get-origin",
    "ls-noconf-opt-noorigin",
    "ls-noconf-opt-origin",
    "ls-noconf-opt-origin-acrm",
    "s3t-presigned-noheaders",
];

fn data() -> Value {
    serde_json::from_str(include_str!("../data/s3-conformance.json")).unwrap()
}

/// The decision of `matching`, in the form of the recorded responses.
fn evaluated(rules: &Value, request: &Value) -> Value {
    let text = json!({ "CORSRules": rules }).to_string();
    let analysis = analyze("cors.json", text.as_str(), &Settings::default());
    let policy = &analysis.policies[0].policy;
    let header = |name: &str| request["headers"][name].as_str();
    let request = Request {
        origin: header("Origin"),
        method: request["method"].as_str().unwrap(),
        request_method: header("Access-Control-Request-Method"),
        request_headers: header("Access-Control-Request-Headers"),
    };
    let Decision::Allowed(response) = evaluate(policy, &request) else {
        return json!({ "cors": false });
    };
    let known = |fact: &Fact<String>| match fact {
        Fact::Known(value) => json!(value),
        Fact::Unknown(_) => json!("unknown"),
    };
    let joined = |list: Fact<Vec<String>>| match list {
        Fact::Known(list) => (!list.is_empty()).then(|| list.join(", ")),
        Fact::Unknown(_) => panic!("everything is known in {text}"),
    };
    let (Fact::Known(credentials), Fact::Known(max_age)) =
        (response.allow_credentials, response.max_age)
    else {
        panic!("everything is known in {text}");
    };
    json!({
        "cors": true,
        "Access-Control-Allow-Origin": known(&response.allow_origin),
        "Access-Control-Allow-Credentials": credentials.then_some("true"),
        "Access-Control-Allow-Methods": joined(response.allow_methods),
        "Access-Control-Allow-Headers": joined(response.allow_headers),
        "Access-Control-Expose-Headers": joined(response.expose_headers),
        "Access-Control-Max-Age": max_age.map(|seconds| seconds.to_string()),
    })
}

#[test]
fn requests_match_recorded_s3_decisions() {
    let data = data();
    let mut compared = 0;
    let mut without_policy = Vec::new();
    for case in data["evaluation"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if !case["rules"].is_array() {
            without_policy.push(id);
            continue;
        }
        let ours = evaluated(&case["rules"], &case["request"]);
        for (key, wanted) in case["expect"].as_object().unwrap() {
            if let Some(found) = ours.get(key) {
                assert_eq!(found, wanted, "{id}: {key}");
            } else {
                let is_ours = key.starts_with("Access-Control-") || key == "cors";
                assert!(!is_ours || ours["cors"] == false, "{id}: {key}");
            }
        }
        compared += 1;
    }
    without_policy.sort_unstable();
    assert_eq!(without_policy, WITHOUT_POLICY);
    assert_eq!(compared, 106 - WITHOUT_POLICY.len());
}

#[test]
fn rejected_policies_match_s3() {
    let data = data();
    let mut compared = 0;
    for case in data["validation"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if ["impl-only", "conflict"].contains(&case["tier"].as_str().unwrap()) {
            continue;
        }
        let rules = if id == "v-101-rules" {
            let rule = json!({"AllowedOrigins": ["https://a.io"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 9});
            json!(vec![rule; 101])
        } else {
            case["rules"].clone()
        };
        assert!(rules.is_array(), "{id}");
        let text = json!({ "CORSRules": rules }).to_string();
        let checked = analyze("cors.json", text, &Settings::default());
        assert!(checked.is_policy(), "{id}");
        if case["result"] == "ok" {
            let refused = checked.findings.iter();
            let refused: Vec<_> = refused.filter(|f| f.lint == "schema-violation").collect();
            assert!(refused.is_empty(), "{id}: S3 takes it: {refused:?}");
        } else {
            let errors = checked.findings.iter();
            let violations = errors
                .filter(|f| f.lint == "schema-violation" && f.severity == Severity::Error)
                .count();
            assert!(violations > 0, "{id}: S3 refuses it");
        }
        compared += 1;
    }
    assert_eq!(compared, 16);
}

/// The same requests on the command line: a page sends an origin, a method and headers.
#[test]
fn test_command_matches_recorded_s3_decisions() {
    let data = data();
    let folder = tempfile::tempdir().unwrap();
    let (mut compared, mut never_sent, mut without) = (0, 0, Vec::new());
    for case in data["evaluation"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let header = |name: &str| case["request"]["headers"][name].as_str();
        let actual = case["request"]["method"]
            .as_str()
            .filter(|m| *m != "OPTIONS");
        let method = header("Access-Control-Request-Method").or(actual);
        let (Some(origin), Some(method), true) =
            (header("Origin"), method, case["rules"].is_array())
        else {
            without.push(id);
            continue;
        };
        let policy = folder.path().join("cors.json");
        fs::write(&policy, json!({ "CORSRules": case["rules"] }).to_string()).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_corslint"));
        command
            .arg("test")
            .arg(&policy)
            .args(["--origin", origin, "--method", method]);
        let headers = header("Access-Control-Request-Headers").unwrap_or_default();
        // No browser asks for these, so the command leaves them out.
        let is_asked_for = |name: &str| {
            let name = name.trim().to_ascii_lowercase();
            !is_forbidden_header(&name) && !is_safelisted_header(&name)
        };
        if !headers.split(',').all(is_asked_for) {
            without.push(id);
            continue;
        }
        for name in headers.split(',').filter(|_| !headers.is_empty()) {
            command.args(["--header", name.trim()]);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // The decision of S3 for these is compared in the library; the command says that no browser sends them.
        if why_not_sent(origin).is_some() {
            assert_eq!(output.status.code(), Some(1), "{id}: {text}");
            assert!(
                text.starts_with("refused: no browser sends "),
                "{id}: {text}"
            );
            never_sent += 1;
            continue;
        }
        let is_allowed = case["expect"]["cors"] == true;
        assert_eq!(
            output.status.code(),
            Some(i32::from(!is_allowed)),
            "{id}: {text}"
        );
        for (key, value) in case["expect"].as_object().unwrap() {
            match value.as_str() {
                Some(value) if is_allowed && key.starts_with("Access-Control-") => {
                    assert!(
                        text.contains(&format!("  {key}: {value}\n")),
                        "{id}: {text}"
                    );
                }
                None if key.starts_with("Access-Control-") => {
                    assert!(!text.contains(&format!("  {key}:")), "{id}: {text}");
                }
                _ => {}
            }
        }
        if !is_allowed {
            let rules = case["rules"].as_array().unwrap().len();
            let named = text.matches("origin does not match").count()
                + text.matches(&format!("{method} is not one of")).count()
                + text.matches("is not allowed (allowed:").count();
            assert_eq!(named, rules, "{id}: {text}");
        }
        compared += 1;
    }
    // Without a policy, without an origin, a preflight without a method, or with headers that no browser sends.
    assert_eq!(without.len(), 16, "{without:?}");
    assert_eq!((compared, never_sent), (50, 40));
}

//! Generated inputs of the benchmarks: policies, and directories that contain them.

// Each benchmark uses a part of these.
#![allow(dead_code)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A policy as in a tutorial, such as a pre-commit hook checks.
pub(crate) const ONE: &str = r#"{
  "CORSRules": [
    {
      "AllowedHeaders": ["*"],
      "AllowedMethods": ["GET", "HEAD", "PUT", "POST", "DELETE"],
      "AllowedOrigins": ["https://app.acme.io", "https://*.acme.io", "http://localhost:3000"],
      "ExposeHeaders": ["ETag", "x-amz-request-id"]
    },
    {
      "AllowedMethods": ["GET"],
      "AllowedOrigins": ["*"],
      "MaxAgeSeconds": 3000
    }
  ]
}
"#;

/// A policy of many rules, each with problems.
pub(crate) fn rules(number: usize) -> String {
    let mut text = "[\n".to_owned();
    for rule in 0..number {
        let comma = if rule + 1 < number { "," } else { "" };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            text,
            r#"  {{
    "ID": "rule-{rule}",
    "AllowedOrigins": ["https://app{rule}.acme{}.io", "http://localhost:{}", "https://www.acme.io/"],
    "AllowedMethods": ["GET", "PUT", "get"],
    "AllowedHeaders": ["*", "x-amz-date"],
    "ExposeHeaders": ["ETag", "Content-Length"]
  }}{comma}"#,
            rule % 7,
            3000 + rule % 1000,
        );
    }
    text.push_str("]\n");
    text
}

/// A policy of one rule with many origins: names, patterns, and some that are covered or duplicates.
pub(crate) fn origins(number: usize) -> String {
    let origins = (0..number).map(|origin| match origin % 5 {
        0 => format!("\"https://*.shop{origin}.acme.io\""),
        1 => format!("\"https://a.shop{}.acme.io\"", origin - 1),
        2 => format!("\"https://app{origin}.acme.io\""),
        3 => format!("\"https://app{origin}-*.acme.io\""),
        _ => format!("\"https://app{}.acme.io\"", origin - 2),
    });
    let origins = origins.collect::<Vec<_>>().join(",\n    ");
    format!(
        "[{{\n  \"AllowedMethods\": [\"GET\"],\n  \"AllowedOrigins\": [\n    {origins}\n  ],\n  \"MaxAgeSeconds\": 600\n}}]\n"
    )
}

/// A policy on one line, with many findings that are not merged: each rule has one of its own. `letter` is part
/// of an origin.
pub(crate) fn one_line(letter: &str, rules: usize) -> String {
    let rules = (0..rules).map(|rule| {
        format!(
            r#"{{"AllowedOrigins":["https://{letter}.acme.io","https://app{rule}.acme.io/"],"AllowedMethods":["GET"],"MaxAgeSeconds":9}}"#
        )
    });
    format!("[{}]", rules.collect::<Vec<_>>().join(","))
}

/// A policy on one line, half of whose origins are duplicates.
pub(crate) fn one_line_of_duplicates(origins: usize) -> String {
    let origins = (0..origins).map(|origin| format!("\"https://app{}.acme.io\"", origin / 2));
    let origins = origins.collect::<Vec<_>>().join(",");
    format!(r#"[{{"AllowedOrigins":[{origins}],"AllowedMethods":["GET"],"MaxAgeSeconds":9}}]"#)
}

/// A rule with many keys that S3 does not know.
pub(crate) fn unknown_keys(number: usize) -> String {
    let keys =
        (0..number).map(|key| format!("\"AllowedOrigin{key:07}x\":[\"https://app.acme.io\"]"));
    let keys = keys.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"CORSRules":[{{"AllowedOrigins":["https://app.acme.io"],"AllowedMethods":["GET"],{keys}}}]}}"#
    )
}

/// Files with one policy each.
pub(crate) fn policies(folder: &Path, number: usize) {
    for file in 0..number {
        let path = folder.join(format!("policy{file}.json"));
        let text = rules(1 + file % 8);
        fs::write(path, text).expect("a temporary directory can be written to");
    }
}

/// A repository: directories of other files, with a few policies.
pub(crate) fn repository(folder: &Path, files: usize) {
    for file in 0..files {
        let below = folder.join(format!("package{}/src{}", file % 40, file % 7));
        fs::create_dir_all(&below).expect("a temporary directory can be written to");
        let (name, text) = match file % 50 {
            0 => (format!("cors{file}.json"), ONE.to_owned()),
            1..15 => (
                format!("data{file}.json"),
                "{\"name\": \"data\", \"values\": [1, 2, 3]}\n".repeat(20),
            ),
            _ => (format!("code{file}.rs"), "fn main() {}\n".repeat(40)),
        };
        fs::write(below.join(name), text).expect("a temporary directory can be written to");
    }
}

/// S3's XML with that many rules, whose uploads lack headers.
pub(crate) fn xml(rules: usize) -> String {
    let rule = |rule: usize| {
        format!(
            "  <CORSRule>\n    <AllowedOrigin>https://a{rule}.acme.io/</AllowedOrigin>\n    \
             <AllowedMethod>PUT</AllowedMethod>\n    <AllowedOrigin>http://b{rule}.io</AllowedOrigin>\n  </CORSRule>\n"
        )
    };
    let rules: String = (0..rules).map(rule).collect();
    format!("<CORSConfiguration>\n{rules}</CORSConfiguration>\n")
}

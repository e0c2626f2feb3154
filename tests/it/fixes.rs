//! Fixes that can be trusted.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use corslint::analyze::{Analysis, analyze};
use corslint::finding::{Finding, Safety};
use corslint::fix;
use corslint::matching::{Decision, Fact, Request, evaluate};
use corslint::settings::Settings;
use corslint::write::replace_if_unchanged;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::{corpus, own_policies, skipped};

fn corslint(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_corslint"))
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A copy of all policies.
fn copy_of_policies() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for source in [Some(own_policies()), corpus()].into_iter().flatten() {
        for entry in walkdir::WalkDir::new(&source) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let copy = folder
                    .path()
                    .join(entry.path().strip_prefix(&source).unwrap());
                fs::create_dir_all(copy.parent().unwrap()).unwrap();
                fs::write(copy, fs::read(entry.path()).unwrap()).unwrap();
            }
        }
    }
    folder
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn second_fix_changes_nothing() {
    let folder = copy_of_policies();
    let path = folder.path();
    let list = || text(&corslint(path, &["--list-files"]).stdout);
    let listed = list();
    corslint(path, &["--fix", "--unsafe-fixes"]);
    let once = contents(path);
    let again = corslint(path, &["--fix", "--unsafe-fixes"]);
    assert!(
        !text(&again.stderr).contains("fixed"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(contents(path), once);
    assert_eq!(list(), listed);
}

#[test]
fn diff_matches_what_fix_writes() {
    let folder = copy_of_policies();
    let other = copy_of_policies();
    // A name and a text that diffs find hard.
    for folder in [&folder, &other] {
        let name = match cfg!(windows) {
            true => "a b é.json",
            false => "a \"b\" é\t.json",
        };
        let name = folder.path().join(name);
        fs::write(
            name,
            "[{\"AllowedOrigins\":[\"https://a.io/\"],\r\n\"AllowedMethods\":[\"GET\"]}]\r",
        )
        .unwrap();
    }
    let before = contents(folder.path());
    let diff = corslint(folder.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!(diff.status.code(), Some(1));
    assert_eq!(contents(folder.path()), before, "--diff writes nothing");
    for program in [
        &["git", "apply", "-"][..],
        &["patch", "-p1", "-s", "--binary"],
    ] {
        let target = copy_of_policies();
        fs::write(
            target.path().join("a \"b\" é\t.json"),
            &before
                .iter()
                .find(|(path, _)| path.ends_with("a \"b\" é\t.json"))
                .unwrap()
                .1,
        )
        .unwrap();
        let child = Command::new(program[0])
            .args(&program[1..])
            .current_dir(target.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            skipped(&format!("{} is not installed", program[0]));
            continue;
        };
        child.stdin.take().unwrap().write_all(&diff.stdout).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{program:?}: {}",
            text(&output.stderr)
        );
        corslint(other.path(), &["--fix", "--unsafe-fixes"]);
        let strip = |folder: &Path| {
            let all = contents(folder).into_iter();
            let all =
                all.map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_owned(), bytes));
            all.collect::<Vec<_>>()
        };
        assert_eq!(strip(target.path()), strip(other.path()), "{program:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn diff_names_a_file_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.json");
    fs::write(folder.path().join(name), BAD).unwrap();
    let diff = corslint(folder.path(), &["--diff"]);
    let shown = text(&diff.stdout);
    assert!(shown.starts_with("--- \"a/a\\377.json\"\n"), "{shown}");
    let child = Command::new("git")
        .args(["apply", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        skipped("git is not installed");
        return;
    };
    child.stdin.take().unwrap().write_all(&diff.stdout).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), GOOD);
}

const BAD: &str = "[{\"AllowedOrigins\": [\"https://a.io\"], \"AllowedMethods\": [\"DELETE\"]}]\n";
const GOOD: &str = "[{\"AllowedOrigins\": [\"https://a.io\"], \"AllowedMethods\": [\"DELETE\"], \"MaxAgeSeconds\": 3600}]\n";

#[test]
fn fix_prints_standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corslint"))
        .args(["check", "--fix", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(BAD.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), GOOD);
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn fix_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("real")).unwrap();
    let real = path.join("real/cors.json");
    fs::write(&real, BAD).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real/cors.json", path.join("link.json")).unwrap();
    let output = corslint(path, &["--fix", "link.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(&real).unwrap(), GOOD);
    assert!(
        path.join("link.json")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert_eq!(
        fs::read_dir(path.join("real")).unwrap().count(),
        1,
        "nothing is left over"
    );
}

#[cfg(unix)]
#[test]
fn fix_reports_a_read_only_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in ["a.json", "b.json"] {
        fs::write(path.join(name), BAD).unwrap();
    }
    fs::set_permissions(path.join("a.json"), fs::Permissions::from_mode(0o444)).unwrap();
    let output = corslint(path, &["--fix"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.starts_with("error: a.json: not fixed: permission denied\n"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(path.join("a.json")).unwrap(), BAD);
    assert_eq!(fs::read_to_string(path.join("b.json")).unwrap(), GOOD);
}

#[test]
fn fix_leaves_a_file_that_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cors.json");
    fs::write(&path, "new").unwrap();
    let error = replace_if_unchanged(&path, b"old", b"fixed").unwrap_err();
    assert_eq!(error.to_string(), "the file changed since it was read");
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Killed at many moments, every file is the old or the new one.
#[cfg(unix)]
#[test]
fn killed_fix_leaves_files_whole() {
    let mut killed_in_between = 0;
    for round in 0..30u64 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for number in 0..200 {
            fs::write(path.join(format!("{number}.json")), BAD).unwrap();
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(["check", "--fix", "-q"])
            .current_dir(path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(10 + 7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let (mut old, mut new) = (0, 0);
        for number in 0..200 {
            let text = fs::read_to_string(path.join(format!("{number}.json"))).unwrap();
            match text.as_str() {
                BAD => old += 1,
                GOOD => new += 1,
                other => panic!("neither old nor new: {other:?}"),
            }
        }
        killed_in_between += usize::from(old > 0 && new > 0);
    }
    eprintln!("killed in the middle of the work: {killed_in_between} of 30 times");
}

/// How a generated policy is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    line_break: &'static str,
    indentation: &'static str,
    colon: &'static str,
    comma: &'static str,
    trailing_comma: bool,
    one_line_lists: bool,
    mark: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Spec {
    origins: Vec<&'static str>,
    methods: Vec<&'static str>,
    headers: Vec<&'static str>,
    max_age: Option<u32>,
}

pub(crate) fn style() -> impl Strategy<Value = Style> {
    (
        select(vec!["\n", "\r\n", ""]),
        select(vec!["  ", "    ", "\t"]),
        select(vec![": ", ":", " : "]),
        select(vec![", ", ",", " , "]),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(line_break, indentation, colon, comma, trailing_comma, one_line_lists, mark)| Style {
                line_break,
                indentation,
                colon,
                comma,
                trailing_comma,
                one_line_lists,
                mark,
            },
        )
}

pub(crate) fn rules() -> impl Strategy<Value = Vec<Spec>> {
    let origins = vec![
        "https://a.acme.io",
        "https://b.acme.io",
        "https://*.acme.io",
        "https:\\/\\/a.acme.io",
        "*",
        "http://c.io",
        "https://d.io/",
        "http://localhost:3000",
        "https://a.acme.io",
        "https://Acme.io",
        "https://*acme.io",
    ];
    let rule = (
        subsequence(origins, 1..5).prop_shuffle(),
        subsequence(vec!["GET", "PUT", "HEAD", "GET", "put", "OPTIONS"], 1..4),
        subsequence(
            vec![
                "content-type",
                "x-amz-*",
                "x-amz-acl",
                "Content-Type",
                "*",
                "origin",
            ],
            0..4,
        )
        .prop_shuffle(),
        proptest::option::of(1u32..9),
    )
        .prop_map(|(origins, methods, headers, max_age)| Spec {
            origins,
            methods,
            headers,
            max_age,
        });
    proptest::collection::vec(rule, 1..4)
}

/// The number of shapes that `write` knows.
pub(crate) const SHAPES: usize = 15;

/// The policy in a template or in a configuration: CloudFormation, and Terraform's JSON for S3 and GCS.
fn embedded(rules: &[Spec], shape: usize, style: Style) -> String {
    let (base, names, before, after) = match shape {
        5 => (
            1,
            &[("CORSRules", "CorsRules"), ("MaxAgeSeconds", "MaxAge")][..],
            r#"{"Resources": {"Photos": {"Type": "AWS::S3::Bucket", "Properties": {"CorsConfiguration": "#,
            "}}}}",
        ),
        6 => (
            0,
            &[
                ("AllowedOrigins", "allowed_origins"),
                ("AllowedMethods", "allowed_methods"),
                ("AllowedHeaders", "allowed_headers"),
                ("MaxAgeSeconds", "max_age_seconds"),
            ][..],
            r#"{"resource": {"aws_s3_bucket": {"photos": {"cors_rule": "#,
            "}}}}",
        ),
        _ => (
            2,
            &[
                ("responseHeader", "response_header"),
                ("maxAgeSeconds", "max_age_seconds"),
            ][..],
            r#"{"resource": {"google_storage_bucket": {"photos": {"cors": "#,
            "}}}}",
        ),
    };
    let mut inner = write(
        rules,
        base,
        Style {
            mark: false,
            ..style
        },
    );
    for (from, to) in names {
        inner = inner.replace(from, to);
    }
    let mark = if style.mark { "\u{feff}" } else { "" };
    let end = style.line_break;
    format!("{mark}{before}{}{after}{end}", inner.trim_end())
}

/// The policy in the XML of S3 or of GCS. The style decides whether a rule is on one line, and whether its
/// elements are in another order.
fn xml(rules: &[Spec], is_gcs: bool, style: Style) -> String {
    let line = |depth: usize| match style.line_break {
        "" => String::new(),
        line_break => format!("{line_break}{}", style.indentation.repeat(depth)),
    };
    let list = |container: &str, item: &str, values: &[&str]| -> Vec<String> {
        let values = values.iter().map(|value| {
            let value = value.replace("\\/", "&#47;");
            format!("<{item}>{value}</{item}>")
        });
        match is_gcs {
            true => vec![format!(
                "<{container}>{}</{container}>",
                values.collect::<String>()
            )],
            false => values.collect(),
        }
    };
    let rule = |rule: &Spec| {
        let (origin, method, header, age, name) = match is_gcs {
            true => ("Origin", "Method", "ResponseHeader", "MaxAgeSec", "Cors"),
            false => (
                "AllowedOrigin",
                "AllowedMethod",
                "AllowedHeader",
                "MaxAgeSeconds",
                "CORSRule",
            ),
        };
        let mut elements = list("Origins", origin, &rule.origins);
        elements.extend(list("Methods", method, &rule.methods));
        elements.extend(list("ResponseHeaders", header, &rule.headers));
        elements.extend(
            rule.max_age
                .map(|number| format!("<{age}>{number}</{age}>")),
        );
        if style.trailing_comma {
            // Elements of one list between those of another.
            let half = elements.split_off(elements.len() / 2);
            let mut half = half.into_iter();
            let mut mixed = Vec::new();
            for element in elements {
                mixed.push(element);
                mixed.extend(half.next());
            }
            mixed.extend(half);
            elements = mixed;
        }
        let depth = if style.one_line_lists { 1 } else { 2 };
        let pad = if style.one_line_lists {
            String::new()
        } else {
            line(depth)
        };
        let elements: String = elements
            .iter()
            .map(|element| format!("{pad}{element}"))
            .collect();
        let end = if style.one_line_lists {
            String::new()
        } else {
            line(1)
        };
        format!("{}<{name}>{elements}{end}</{name}>", line(1))
    };
    let (mark, end) = (if style.mark { "\u{feff}" } else { "" }, style.line_break);
    let root = if is_gcs {
        "CorsConfig"
    } else {
        "CORSConfiguration"
    };
    let rules: String = rules.iter().map(rule).collect();
    format!("{mark}<{root}>{rules}{}</{root}>{end}", line(0))
}

/// The policy in YAML: in a CloudFormation template, in a resource of Kubernetes, and by itself for GCS. The style
/// decides how strings are quoted, and whether lists are in brackets.
fn yaml(rules: &[Spec], shape: usize, style: Style) -> String {
    let line_break = if style.line_break.is_empty() {
        "\n"
    } else {
        style.line_break
    };
    let (origins, methods, headers, age) = match shape {
        10 => (
            "AllowedOrigins",
            "AllowedMethods",
            "AllowedHeaders",
            "MaxAge",
        ),
        11 => (
            "allowedOrigins",
            "allowedMethods",
            "allowedHeaders",
            "maxAgeSeconds",
        ),
        _ => ("origin", "method", "responseHeader", "maxAgeSeconds"),
    };
    let quote = |value: &str| match style.colon {
        _ if value.contains('\\') => format!("\"{value}\""),
        ": " if !value.starts_with('*') => value.to_owned(),
        ":" => format!("'{value}'"),
        _ => format!("\"{value}\""),
    };
    let (before, depth) = match shape {
        10 => (
            "Resources:\n  Photos:\n    Type: AWS::S3::Bucket\n    Properties:\n      CorsConfiguration:\n        CorsRules:\n",
            if style.trailing_comma {
                "        "
            } else {
                "          "
            },
        ),
        11 => (
            "apiVersion: s3.services.k8s.aws/v1alpha1\nkind: Bucket\nmetadata:\n  name: photos\nspec:\n  cors:\n    corsRules:\n",
            "    ",
        ),
        _ => ("", ""),
    };
    let mut text = before.to_owned();
    for rule in rules {
        let mut start = format!("{depth}- ");
        let mut list = |text: &mut String, key: &str, values: &[&str]| {
            if values.is_empty() && shape != 12 {
                return;
            }
            let values: Vec<_> = values.iter().map(|value| quote(value)).collect();
            text.push_str(&format!("{start}{key}:"));
            start = format!("{depth}  ");
            if style.one_line_lists || values.is_empty() {
                text.push_str(&format!(" [{}]\n", values.join(", ")));
                return;
            }
            text.push('\n');
            let pad = if style.trailing_comma { "" } else { "  " };
            for value in values {
                text.push_str(&format!("{depth}  {pad}- {value}\n"));
            }
        };
        list(&mut text, origins, &rule.origins);
        list(&mut text, methods, &rule.methods);
        list(&mut text, headers, &rule.headers);
        if let Some(number) = rule.max_age {
            text.push_str(&format!("{depth}  {age}: {number}\n"));
        }
    }
    let mark = if style.mark { "\u{feff}" } else { "" };
    format!("{mark}{}", text.replace('\n', line_break))
}

/// The policy in Terraform's HCL, for S3 and for GCS. The style decides whether lists are on one line.
fn hcl(rules: &[Spec], is_gcs: bool, style: Style) -> String {
    let line_break = if style.line_break.is_empty() {
        "\n"
    } else {
        style.line_break
    };
    let (resource, block, names) = match is_gcs {
        true => (
            "google_storage_bucket",
            "cors",
            ["origin", "method", "response_header", "max_age_seconds"],
        ),
        false => (
            "aws_s3_bucket_cors_configuration",
            "cors_rule",
            [
                "allowed_origins",
                "allowed_methods",
                "allowed_headers",
                "max_age_seconds",
            ],
        ),
    };
    let [origins, methods, headers, age] = names;
    let width = if style.trailing_comma { 15 } else { 0 };
    let mut text = format!("resource \"{resource}\" \"photos\" {{\n  bucket = \"photos\"\n");
    for rule in rules {
        text.push_str(&format!("\n  {block} {{\n"));
        for (key, values) in [
            (origins, &rule.origins),
            (methods, &rule.methods),
            (headers, &rule.headers),
        ] {
            let values: Vec<_> = values
                .iter()
                .map(|value| format!("\"{}\"", value.replace("\\/", "\\u002f")))
                .collect();
            let list = match style.one_line_lists || values.is_empty() {
                true => format!("[{}]", values.join(", ")),
                false => {
                    let end = if style.colon == ":" { "," } else { "" };
                    format!("[\n      {}{end}\n    ]", values.join(",\n      "))
                }
            };
            text.push_str(&format!("    {key:width$} = {list}\n"));
        }
        if let Some(number) = rule.max_age {
            text.push_str(&format!("    {age:width$} = {number}\n"));
        }
        text.push_str("  }\n");
    }
    text.push_str("}\n");
    let mark = if style.mark { "\u{feff}" } else { "" };
    format!("{mark}{}", text.replace('\n', line_break))
}

/// A name for a generated policy, with the extension of its syntax.
pub(crate) fn name_of(text: &str) -> &'static str {
    match text.trim_start_matches('\u{feff}').chars().next() {
        Some('<') => "cors.xml",
        Some('[' | '{') => "cors.json",
        Some('r') => "cors.tf",
        _ => "cors.yaml",
    }
}

/// The policy in one of the shapes: S3's console and CLI, GCS, R2, B2, embedded, or in XML or YAML.
pub(crate) fn write(rules: &[Spec], shape: usize, style: Style) -> String {
    if shape > 12 {
        return hcl(rules, shape == 14, style);
    }
    if shape > 9 {
        return yaml(rules, shape, style);
    }
    if shape > 7 {
        return xml(rules, shape == 9, style);
    }
    if shape > 4 {
        return embedded(rules, shape, style);
    }
    let s = style;
    let pad = |depth: usize| {
        if s.line_break.is_empty() {
            String::new()
        } else {
            format!("{}{}", s.line_break, s.indentation.repeat(depth))
        }
    };
    let end = if s.trailing_comma { "," } else { "" };
    let block = |open: &str, close: &str, items: Vec<String>, depth: usize, one_line: bool| {
        if items.is_empty() || one_line {
            return format!("{open}{}{close}", items.join(s.comma));
        }
        let items: Vec<_> = items
            .iter()
            .map(|item| format!("{}{item}", pad(depth + 1)))
            .collect();
        format!("{open}{}{end}{}{close}", items.join(","), pad(depth))
    };
    let strings = |values: &[&str], depth| {
        let items = values.iter().map(|value| format!("\"{value}\"")).collect();
        block("[", "]", items, depth, s.one_line_lists)
    };
    let member = |key: &str, value: String| format!("\"{key}\"{}{value}", s.colon);
    let rule = |rule: &Spec, depth: usize| {
        let number = rule.max_age.map(|age| age.to_string());
        let mut members = Vec::new();
        match shape {
            0 | 1 => {
                members.push(member("AllowedOrigins", strings(&rule.origins, depth + 1)));
                members.push(member("AllowedMethods", strings(&rule.methods, depth + 1)));
                members.push(member("AllowedHeaders", strings(&rule.headers, depth + 1)));
                members.extend(number.map(|number| member("MaxAgeSeconds", number)));
            }
            2 => {
                members.push(member("origin", strings(&rule.origins, depth + 1)));
                members.push(member("method", strings(&rule.methods, depth + 1)));
                members.push(member("responseHeader", strings(&rule.headers, depth + 1)));
                members.extend(number.map(|number| member("maxAgeSeconds", number)));
            }
            3 => {
                let inner = vec![
                    member("origins", strings(&rule.origins, depth + 2)),
                    member("methods", strings(&rule.methods, depth + 2)),
                    member("headers", strings(&rule.headers, depth + 2)),
                ];
                members.push(member("allowed", block("{", "}", inner, depth + 1, false)));
                members.extend(number.map(|number| member("maxAgeSeconds", number)));
            }
            _ => {
                let operations: Vec<_> = rule
                    .methods
                    .iter()
                    .map(|method| match *method {
                        "GET" => "s3_get",
                        "PUT" => "s3_put",
                        "HEAD" => "s3_head",
                        other => other,
                    })
                    .collect();
                members.push(member("corsRuleName", "\"generated\"".to_owned()));
                members.push(member("allowedOrigins", strings(&rule.origins, depth + 1)));
                members.push(member("allowedOperations", strings(&operations, depth + 1)));
                members.push(member("allowedHeaders", strings(&rule.headers, depth + 1)));
                members.push(member(
                    "maxAgeSeconds",
                    number.unwrap_or_else(|| "9".to_owned()),
                ));
            }
        }
        block("{", "}", members, depth, false)
    };
    let mark = if s.mark { "\u{feff}" } else { "" };
    let wrapper = match shape {
        1 => Some("CORSRules"),
        3 => Some("rules"),
        _ => None,
    };
    let depth = usize::from(wrapper.is_some());
    let list: Vec<_> = rules.iter().map(|spec| rule(spec, depth + 1)).collect();
    let list = block("[", "]", list, depth, false);
    let body = match wrapper {
        Some(key) => block("{", "}", vec![member(key, list)], 0, false),
        None => list,
    };
    format!("{mark}{body}{}", s.line_break)
}

fn lint(text: &str) -> Analysis {
    analyze(name_of(text), text, &Settings::default())
}

/// One pass over the syntax, or else over everything. What was fixed is gone, and nothing is broken:
/// judged by what the reports say, not by the function that the program itself uses.
fn fixed(text: &str, with_unsafe: bool) -> Option<String> {
    let before = lint(text);
    let is_syntax = |f: &&Finding| f.lint == "syntax-error";
    let findings = || {
        let findings = before.findings.iter();
        findings.filter(|f| fix::is_applicable(f, with_unsafe))
    };
    let only_syntax = findings().any(|f| is_syntax(&f));
    let wanted: Vec<&Finding> = findings()
        .filter(|f| !only_syntax || is_syntax(f))
        .collect();
    let (new, applied) = fix::apply(&before, &wanted)?;
    let after = lint(&new);
    assert_eq!(after.policies.len(), 1, "{text}\n{new}");
    let (old, new_policy) = (&before.policies[0].policy, &after.policies[0].policy);
    assert_eq!(old.rules.len(), new_policy.rules.len(), "{text}\n{new}");
    let key = |f: &Finding| {
        (
            f.lint,
            f.message.clone(),
            f.key.value.clone(),
            f.key.rule_index,
        )
    };
    let count = |of: &Analysis, wanted: &Finding| {
        let same = |f: &&Finding| match wanted.lint {
            "syntax-error" => f.lint == wanted.lint && f.message == wanted.message,
            _ => key(f) == key(wanted),
        };
        of.findings.iter().filter(same).count()
    };
    // A method in another case, once corrected, is what the removed one was: the next pass removes it.
    let is_spelled_twice = |finding: &Finding| {
        let value = finding.key.value.as_deref().unwrap_or_default();
        wanted.iter().any(|other| {
            let spelled = other.key.value.as_deref().unwrap_or_default();
            let is_same_rule = other.key.rule_index == finding.key.rule_index;
            is_same_rule && spelled != value && spelled.eq_ignore_ascii_case(value)
        })
    };
    for index in applied {
        let finding = wanted[index];
        if finding.lint == "unnecessary-method" && is_spelled_twice(finding) {
            continue;
        }
        assert!(
            count(&after, finding) < count(&before, finding),
            "{finding:?}\n{text}\n{new}"
        );
    }
    let broken = |of: &Analysis| of.findings.iter().filter(|f| is_syntax(f)).count();
    assert!(broken(&after) <= broken(&before), "{text}\n{new}");
    Some(new)
}

/// The decisions for many requests, each with its max age apart.
fn decisions(text: &str) -> Vec<(String, Option<i64>)> {
    let analysis = lint(text);
    let policy = &analysis.policies[0].policy;
    let mut decisions = Vec::new();
    for origin in [
        "https://a.acme.io",
        "https://b.acme.io",
        "https://x.y.acme.io",
        "http://c.io",
        "https://d.io",
        "http://localhost:3000",
        "https://acme.io",
        "https://evilacme.io",
    ] {
        for method in ["GET", "PUT", "HEAD"] {
            for headers in ["", "content-type", "x-amz-acl,x-amz-date", "origin"] {
                let request = Request::preflight(origin, method, headers);
                decisions.push(match evaluate(policy, &request) {
                    Decision::Allowed(mut response) => {
                        let Fact::Known(age) = response.max_age else {
                            panic!("it is written as a number");
                        };
                        response.max_age = Fact::Known(None);
                        for list in [
                            &mut response.allow_methods,
                            &mut response.allow_headers,
                            &mut response.expose_headers,
                        ] {
                            if let Fact::Known(list) = list {
                                // Header names are compared without case, methods are in capitals.
                                list.iter_mut()
                                    .for_each(|item| *item = item.to_ascii_lowercase());
                                list.sort();
                                list.dedup();
                            }
                        }
                        (format!("{response:?}"), age)
                    }
                    other => (format!("{other:?}"), None),
                });
            }
        }
    }
    decisions
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn safe_fixes_keep_every_decision(rules in rules(), shape in 0usize..SHAPES, style in style()) {
        let text = write(&rules, shape, style);
        let before = lint(&text);
        prop_assert_eq!(before.policies.len(), 1, "{}", text);
        let mut now = text.clone();
        for _ in 0..fix::MAX_PASSES {
            let Some(next) = fixed(&now, false) else { break };
            now = next;
        }
        prop_assert_eq!(fixed(&now, false), None, "fixing again changes nothing: {}", now);
        for ((then, age), (today, new_age)) in decisions(&text).iter().zip(&decisions(&now)) {
            prop_assert_eq!(then, today, "{}\n{}", text, now);
            prop_assert!(age == new_age || age.is_none(), "{}\n{}", text, now);
        }
        let after = lint(&now);
        prop_assert!(after.findings.iter().all(|f| f.lint != "syntax-error"), "{}\n{}", text, now);
        let left = after.findings.iter().filter(|f| f.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe));
        prop_assert_eq!(left.count(), 0, "{}", now);
        keeps_the_rest(&text)?;
    }

    #[test]
    fn unsafe_fixes_resolve_their_findings(rules in rules(), shape in 0usize..SHAPES, style in style()) {
        let mut now = write(&rules, shape, style);
        for _ in 0..fix::MAX_PASSES {
            let Some(next) = fixed(&now, true) else { break };
            prop_assert_eq!(lint(&next).policies.len(), 1, "{}\n{}", now, next);
            now = next;
        }
        prop_assert_eq!(fixed(&now, true), None, "{}", now);
        prop_assert!(lint(&now).findings.iter().all(|f| f.lint != "syntax-error"), "{}", now);
    }
}

/// Bytes outside of the edits of the fixes stay, and what comes in is JSON of that style.
fn keeps_the_rest(text: &str) -> Result<(), TestCaseError> {
    let Some(new) = fixed(text, false) else {
        return Ok(());
    };
    // Without the added members, the rest is in the same order as before.
    let mut rest = new.clone();
    while let Some(number) = rest.find("3600") {
        let before = rest[..number].to_lowercase();
        if before.ends_with('>') {
            let start = before[..before.rfind('<').unwrap()].trim_end().len();
            let end = number + rest[number..].find('>').unwrap() + 1;
            rest.replace_range(start..end, "");
            continue;
        }
        if ["cors.yaml", "cors.tf"].contains(&name_of(text)) {
            let start = before.rfind(['\n', '\r']).unwrap();
            let start = before[..start].trim_end_matches('\r').len();
            rest.replace_range(start..number + 4, "");
            continue;
        }
        let keys = ["\"maxageseconds\"", "\"maxage\"", "\"max_age_seconds\""];
        let key = keys
            .iter()
            .filter_map(|key| before.rfind(key))
            .max()
            .unwrap();
        let before = rest[..key].trim_end().trim_end_matches(',').len();
        rest.replace_range(before..number + 4, "");
    }
    let mut there = text.chars();
    let is_kept = rest.chars().all(|kept| there.any(|c| c == kept));
    prop_assert!(is_kept, "{}\n{}", text, new);
    let line_breaks = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
    let ((crlf, lf), (new_crlf, new_lf)) = (line_breaks(text), line_breaks(&new));
    prop_assert_eq!(crlf == lf, new_crlf == new_lf, "{}\n{}", text, new);
    // In JSON, a byte order mark is a syntax error with a fix.
    let has_mark = |text: &str| text.starts_with('\u{feff}');
    prop_assert_eq!(
        has_mark(&new),
        name_of(text) != "cors.json" && has_mark(text)
    );
    prop_assert_eq!(text.ends_with('\n'), new.ends_with('\n'));
    Ok(())
}

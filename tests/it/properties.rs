//! For any input: nothing panics, every span is in the text, and two runs report the same.

use corslint::analyze::{Analysis, analyze};
use corslint::report::{FORMATS, Run, Style};
use corslint::settings::Settings;
use proptest::prelude::*;

fn holds(name: &str, bytes: &[u8]) -> Analysis {
    let once = analyze(name, bytes, &Settings::default());
    let twice = analyze(name, bytes, &Settings::default());
    assert_eq!(once.findings, twice.findings);
    assert_eq!(once.document(), twice.document());
    let text = once.source.text();
    for finding in &once.findings {
        for label in &finding.labels {
            assert!(text.get(label.span.range()).is_some(), "{finding:?}");
        }
        assert!(!finding.message.contains('\n'), "{finding:?}");
        // A message may end with a key or a value.
        let marked = &text[finding.span().range()];
        let value = finding.key.value.as_deref().unwrap_or(marked);
        let mut ends = [marked, value].into_iter().filter(|end| !end.is_empty());
        let tail = finding.message.rsplit(": ").next().unwrap_or_default();
        let is_value = ends.any(|end| finding.message.ends_with(end) || end.contains(tail));
        assert!(is_value || !finding.message.ends_with('.'), "{finding:?}");
    }
    once
}

fn renders(analysis: Analysis) {
    let run = Run {
        files: vec![analysis],
        prefix: String::new(),
        repository_root: String::new(),
        accepted: 0,
    };
    for format in FORMATS {
        let text = format.render(&run, Style::default());
        assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
    }
}

/// Pieces that policies are made of, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just("\"AllowedOrigins\"".to_owned()),
        Just("\"AllowedMethods\":[\"GET\",\"PUT\"]".to_owned()),
        Just("\"AllowedHeaders\":[\"*\"]".to_owned()),
        Just("\"MaxAgeSeconds\":3000".to_owned()),
        Just("\"CORSRules\"".to_owned()),
        Just("\"https:\\/\\/\\u00e9.acme.io\"".to_owned()),
        Just("\"\\ud83d\"".to_owned()),
        Just("'*'".to_owned()),
        Just("// c\n".to_owned()),
        Just("/* c".to_owned()),
        Just("“".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("\u{a0}".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("{{ x }}".to_owned()),
        Just("\r\n\t".to_owned()),
        "[ -~]{0,6}",
        any::<char>().prop_map(String::from),
    ]
}

const POLICY: &str = r#"{"CORSRules": [{"AllowedOrigins": ["https://a.io", "*"], "AllowedMethods": ["GET", "PUT"],
 "AllowedHeaders": ["x-é", "*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 30, "ID": "a\u00e9\"b"},
 {"AllowedOrigins": ["https:\/\/a.io"], "AllowedMethods": ["GET"], "MaxAge": 5, "AllowedMethods": []}]}"#;

/// Pieces that XML is made of, right and wrong.
fn xml_piece() -> impl Strategy<Value = String> {
    let pieces = [
        "<CORSRule>",
        "</CORSRule>",
        "<CORSRule/>",
        "<AllowedOrigin>",
        "</AllowedOrigin>",
        "<a b='c'/>",
        "<",
        ">",
        "</",
        "/>",
        "&",
        "&amp;",
        "&#65;",
        "&#0;",
        "&x;",
        "<!--",
        "-->",
        "--",
        "<![CDATA[",
        "]]>",
        "<?xml version=\"1.0\"?>",
        "<?a ?>",
        "<!DOCTYPE a>",
        "\u{feff}",
        "\u{a0}",
        "\u{1}",
        "{{ x }}",
        "\r\n",
        "\"",
        "é",
    ];
    prop_oneof![
        proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,6}",
        any::<char>().prop_map(String::from),
    ]
}

const XML: &str = "<?xml version=\"1.0\"?><s:CORSConfiguration xmlns:s=\"x\"><s:CORSRule><!-- a --><s:AllowedOrigin>
 https://a.io/</s:AllowedOrigin><s:AllowedMethod>PUT</s:AllowedMethod><s:AllowedOrigin><![CDATA[http://b&c.io]]>&#x2f;</s:AllowedOrigin>
 <s:MaxAgeSeconds/><s:ID>é&amp;</s:ID></s:CORSRule><s:CORSRules><AllowedHeaders>x</AllowedHeaders></s:CORSRules></s:CORSConfiguration>";

const YAML: &str = "Resources:\n  A: &a\n    Type: AWS::S3::Bucket\n    Properties:\n      CorsConfiguration:\n        CorsRules:\n
          - AllowedOrigins: [\"https://é.io\", '*', !Sub 'https://${A}/', *.b.io]\n            AllowedMethods:\n              - GET\n              - put # c
            MaxAge: 0x10\n          - <<: *a\n            AllowedOrigins: !If [c, [\"*\"], !Ref AWS::NoValue]\n---\n- origin: |\n    x\n  method: {a: b}\n";

/// Pieces that YAML is made of, right and wrong.
fn yaml_piece() -> impl Strategy<Value = String> {
    let pieces = [
        "- ",
        "-\n",
        ": ",
        ":\n",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        "*",
        "*a",
        "&a ",
        "!Sub ",
        "!If [",
        "]",
        "[",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "\\u00e9",
        "|\n",
        ">-\n",
        "# c\n",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "<<: *a",
        "? ",
        "\u{feff}",
        "\r\n",
        "{{ x }}",
        "AllowedOrigins:",
        "AllowedMethods: [GET]",
    ];
    prop_oneof![
        proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,6}",
        any::<char>().prop_map(String::from),
    ]
}

const HCL: &str = "resource \"aws_s3_bucket_cors_configuration\" \"é\" {\n  cors_rule {\n    allowed_origins = [\"https://é.io/\", \"a\\u00e9$${x}\", \"${y}\", # c
      var.x,\n    ]\n    allowed_methods = concat([\"GET\"], toset([\"put\"]))\n    max_age_seconds = var.a ? 1 : (-2)\n  }\n  dynamic \"cors_rule\" {
    for_each = [for x in y : x]\n    content { allowed_origins = [\"*\"] }\n  }\n  rules = [{ allowed = { \"origins\" : [\"*\"] } }]\n  h = <<-EOT\n    x\n  EOT\n}\n";

/// Pieces that HCL is made of, right and wrong.
fn hcl_piece() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "${",
        "}",
        "$${",
        "%{ if x }",
        "\\u00e9",
        "=",
        ":",
        ",",
        "\n",
        "\r\n",
        "# c\n",
        "/* c */",
        "<<EOT\n",
        "EOT\n",
        "cors_rule {\n",
        "allowed_origins = ",
        "toset(",
        "concat(",
        "? ",
        "null",
        "var.x",
        "\u{feff}",
        "\"*\"",
        "for x in y : x",
    ];
    prop_oneof![
        proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,6}",
        any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_pieces_of_hcl(pieces in proptest::collection::vec(hcl_piece(), 0..40)) {
        let text = format!("resource \"aws_s3_bucket\" \"a\" {{\n  cors_rule {{\n allowed_origins = {}\n }}\n}}\n", pieces.concat());
        renders(holds("x.tf", text.as_bytes()));
    }

    #[test]
    fn mutated_hcl(at in 0..HCL.len(), cut in 0usize..12, with in hcl_piece()) {
        let mut text = HCL.to_owned();
        let start = (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap();
        let end = (start + cut..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
        text.replace_range(start..end, &with);
        renders(holds("x.tf", text.as_bytes()));
    }

    #[test]
    fn random_pieces_of_yaml(pieces in proptest::collection::vec(yaml_piece(), 0..40)) {
        renders(holds("x.yaml", format!("AllowedOrigins:{}", pieces.concat()).as_bytes()));
    }

    #[test]
    fn mutated_yaml(at in 0..YAML.len(), cut in 0usize..12, with in yaml_piece()) {
        let mut text = YAML.to_owned();
        let start = (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap();
        let end = (start + cut..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
        text.replace_range(start..end, &with);
        renders(holds("x.yaml", text.as_bytes()));
    }

    #[test]
    fn random_pieces_of_xml(pieces in proptest::collection::vec(xml_piece(), 0..40)) {
        let text = format!("<CORSConfiguration>{}", pieces.concat());
        renders(holds("x.xml", text.as_bytes()));
    }

    #[test]
    fn mutated_xml(at in 0..XML.len(), cut in 0usize..12, with in xml_piece()) {
        let mut text = XML.to_owned();
        let start = (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap();
        let end = (start + cut..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
        text.replace_range(start..end, &with);
        renders(holds("x.xml", text.as_bytes()));
    }

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        renders(holds("x.json", &bytes));
    }

    #[test]
    fn random_pieces(pieces in proptest::collection::vec(piece(), 0..40), with in any::<bool>()) {
        let mut text = pieces.concat();
        if with {
            text = format!("[{{\"AllowedOrigins\": [], \"AllowedMethods\": {text}");
        }
        renders(holds("x.json", text.as_bytes()));
        renders(holds("x.jsonc", text.as_bytes()));
    }

    #[test]
    fn mutated_policies(at in 0..POLICY.len(), cut in 0usize..12, with in piece()) {
        let mut text = POLICY.to_owned();
        let start = (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap();
        let end = (start + cut..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
        text.replace_range(start..end, &with);
        renders(holds("x.json", text.as_bytes()));
    }
}

#[test]
fn truncated_policies() {
    for end in 0..POLICY.len() {
        renders(holds("x.json", &POLICY.as_bytes()[..end]));
    }
    for end in 0..XML.len() {
        renders(holds("x.xml", &XML.as_bytes()[..end]));
    }
    for end in 0..YAML.len() {
        renders(holds("x.yaml", &YAML.as_bytes()[..end]));
    }
}

#[test]
fn deep_nesting_does_not_overflow() {
    for (open, keys) in [
        ("[", ""),
        ("[", "AllowedOrigins AllowedMethods"),
        ("{\"a\":", ""),
    ] {
        let text = format!("{}{keys}", open.repeat(1_000_000));
        renders(holds("x.json", text.as_bytes()));
    }
    let elements = format!("<CORSConfiguration>{}", "<CORSRule>".repeat(200_000));
    renders(holds("x.xml", elements.as_bytes()));
    let closed = format!(
        "{elements}{}</CORSConfiguration>",
        "</CORSRule>".repeat(200_000)
    );
    renders(holds("x.xml", closed.as_bytes()));
    let deep = format!(
        r#"[{{"AllowedOrigins":["https://a.io"],"AllowedMethods":["GET"],"MaxAgeSeconds":{}1{}}}]"#,
        "[".repeat(400),
        "]".repeat(400)
    );
    let checked = holds("x.json", deep.as_bytes());
    assert_eq!(checked.findings.len(), 1, "{:?}", checked.findings);
}

/// Entities are never expanded, so that a small file stays small.
#[test]
fn entities_are_not_expanded() {
    let mut text = "<!DOCTYPE a [<!ENTITY a0 \"https://a.io\">".to_owned();
    for level in 1..30 {
        let inner = format!("&a{};", level - 1).repeat(10);
        text.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
    }
    text.push_str("]><CORSConfiguration><CORSRule><AllowedOrigin>&a29;</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>");
    let checked = holds("x.xml", text.as_bytes());
    let messages: Vec<_> = checked.findings.iter().map(|f| &*f.message).collect();
    assert_eq!(
        messages,
        [
            "a DOCTYPE is not allowed in a CORS policy",
            "unknown entity: &a29;"
        ]
    );
}

/// Aliases of aliases are not copied without a limit, and many documents are read in order.
#[test]
fn aliases_are_limited() {
    let mut text = "a0: &a0 [\"*\"]\n".to_owned();
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    text.push_str("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      CorsConfiguration:\n        CorsRules:\n");
    text.push_str("          - {AllowedOrigins: *a29, AllowedMethods: [GET], MaxAge: 60}\n");
    assert_eq!(holds("x.yaml", text.as_bytes()).findings, []);
    let documents =
        "---\na: b\n".repeat(100_000) + "---\n- AllowedOrigins: [\"*\"]\n  AllowedMethods: [GET]\n";
    let checked = holds("x.yaml", documents.as_bytes());
    assert_eq!(checked.policies[0].address, "document 100001");
    for deep in ["[", "(", "{a=", "toset(", "-", "a?"] {
        let text = format!(
            "resource \"a\" \"b\" {{\n allowed_origins = {}",
            deep.repeat(100_000)
        );
        renders(holds("x.tf", text.as_bytes()));
    }
    renders(holds("x.tf", "cors_rule {\n".repeat(50_000).as_bytes()));
    // The parser stops inside of the last character.
    let cut = "cors_rule {\n  allowed_methods = []\n  allowed_origins = [\n    \u{797}";
    renders(holds("x.tf", cut.as_bytes()));
    for deep in [
        "- ".repeat(100_000),
        "[".repeat(100_000),
        "a: {".repeat(50_000),
    ] {
        renders(holds(
            "x.yaml",
            format!("AllowedOrigins: {deep}").as_bytes(),
        ));
    }
}

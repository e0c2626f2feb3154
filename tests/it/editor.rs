//! The language server. Sessions with it are kept as Markdown in `tests/editor`: a fence with a file name is written to
//! disk, and an `editor` fence holds what the client does and what the server answers. Positions are counted as in
//! reports, from 1.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::editor_client::Client;
use crate::fences::{Part, parse, write};
use crate::{assert_file, corpus, own_policies, project, skipped};

/// A client with all capabilities that matter.
fn modern() -> Value {
    json!({
        "workspace": {
            "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "diagnostics": { "refreshSupport": true },
        },
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": true,
                "codeDescriptionSupport": true,
                "tagSupport": { "valueSet": [1, 2] },
            },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
        },
    })
}

#[test]
fn editor_sessions_match() {
    let mut paths: Vec<_> = fs::read_dir(project().join("tests/editor"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let folder = tempfile::tempdir().unwrap();
        let mut client = None;
        let mut parts = parse(&fs::read_to_string(&path).unwrap());
        for part in &mut parts {
            let Part::Fence(fence) = part else {
                continue;
            };
            if !fence.file.is_empty() {
                let file = folder.path().join(&fence.file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, &fence.body).unwrap();
            } else if fence.language == "editor" {
                let lines = fence.body.lines().filter(|line| line.starts_with("> "));
                fence.body = lines
                    .map(|line| format!("{line}\n{}", play(&mut client, folder.path(), line)))
                    .collect();
            }
        }
        assert_file(&path, &write(&parts));
    }
}

/// Does what one line says, and returns what the server answers.
fn play(client: &mut Option<Client>, folder: &Path, line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().skip(1).collect();
    if words[0] == "start" {
        let mut capabilities = match words.contains(&"old") {
            true => json!({}),
            false => modern(),
        };
        if words.contains(&"utf-8") {
            capabilities["general"] = json!({ "positionEncodings": ["utf-16", "utf-8"] });
        }
        if words.contains(&"pull") {
            capabilities["textDocument"]["diagnostic"] = json!({});
        }
        let (started, result) = Client::start(folder, &capabilities);
        *client = Some(started);
        return format!(
            "positions: {}\n",
            result["capabilities"]["positionEncoding"].as_str().unwrap()
        );
    }
    if words[0] == "exit" {
        let mut client = client.take().unwrap();
        if words.contains(&"politely") {
            assert_eq!(client.request("shutdown", Value::Null), Value::Null);
        }
        client.notify("exit", Value::Null);
        let (code, errors) = client.end();
        return format!("exit code {code}\n{errors}");
    }
    let client = client.as_mut().unwrap();
    let name = words[1].trim_end_matches(':');
    let place = || {
        words
            .get(2)
            .and_then(|place| place.trim_end_matches(':').split_once(':'))
    };
    let position = || {
        let (line, column) = place().unwrap();
        let number = |text: &str| text.parse::<u32>().unwrap() - 1;
        json!({ "line": number(line), "character": number(column) })
    };
    let document = json!({ "uri": client.uri(name) });
    match words[0] {
        "open" => {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            client.open(name, "", &text);
            printed(&client.diagnostics(name))
        }
        "open-only" => {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            client.open(name, "", &text);
            String::new()
        }
        "edit" => {
            let (old, new) = line.split_once(": ").unwrap().1.split_once(" -> ").unwrap();
            let text = client.documents[name].0.replacen(old, new, 1);
            assert_ne!(text, client.documents[name].0, "{line}");
            client.change(name, &text);
            printed(&client.diagnostics(name))
        }
        "diagnostics" => printed(&client.diagnostics(name)),
        "close" => {
            client.documents.remove(name);
            client.notify("textDocument/didClose", json!({ "textDocument": document }));
            let uri = client.uri(name);
            let last = client.wait(|message| {
                message["params"]["uri"] == uri && message["params"].get("version").is_none()
            });
            printed(last["params"]["diagnostics"].as_array().unwrap())
        }
        "changed-on-disk" => {
            let change = json!({ "uri": client.uri(name), "type": 2 });
            client.notify(
                "workspace/didChangeWatchedFiles",
                json!({ "changes": [change] }),
            );
            String::new()
        }
        "pull" => {
            let report = client.request(
                "textDocument/diagnostic",
                json!({ "textDocument": document }),
            );
            printed(report["items"].as_array().unwrap())
        }
        "actions" | "apply" => {
            let at = position();
            let mut context = json!({ "diagnostics": [] });
            if let Some(only) = words.get(3).filter(|word| word.starts_with("source")) {
                context["only"] = json!([only]);
            }
            let range = json!({ "start": at, "end": at });
            let params = json!({ "textDocument": document, "range": range, "context": context });
            let actions = client.request("textDocument/codeAction", params);
            let actions = actions.as_array().unwrap();
            if words[0] == "actions" {
                let lines = actions.iter().map(|action| {
                    let preferred = match action["isPreferred"] == true {
                        true => " (preferred)",
                        false => "",
                    };
                    format!(
                        "{}: {}{preferred}\n",
                        action["kind"].as_str().unwrap(),
                        action["title"].as_str().unwrap()
                    )
                });
                return lines.collect();
            }
            let title = line.split_once(": ").unwrap().1;
            let is_wanted = |action: &&Value| action["title"].as_str().unwrap().starts_with(title);
            let action = actions.iter().find(is_wanted).expect(title);
            apply(client, folder, &action["edit"])
        }
        "hover" => {
            let hover = client.request(
                "textDocument/hover",
                json!({ "textDocument": document, "position": position() }),
            );
            match hover["contents"]["value"].as_str() {
                Some(text) => format!("{}: {text}\n", range(&hover["range"])),
                None => "nothing\n".to_owned(),
            }
        }
        "complete" => {
            let params = json!({ "textDocument": document, "position": position() });
            let items = client.request("textDocument/completion", params);
            let lines = items.as_array().unwrap().iter().map(|item| {
                let edit = &item["textEdit"];
                format!(
                    "{} writes {} at {}\n",
                    item["label"].as_str().unwrap(),
                    edit["newText"],
                    range(&edit["range"])
                )
            });
            lines.collect()
        }
        "symbols" => {
            let symbols = client.request(
                "textDocument/documentSymbol",
                json!({ "textDocument": document }),
            );
            outline(&symbols, "")
        }
        "message" => {
            let shown = client.wait(|message| message["method"] == "window/showMessage");
            format!("{}\n", shown["params"]["message"].as_str().unwrap())
        }
        "refresh" => {
            client.wait(|message| message["method"] == "workspace/diagnostic/refresh");
            String::new()
        }
        "no-message" => {
            let mut shown = client.received.iter();
            assert!(shown.all(|message| message["method"] != "window/showMessage"));
            String::new()
        }
        other => panic!("unknown: {other}"),
    }
}

fn range(range: &Value) -> String {
    let at = |end: &str| {
        let number = |key: &str| range[end][key].as_u64().unwrap() + 1;
        format!("{}:{}", number("line"), number("character"))
    };
    format!("{}-{}", at("start"), at("end"))
}

fn printed(diagnostics: &[Value]) -> String {
    if diagnostics.is_empty() {
        return "no diagnostics\n".to_owned();
    }
    let lines = diagnostics.iter().map(|diagnostic| {
        let severity = ["", "error", "warning", "information"];
        let severity = severity[usize::try_from(diagnostic["severity"].as_u64().unwrap()).unwrap()];
        let message = diagnostic["message"]
            .as_str()
            .unwrap()
            .replace('\n', "\n    ");
        let code = diagnostic["code"]
            .as_str()
            .map_or(String::new(), |code| format!(" [{code}]"));
        let mut text = format!(
            "{} {severity}: {message}{code}\n",
            range(&diagnostic["range"])
        );
        if let Some(link) = diagnostic["codeDescription"]["href"].as_str() {
            assert!(
                link.starts_with("https://corslint.github.io/corslint/lints/"),
                "{link}"
            );
        }
        if diagnostic["tags"] == json!([1]) {
            text.push_str("    unnecessary\n");
        }
        for related in diagnostic["relatedInformation"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let label = related["message"].as_str().unwrap();
            text.push_str(&format!(
                "    {}: {label}\n",
                range(&related["location"]["range"])
            ));
        }
        text
    });
    lines.collect()
}

fn outline(symbols: &Value, indentation: &str) -> String {
    let lines = symbols.as_array().unwrap().iter().map(|symbol| {
        let detail = symbol["detail"]
            .as_str()
            .map_or(String::new(), |detail| format!(" ({detail})"));
        let place = match symbol.get("range") {
            Some(whole) => whole,
            None => &symbol["location"]["range"],
        };
        let line = format!(
            "{indentation}{}{detail} {}\n",
            symbol["name"].as_str().unwrap(),
            range(place)
        );
        match symbol.get("children") {
            Some(children) => line + &outline(children, &format!("{indentation}  ")),
            None => line,
        }
    });
    lines.collect()
}

/// Applies an edit to the open documents and to files, and returns the texts and the new diagnostics.
fn apply(client: &mut Client, folder: &Path, edit: &Value) -> String {
    let mut changes: Vec<(String, Vec<Value>)> = Vec::new();
    for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
        changes.push((uri.clone(), edits.as_array().unwrap().clone()));
    }
    let mut printed_text = String::new();
    for operation in edit["documentChanges"].as_array().into_iter().flatten() {
        if operation["kind"] == "create" {
            printed_text.push_str("creates a file\n");
            continue;
        }
        let uri = operation["textDocument"]["uri"].as_str().unwrap();
        changes.push((
            uri.to_owned(),
            operation["edits"].as_array().unwrap().clone(),
        ));
    }
    for (uri, edits) in changes {
        let name = uri
            .strip_prefix(&client.uri("x")[..client.uri("x").len() - 1])
            .unwrap()
            .to_owned();
        let is_open = client.documents.contains_key(&name);
        let old = match client.documents.get(&name) {
            Some((text, _)) => text.clone(),
            None => fs::read_to_string(folder.join(&name)).unwrap_or_default(),
        };
        let new = edited(&old, &edits);
        printed_text.push_str(&format!("{name} is now\n{new}"));
        if is_open {
            client.change(&name, &new);
            printed_text.push_str(&printed(&client.diagnostics(&name)));
        } else {
            fs::write(folder.join(&name), new).unwrap();
        }
    }
    printed_text
}

/// Applies edits whose positions are in UTF-16.
fn edited(text: &str, edits: &[Value]) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let offset = |position: &Value| {
        let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
        let start: usize = lines.iter().take(line).map(|line| line.len()).sum();
        let mut units = position["character"].as_u64().unwrap();
        let mut at = start;
        for character in text[start..].chars() {
            if units == 0 {
                break;
            }
            units -= character.len_utf16() as u64;
            at += character.len_utf8();
        }
        at
    };
    let mut edits: Vec<_> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (
                offset(&range["start"]),
                offset(&range["end"]),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut new = text.to_owned();
    for (start, end, with) in edits.into_iter().rev() {
        new.replace_range(start..end, with);
    }
    new
}

/// The server reports what `check` does, for each real file.
#[test]
fn diagnostics_are_those_of_check() {
    let mut roots = vec![own_policies()];
    match corpus() {
        Some(path) => roots.push(path),
        None => skipped("the real files are not there"),
    }
    let mut compared = 0;
    for root in roots {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_corslint"))
            .args(["check", "--format", "json", "--isolated", "."])
            .current_dir(&root)
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut client = Client::start(&root, &modern()).0;
        for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
            let entry = entry.unwrap();
            let name = entry
                .path()
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let Ok(text) = fs::read_to_string(entry.path()) else {
                continue;
            };
            if !corslint::syntax::is_read(&name) {
                continue;
            }
            client.open(&name, "", &text);
            let found = client.diagnostics(&name);
            let wanted = report["findings"].as_array().unwrap().iter();
            let wanted: Vec<_> = wanted.filter(|finding| finding["path"] == *name).collect();
            let severity = |name: &str| match name {
                "error" => 1,
                "warning" => 2,
                _ => 3,
            };
            // Columns are in characters in the report, and in UTF-16 here.
            let is_ascii = text.is_ascii();
            let column = |column: u64| if is_ascii { column } else { 0 };
            let of_server: Vec<_> = found
                .iter()
                .map(|it| {
                    let end = |end: &str| {
                        let end = &it["range"][end];
                        let column = column(end["character"].as_u64().unwrap() + 1);
                        (end["line"].as_u64().unwrap() + 1, column)
                    };
                    let related = it["relatedInformation"].as_array().map_or(0, Vec::len);
                    (
                        (end("start"), end("end")),
                        it["severity"].as_u64().unwrap(),
                        it["code"].as_str().unwrap().to_owned(),
                        it["message"].as_str().unwrap().to_owned(),
                        related,
                    )
                })
                .collect();
            let of_check: Vec<_> = wanted
                .iter()
                .map(|it| {
                    let end = |end: &str| {
                        let column = column(it[end]["column"].as_u64().unwrap());
                        (it[end]["line"].as_u64().unwrap(), column)
                    };
                    let mut message = match it["address"].as_str() {
                        Some(address) => format!("{address}: {}", it["message"].as_str().unwrap()),
                        None => it["message"].as_str().unwrap().to_owned(),
                    };
                    if let Some(help) = it["help"].as_str() {
                        message.push_str(&format!("\nhelp: {help}"));
                    }
                    // Those of the report include the place of the finding.
                    let labels = it["labels"].as_array().unwrap().len();
                    (
                        (end("start"), end("end")),
                        severity(it["severity"].as_str().unwrap()),
                        it["lint"].as_str().unwrap().to_owned(),
                        message,
                        labels.saturating_sub(1),
                    )
                })
                .collect();
            assert_eq!(of_server, of_check, "{name}");
            compared += found.len();
            client.documents.remove(&name);
        }
        assert_eq!(client.request("shutdown", Value::Null), Value::Null);
        client.notify("exit", Value::Null);
        assert_eq!(client.end(), (0, String::new()));
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn last_of_many_edits_wins() {
    let folder = tempfile::tempdir().unwrap();
    let text = |origin: usize| {
        format!(
            r#"[{{"AllowedOrigins": ["https://{origin}.acme.io/"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}}]"#
        )
    };
    let mut client = Client::start(folder.path(), &modern()).0;
    client.open("cors.json", "json", &text(0));
    for edit in 1..=1000 {
        client.change("cors.json", &text(edit));
    }
    let last = client.diagnostics("cors.json");
    assert_eq!(last.len(), 1);
    let message = last[0]["message"].as_str().unwrap();
    assert!(message.contains("https://1000.acme.io/"), "{message}");
    // Nothing about an older version follows: the answer to a request comes after it would have.
    client.request(
        "textDocument/hover",
        json!({
            "textDocument": { "uri": client.uri("cors.json") },
            "position": { "line": 0, "character": 0 },
        }),
    );
    assert!(
        client
            .received
            .iter()
            .all(|it| it["method"] != "textDocument/publishDiagnostics")
    );
}

#[test]
fn malformed_messages_do_not_end_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut client = Client::unconnected(folder.path());
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(early["error"]["code"], -32002);
    client.request(
        "initialize",
        json!({ "processId": null, "capabilities": {} }),
    );
    for malformed in [
        "{",
        "[]",
        "null",
        "\u{0}",
        r#"{"jsonrpc": "2.0"}"#,
        r#"{"id": 1.5}"#,
    ] {
        client
            .send_raw(format!("Content-Length: {}\r\n\r\n{malformed}", malformed.len()).as_bytes());
        let error =
            client.wait(|message| message["id"].is_null() && message.get("error").is_some());
        assert_eq!(error["error"]["code"], -32700, "{malformed}");
    }
    client.send_raw(b"Content-Length: 99999999999999999999\r\n\r\n");
    client.notify("textDocument/didOpen", json!({ "textDocument": 1 }));
    client.notify("textDocument/didChange", json!([]));
    client.notify("$/unknown", json!({}));
    let unknown = client.request("textDocument/unknown", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    let wrong = client.request("textDocument/hover", json!({ "position": "here" }));
    assert_eq!(wrong["error"]["code"], -32602);
    let closed = client.request(
        "textDocument/diagnostic",
        json!({ "textDocument": { "uri": "file:///none" } }),
    );
    assert_eq!(closed["error"]["code"], -32602);
    assert_eq!(client.request("shutdown", Value::Null), Value::Null);
    let late = client.request("textDocument/hover", json!({}));
    assert_eq!(late["error"]["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.end(), (0, String::new()));
}

#[test]
fn server_ends_with_its_client() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::start(folder.path(), &modern());
    client.open("cors.json", "json", "[]");
    client.die();
    assert_eq!(client.end(), (1, String::new()));
}

#[test]
fn documents_without_a_file_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::start(folder.path(), &modern());
    let text = "resource \"google_storage_bucket\" \"a\" {\n  cors {\n    origin = [\"*\"]\n    method = [\"GET\"]\n  }\n}\n";
    let document = json!({ "uri": "untitled:Untitled-1", "languageId": "terraform", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let published = client.wait(|message| message["params"]["uri"] == "untitled:Untitled-1");
    assert_eq!(
        published["params"]["diagnostics"][0]["code"],
        "wildcard-origin"
    );
}

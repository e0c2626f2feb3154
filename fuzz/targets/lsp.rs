//! The messages of a client: whatever they are, the server must not panic, and must end.

#![no_main]

use std::io::Cursor;

use corslint::lsp::{Host, serve};
use corslint::paths::Paths;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Vec::new();
    let mut send = |body: &[u8]| {
        input.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        input.extend(body);
    };
    send(br#"{"id":1,"method":"initialize","params":{"capabilities":{"general":{"positionEncodings":["utf-8"]},"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":[]}}}}}}}"#);
    // The first two bytes are a position; the rest is the text of a document.
    let [line, column, text @ ..] = data else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let name = ["cors.json", "cors.jsonc", "cors.yaml", "main.tf", "cors.xml", "corslint.toml"];
    let uri = format!("file:///none/{}", name[usize::from(*line) % name.len()]);
    let position = serde_json::json!({ "line": line % 16, "character": column });
    let document = serde_json::json!({ "uri": uri, "languageId": "", "version": 1, "text": text });
    let place = serde_json::json!({ "textDocument": { "uri": uri }, "position": position });
    let actions = serde_json::json!({
        "textDocument": { "uri": uri },
        "range": { "start": position, "end": position },
        "context": { "diagnostics": [] },
    });
    let open = serde_json::json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } });
    send(open.to_string().as_bytes());
    for (id, (method, params)) in [
        ("textDocument/hover", &place),
        ("textDocument/completion", &place),
        ("textDocument/documentSymbol", &place),
        ("textDocument/codeAction", &actions),
    ]
    .into_iter()
    .enumerate()
    {
        let request = serde_json::json!({ "id": id + 2, "method": method, "params": params });
        send(request.to_string().as_bytes());
    }
    // The bytes as they are, too.
    input.extend(data);
    let host = Host {
        paths: Paths::default(),
        today: || time::Date::MIN,
    };
    let mut output = Vec::new();
    serve(Box::new(Cursor::new(input)), &mut output, host);
});

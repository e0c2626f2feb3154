//! A client of the language server, which runs the real program.

use std::collections::HashMap;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// How long to wait for a message before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next_id: i64,
    folder: PathBuf,
    /// The text and the version of each open document, by its name.
    pub(crate) documents: HashMap<String, (String, i64)>,
    /// Requests of the server, and notifications other than diagnostics.
    pub(crate) received: Vec<Value>,
}

impl Client {
    /// Starts a server for a folder, with the capabilities of the client.
    pub(crate) fn start(folder: &Path, capabilities: &Value) -> (Client, Value) {
        let mut client = Client::unconnected(folder);
        let uri = client.uri("");
        let result = client.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": uri,
                "workspaceFolders": [{ "uri": uri, "name": "test" }],
                "capabilities": capabilities,
            }),
        );
        client.notify("initialized", json!({}));
        (client, result)
    }

    /// Starts a server without a handshake.
    pub(crate) fn unconnected(folder: &Path) -> Client {
        let mut server = Command::new(env!("CARGO_BIN_EXE_corslint"))
            .arg("lsp")
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Client {
            input: server.stdin.take(),
            server,
            messages,
            next_id: 0,
            folder: folder.canonicalize().unwrap(),
            documents: HashMap::new(),
            received: Vec::new(),
        }
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        let path = self.folder.join(name);
        if cfg!(windows) {
            let uri = url::Url::from_file_path(path).unwrap().to_string();
            return uri.trim_end_matches('/').to_owned();
        }
        // As some clients do, without encoding any character.
        format!("file://{}", path.to_str().unwrap().trim_end_matches('/'))
    }

    /// Sends bytes as they are.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request without waiting for its answer, and returns its ID.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends a request and returns its result, or its error.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Waits for the answer to a request.
    pub(crate) fn answer(&mut self, id: i64) -> Value {
        let answer = self.wait(|message| message["id"] == id && message.get("method").is_none());
        match answer.get("error") {
            Some(error) => json!({ "error": error }),
            None => answer["result"].clone(),
        }
    }

    /// Waits for a message, and keeps the others.
    pub(crate) fn wait(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.received.iter().position(&is_wanted) {
            return self.received.remove(place);
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE);
            let message = message.expect("the server answers");
            if is_wanted(&message) {
                return message;
            }
            self.received.push(message);
        }
    }

    pub(crate) fn open(&mut self, name: &str, language: &str, text: &str) {
        self.documents.insert(name.to_owned(), (text.to_owned(), 1));
        let uri = self.uri(name);
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn change(&mut self, name: &str, text: &str) {
        let document = self.documents.get_mut(name).unwrap();
        *document = (text.to_owned(), document.1 + 1);
        let version = document.1;
        let params = json!({
            "textDocument": { "uri": self.uri(name), "version": version },
            "contentChanges": [{ "text": text }],
        });
        self.notify("textDocument/didChange", params);
    }

    /// Waits for the diagnostics of the current version of a document.
    pub(crate) fn diagnostics(&mut self, name: &str) -> Vec<Value> {
        let (uri, version) = (self.uri(name), self.documents[name].1);
        // The server publishes after it has answered all requests that have arrived. When it answers the second, it
        // has published everything about what came before the first.
        for _ in 0..2 {
            self.request("textDocument/hover", json!({}));
        }
        let of_document = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
        };
        let (published, others): (Vec<_>, _) = std::mem::take(&mut self.received)
            .into_iter()
            .partition(of_document);
        self.received = others;
        let last = &published.last().expect("the server tells of the document")["params"];
        assert_eq!(last["version"], version);
        last["diagnostics"].as_array().unwrap().clone()
    }

    /// Closes the input of the server, as a client that dies does.
    pub(crate) fn die(&mut self) {
        self.input = None;
    }

    /// Waits for the end of the server; returns its exit code and what it wrote to standard error.
    pub(crate) fn end(mut self) -> (i32, String) {
        self.input = None;
        let code = self.server.wait().unwrap().code().unwrap();
        let mut errors = String::new();
        let mut stderr = self.server.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        (code, errors)
    }
}

fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().unwrap(),
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).unwrap();
    Some(serde_json::from_slice(&bytes).unwrap())
}

//! Addresses of documents. Some clients leave characters as they are that must be written as percent signs and digits.

use std::path::Path;
use std::str::FromStr as _;

use lsp_types::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

/// What must be encoded anywhere. A percent sign is left as it is, since the rest may be encoded already.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Encodes what a client should have encoded in the address of a document in a message's parameters.
pub(super) fn encode_in(params: &mut Value) {
    if let Some(Value::String(uri)) = params.pointer_mut("/textDocument/uri") {
        *uri = utf8_percent_encode(uri, ILLEGAL).to_string();
    }
}

/// Returns the address of a file; `None` if its path is not absolute.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    let url = url::Url::from_file_path(path).ok()?;
    Uri::from_str(&utf8_percent_encode(url.as_str(), ILLEGAL).to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_once() {
        for (written, wanted) in [
            ("file:///a/cors.json", "file:///a/cors.json"),
            (
                "file:///[id]/a b/{c}.json",
                "file:///%5Bid%5D/a%20b/%7Bc%7D.json",
            ),
            ("file:///%5Bid%5D/é.json", "file:///%5Bid%5D/%C3%A9.json"),
            ("untitled:Untitled-1", "untitled:Untitled-1"),
        ] {
            let mut params = serde_json::json!({ "textDocument": { "uri": written } });
            encode_in(&mut params);
            assert_eq!(params["textDocument"]["uri"], wanted);
            assert!(Uri::from_str(wanted).is_ok());
        }
    }

    #[cfg(unix)]
    #[test]
    fn paths_have_addresses() {
        let uri = of_path(Path::new("/app/[id]/corslint.toml"));
        let uri = uri.as_ref().map(|uri| uri.as_str());
        assert_eq!(uri, Some("file:///app/%5Bid%5D/corslint.toml"));
    }
}

//! Messages of the protocol, as bytes. The reader of `lsp-server` ends at the first message that is not valid, and
//! reserves as much memory as a header claims; this one goes on, and reads no message above a limit.

use std::io::{self, BufRead, Read as _, Write};

use lsp_server::Message;

/// The maximum length of a message; a document of the maximum size fits, even if each byte is escaped.
const MAX_BYTES: u64 = 1 << 30;
/// The maximum length of a line of a header.
const MAX_HEADER: u64 = 4096;

/// What was read.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    /// Not a message, and why.
    Malformed(String),
}

/// Reads one message; `None` at the end of the input.
pub(super) fn read(input: &mut dyn BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if (&mut *input)
            .take(MAX_HEADER)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let Some(length) = length else {
        return Ok(Some(Incoming::Malformed("no Content-Length".to_owned())));
    };
    let mut body = (&mut *input).take(length);
    if length > MAX_BYTES {
        io::copy(&mut body, &mut io::sink())?;
        let why = "the message is too long".to_owned();
        return Ok(Some(Incoming::Malformed(why)));
    }
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(None);
    }
    let message = serde_json::from_slice(&bytes);
    let message = message.or_else(|error| match without_lone_surrogates(&bytes) {
        Some(bytes) => serde_json::from_slice(&bytes),
        None => Err(error),
    });
    Ok(Some(match message {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::Malformed(error.to_string()),
    }))
}

/// Replaces halves of characters, which editors in JavaScript may have in a text and write as escapes; `None` if there
/// are none.
fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let escaped = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut clean = json.to_vec();
    let mut at = 0;
    while at < json.len() {
        let (length, is_lone) = match (json[at], escaped(at)) {
            (b'\\', Some(0xd800..=0xdbff)) => match escaped(at + 6) {
                Some(0xdc00..=0xdfff) => (12, false),
                _ => (6, true),
            },
            (b'\\', Some(0xdc00..=0xdfff)) => (6, true),
            // What follows a backslash is not the start of an escape.
            (b'\\', _) => (2, false),
            _ => (1, false),
        };
        if is_lone {
            clean[at..at + 6].copy_from_slice(b"\\ufffd");
        }
        at += length;
    }
    (clean != json).then_some(clean)
}

/// Tells the client that a message could not be read. No ID is known, so it is null.
pub(super) fn write_parse_error(output: &mut dyn Write, why: &str) -> io::Result<()> {
    let error = serde_json::json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": lsp_server::ErrorCode::ParseError as i32, "message": why },
    });
    let text = error.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    /// The method of each message, or why it is none.
    fn all(input: &str) -> Vec<String> {
        let mut input = input.as_bytes();
        let mut found = Vec::new();
        while let Some(incoming) = read(&mut input).expect("memory can be read") {
            found.push(match incoming {
                Incoming::Message(Message::Notification(it)) => it.method,
                Incoming::Message(other) => format!("{other:?}"),
                Incoming::Malformed(why) => why,
            });
        }
        found
    }

    #[test]
    fn halves_of_characters_are_replaced() {
        let clean = |text: &str| {
            let clean = without_lone_surrogates(text.as_bytes())?;
            Some(String::from_utf8_lossy(&clean).into_owned())
        };
        assert_eq!(clean(r#""\ud83d\ude00 \\ud800""#), None);
        let found = clean(r#""\ud83d \uDE00 \ud83d\ud83d\ude00""#);
        let wanted = r#""\ufffd \ufffd \ufffd\ud83d\ude00""#;
        assert_eq!(found.as_deref(), Some(wanted));
        let message = frame(r#"{"method": "a", "params": "\ud800"}"#);
        assert_eq!(all(&message), ["a"]);
    }

    #[test]
    fn reading_goes_on_after_malformed_messages() {
        let ok = frame(r#"{"jsonrpc": "2.0", "method": "exit"}"#);
        assert_eq!(all(&ok), ["exit"]);
        assert_eq!(
            all(&(frame("{") + &ok)).last().map(String::as_str),
            Some("exit")
        );
        assert_eq!(
            all(&(frame("[]") + &ok)).last().map(String::as_str),
            Some("exit")
        );
        assert_eq!(
            all(&format!("X: y\r\n\r\n{ok}")),
            ["no Content-Length", "exit"]
        );
        assert_eq!(
            all("Content-Length: 99999999999999\r\n\r\n{}"),
            ["the message is too long"]
        );
        assert_eq!(all("Content-Length: 100\r\n\r\n{}"), [""; 0]);
        let lower = ok.replace("Content-Length", "content-length");
        assert_eq!(all(&lower), ["exit"]);
    }
}

//! Phrases that several reports share.

use super::escape::escape_control;

/// Describes a request, such as "PUT from https://app.acme.io with content-type".
pub(super) fn request(method: &str, origin: &str, headers: &[String]) -> String {
    let (method, origin) = (escape_control(method), escape_control(origin));
    match headers {
        [] => format!("{method} from {origin}"),
        headers => format!(
            "{method} from {origin} with {}",
            escape_control(&headers.join(", "))
        ),
    }
}

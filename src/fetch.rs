//! What browsers send, by the Fetch standard of the WHATWG.

/// Methods that browsers send in upper case, however the page spells them (WHATWG Fetch, 'normalize a
/// method').
const NORMALIZED_METHODS: &[&str] = &["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

/// Returns a method as browsers send it.
pub fn normalized_method(method: &str) -> &str {
    let mut normalized = NORMALIZED_METHODS.iter();
    let normalized = normalized.find(|known| known.eq_ignore_ascii_case(method));
    normalized.unwrap_or(&method)
}

/// Returns true for a method that a page may use without a preflight (WHATWG Fetch, 'CORS-safelisted method').
pub fn is_safelisted_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

/// Returns true for a request header, given in lower case, that no preflight asks for, whatever its value
/// (WHATWG Fetch, 'CORS-safelisted request-header'; an unusual value makes it an exception).
pub fn is_safelisted_header(name: &str) -> bool {
    matches!(name, "accept" | "accept-language" | "content-language")
}

/// Returns true for a forbidden request header (WHATWG Fetch), given in lower case: a page can't set it, so
/// no preflight requests it.
pub fn is_forbidden_header(name: &str) -> bool {
    const FORBIDDEN: &[&str] = &[
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    FORBIDDEN.contains(&name) || name.starts_with("proxy-") || name.starts_with("sec-")
}

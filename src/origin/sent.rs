//! Which origins browsers send.

use super::OriginPattern;

/// Explains why no browser sends an origin; `None` if browsers may send it.
pub fn why_not_sent(origin: &str) -> Option<String> {
    match origin.contains('*') {
        true => Some("browsers never send an origin with *".to_owned()),
        false => why_never_matched(origin),
    }
}

/// Explains why a pattern, in which a `*` matches any characters, matches no origin that browsers send; `None`
/// if it may match one.
pub fn why_never_matched(pattern: &str) -> Option<String> {
    let parsed = OriginPattern::parse(pattern);
    if pattern.is_empty() {
        return Some("browsers never send an empty origin".to_owned());
    }
    let has_path = !parsed.rest.is_empty() || !parsed.user.is_empty();
    // The `*` may match the scheme or a part of it.
    if parsed.scheme().is_none_or(|scheme| scheme.contains('*')) && pattern.contains('*') {
        return has_path.then(|| "browsers send an origin without a path".to_owned());
    }
    if pattern != "null" && parsed.scheme().is_none() {
        return Some(format!(
            "browsers send an origin with its scheme, such as https://{pattern}"
        ));
    }
    let example = pattern.replacen('*', STAND_IN, 1);
    let sent = OriginPattern::parse(&example).serialized()?;
    let sent = match pattern.contains('*') {
        true => sent.replacen(STAND_IN, "*", 1),
        false => sent,
    };
    (sent != pattern).then(|| format!("browsers send this origin as {sent}"))
}

/// What a `*` stands for in an example: digits are legal both in a host and in a port.
const STAND_IN: &str = "49152";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_never_match_are_explained() {
        for (pattern, why) in [
            ("https://app.acme.io", None),
            ("https://*.acme.io", None),
            ("https://acme.io:*", None),
            ("*.acme.io", None),
            ("http*://acme.io", None),
            ("*", None),
            ("null", None),
            ("chrome-extension://abc", None),
            (
                "https://app.acme.io/",
                Some("browsers send this origin as https://app.acme.io"),
            ),
            (
                "https://*.acme.io/",
                Some("browsers send this origin as https://*.acme.io"),
            ),
            (
                "https://*.Acme.io",
                Some("browsers send this origin as https://*.acme.io"),
            ),
            (
                "https://acme.io:443",
                Some("browsers send this origin as https://acme.io"),
            ),
            (
                "*.acme.io/app",
                Some("browsers send an origin without a path"),
            ),
            (
                "acme.io",
                Some("browsers send an origin with its scheme, such as https://acme.io"),
            ),
            ("", Some("browsers never send an empty origin")),
        ] {
            assert_eq!(why_never_matched(pattern).as_deref(), why, "{pattern}");
        }
    }
}

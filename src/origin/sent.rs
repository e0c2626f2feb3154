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
    const FORM: &str = "browsers send an origin as scheme://host, such as https://app.example.com";
    if pattern == "null" {
        return None;
    }
    if pattern.contains(|c: char| c.is_whitespace() || c == ',') {
        return Some(FORM.to_owned());
    }
    if parsed.scheme() == Some("file") {
        return Some("browsers send null as the origin of files".to_owned());
    }
    if parsed.scheme().is_none() {
        let with_scheme = format!("https://{pattern}");
        let is_host = OriginPattern::parse(&with_scheme).serialized() == Some(with_scheme.clone());
        return Some(match is_host {
            true => format!("browsers send an origin with its scheme, such as {with_scheme}"),
            false => FORM.to_owned(),
        });
    }
    let in_host = parsed
        .star()
        .is_some_and(|star| parsed.host.contains(&star));
    let stand_in = if in_host { HOST } else { PORT };
    let example = pattern.replacen('*', stand_in, 1);
    let example = OriginPattern::parse(&example);
    let Some(sent) = example.serialized() else {
        // How browsers send origins with other schemes is not known.
        return example.is_http_family().then(|| FORM.to_owned());
    };
    let sent = match pattern.contains('*') {
        true => sent.replacen(stand_in, "*", 1),
        false => sent,
    };
    (sent != pattern).then(|| format!("browsers send this origin as {sent}"))
}

/// The text that replaces a `*` in the host of an example. It starts with a letter because a host of only digits is an
/// IP address.
const HOST: &str = "x49152";
/// The number that replaces a `*` in the port of an example.
const PORT: &str = "49152";

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
            ("https://*", None),
            ("http://10.0.0.*", None),
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
            ("file://", Some("browsers send null as the origin of files")),
        ] {
            assert_eq!(why_never_matched(pattern).as_deref(), why, "{pattern}");
        }
    }

    #[test]
    fn texts_that_are_no_origins_get_the_form() {
        for text in [
            "https:/app.acme.io",
            "//app.acme.io",
            " https://app.acme.io",
            "https://a b.io",
            "https://app.acme.io:99999",
            "https://a.io, https://b.io",
            "https://",
        ] {
            let why = why_never_matched(text).unwrap_or_default();
            assert!(
                why.starts_with("browsers send an origin as scheme://host"),
                "{text}: {why}"
            );
        }
    }
}

//! Amazon S3, and services that implement its API.
//!
//! Sources: AWS API_CORSRule, AWS 'How CORS works', and recorded responses of S3
//! (`tests/data/s3-conformance.json`).

use super::{
    DefaultMaxAge, HeaderHelp, KnownHeaders, Match, Method, MethodSet, Provider, ResponseFacts,
    Selection, Uploads, Wildcard, read, split_at_star, upload, wildcard_matches, write,
};

/// Amazon S3.
pub static S3: Provider = Provider {
    name: "S3",
    id: "s3",
    methods: METHODS,
    every_method: None,
    method_sets: &[MethodSet {
        description: "every method that S3 supports",
        methods: ALL,
    }],
    narrow_methods: NARROW,
    ineffective_methods: &[],
    selection: Selection::FirstMatch,
    wildcard: Wildcard::AnyCharacters,
    origin_matches: |pattern, origin| Match::certain(wildcard_matches(pattern, origin)),
    // The `*` may stand for the scheme (recorded).
    matches_without_scheme: |entry| {
        split_at_star(entry).is_some_and(|(before, _)| starts_a_web_scheme(before))
    },
    is_open: |entry| {
        entry
            .strip_suffix('*')
            .is_some_and(|before| !before.contains('*') && starts_a_web_scheme(before))
    },
    every_https_origin: None,
    compares_default_port: true,
    allows_port_wildcard: true,
    header_matches: |entry, header| {
        let (entry, header) = (entry.to_ascii_lowercase(), header.to_ascii_lowercase());
        Match::certain(wildcard_matches(&entry, &header))
    },
    shares_header_list: false,
    response: ResponseFacts {
        echoes_origin: true,
        lists_methods: true,
        echoes_headers: true,
    },
    // S3 sends no header, and browsers then use 5 seconds (Fetch, 'CORS-preflight cache').
    default_max_age: DefaultMaxAge::Seconds(5),
    uploads: Uploads {
        help: "what your pages send: content-type, and whatever is signed, such as x-amz-acl or x-amz-meta-*",
        multipart: Some("PUT"),
    },
    headers: HEADERS,
    wildcard_header_help: Some(WILDCARD_HEADER),
};

/// The methods of S3 and of R2, which spells them alike.
pub(super) const METHODS: &[Method] = &[
    read("GET", "GET"),
    upload("PUT", "PUT"),
    write("POST", "POST"),
    write("DELETE", "DELETE"),
    read("HEAD", "HEAD"),
];

/// The headers of S3's API (AWS, 'Common request headers', 'Common response headers', 'PutObject').
pub(super) const HEADERS: KnownHeaders = KnownHeaders {
    request: &[
        "*",
        "authorization",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-md5",
        "content-type",
        "range",
        "x-amz-*",
        "x-amz-acl",
        "x-amz-checksum-*",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-meta-*",
        "x-amz-security-token",
        "x-amz-server-side-encryption",
        "x-amz-tagging",
        "amz-sdk-*",
    ],
    response: &[
        "ETag",
        "Accept-Ranges",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Range",
        "x-amz-id-2",
        "x-amz-request-id",
        "x-amz-server-side-encryption",
        "x-amz-version-id",
    ],
};

/// Their names.
pub(super) const ALL: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];

pub(super) const NARROW: &str = "keep the methods that these origins use: GET and HEAD to read, PUT or POST to upload, DELETE to delete";

pub(super) const WILDCARD_HEADER: HeaderHelp = HeaderHelp {
    reading: "list the headers that your pages send; reading usually needs none, or range",
    uploading: "list the headers that your pages send; a presigned PUT needs content-type and what is signed, such as x-amz-meta-*, and the AWS SDK needs authorization, content-type, x-amz-* and amz-sdk-*",
};

fn starts_a_web_scheme(text: &str) -> bool {
    "https://".starts_with(text) || "http://".starts_with(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stands_for_any_characters() {
        let cases = [
            ("https://*.acme.io", "https://a.b.acme.io", true),
            ("https://*.acme.io", "https://.acme.io", true),
            ("https://*.acme.io", "https://acme.io", false),
            ("https://*.acme.io", "https://a.acme.io.evil.net", false),
            ("http://localhost:*", "http://localhost:3000", true),
            ("http://localhost:*", "http://localhost", false),
            ("start*end", "startend", true),
            ("aba*aba", "aba", false),
            ("https://acme.io", "https://Acme.io", false),
            ("", "", true),
        ];
        for (pattern, origin, matches) in cases {
            let found = (S3.origin_matches)(pattern, origin);
            assert_eq!(found, Match::certain(matches), "{pattern} {origin}");
        }
    }

    #[test]
    fn star_and_whole_schemes_are_open_to_every_website() {
        for open in ["*", "https://*", "http://*", "http*", "https:*"] {
            assert!((S3.is_open)(open), "{open}");
        }
        for named in ["https://*.io", "https://a*", "ftp*", "https://", "**"] {
            assert!(!(S3.is_open)(named), "{named}");
        }
    }
}

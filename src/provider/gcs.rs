//! Google Cloud Storage.
//!
//! Sources: Google Cloud Storage, 'Cross-origin resource sharing (CORS)' and 'XML API: PUT bucket
//! CORS'.

use super::pattern::may_match;
use super::{
    DefaultMaxAge, IneffectiveMethod, KnownHeaders, Match, Method, MethodSet, Provider,
    ResponseFacts, Selection, Uploads, Wildcard, read, upload, write,
};
use crate::provider::s3;

/// Google Cloud Storage.
pub static GCS: Provider = Provider {
    name: "GCS",
    id: "gcs",
    methods: &[
        read("GET", "GET"),
        Method {
            needs_headers: &["content-type"],
            ..upload("PUT", "PUT")
        },
        write("POST", "POST"),
        write("DELETE", "DELETE"),
        read("HEAD", "HEAD"),
        write("PATCH", "PATCH"),
        Method {
            needs_headers: &["content-type"],
            http: None,
            ..upload("*", "")
        },
    ],
    every_method: Some("*"),
    method_sets: &[MethodSet {
        description: "all common methods",
        methods: s3::ALL,
    }],
    narrow_methods: s3::NARROW,
    // GCS handles preflights itself, and pages can't send the other two (Fetch, 'forbidden method').
    ineffective_methods: &[
        IneffectiveMethod {
            name: "OPTIONS",
            reason: "GCS handles preflight requests by itself",
        },
        IneffectiveMethod {
            name: "CONNECT",
            reason: FORBIDDEN,
        },
        IneffectiveMethod {
            name: "TRACE",
            reason: FORBIDDEN,
        },
    ],
    selection: Selection::FirstOriginAndMethod,
    // Google documents only the bare `*`.
    wildcard: Wildcard::Undocumented,
    origin_matches: |entry, origin| match entry == "*" || entry == origin {
        true => Match::Yes,
        false => may_match(entry, origin),
    },
    matches_without_scheme: |entry| entry.contains('*'),
    is_open: |entry| entry == "*",
    every_https_origin: None,
    compares_default_port: true,
    allows_port_wildcard: true,
    header_matches: |entry, header| match entry.eq_ignore_ascii_case(header) {
        true => Match::Yes,
        false => may_match(entry, header),
    },
    shares_header_list: true,
    response: ResponseFacts {
        echoes_origin: false,
        lists_methods: true,
        echoes_headers: false,
    },
    default_max_age: DefaultMaxAge::Browser,
    uploads: Uploads {
        help: "Content-Type, and for resumable uploads x-goog-resumable and each x-goog-meta-NAME",
        multipart: None,
    },
    // Google, 'HTTP headers and common query string parameters for XML and JSON'. One list is for both.
    headers: KnownHeaders {
        request: HEADERS,
        response: HEADERS,
    },
    wildcard_header_help: None,
};

const HEADERS: &[&str] = &[
    "Authorization",
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-MD5",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Range",
    "x-goog-content-length-range",
    "x-goog-generation",
    "x-goog-hash",
    "x-goog-meta-*",
    "x-goog-resumable",
];

const FORBIDDEN: &str = "browsers never send it from a page";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_undocumented() {
        use Match::{No, Unknown, Yes};
        let cases = [
            ("*", "https://a.io", Yes),
            ("https://a.io", "https://a.io", Yes),
            ("https://A.io", "https://a.io", Unknown),
            ("https://*.a.io", "https://b.a.io", Unknown),
            ("https://*.a.*", "https://b.a.io", Unknown),
            ("https://*.a.io", "https://b.io", No),
        ];
        for (entry, origin, wanted) in cases {
            assert_eq!((GCS.origin_matches)(entry, origin), wanted, "{entry}");
        }
        assert_eq!((GCS.header_matches)("*", "range"), Unknown);
        assert_eq!((GCS.header_matches)("Range", "range"), Yes);
    }
}

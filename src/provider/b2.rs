//! Backblaze B2.
//!
//! Source: Backblaze, 'Cross-Origin Resource Sharing Rules'.

use super::pattern::{matches_within_label, may_match};
use super::{
    DefaultMaxAge, HeaderHelp, KnownHeaders, Match, Method, MethodSet, Provider, ResponseFacts,
    Selection, Uploads, Wildcard, read, upload, wildcard_matches, write,
};
use crate::provider::s3;

/// Backblaze B2.
pub static B2: Provider = Provider {
    name: "B2",
    id: "b2",
    methods: &[
        read("b2_download_file_by_name", "GET"),
        read("b2_download_file_by_id", "GET"),
        // Backblaze, 'b2_upload_file' and 'b2_upload_part'.
        Method {
            needs_headers: &[
                "authorization",
                "content-type",
                "x-bz-file-name",
                "x-bz-content-sha1",
            ],
            ..upload("b2_upload_file", "POST")
        },
        Method {
            needs_headers: &["authorization", "x-bz-part-number", "x-bz-content-sha1"],
            ..upload("b2_upload_part", "POST")
        },
        read("s3_get", "GET"),
        read("s3_head", "HEAD"),
        upload("s3_put", "PUT"),
        write("s3_post", "POST"),
        write("s3_delete", "DELETE"),
    ],
    every_method: None,
    method_sets: &[
        MethodSet {
            description: "all four native B2 operations",
            methods: &[
                "b2_download_file_by_name",
                "b2_download_file_by_id",
                "b2_upload_file",
                "b2_upload_part",
            ],
        },
        MethodSet {
            description: "all five S3 operations",
            methods: &["s3_get", "s3_head", "s3_put", "s3_post", "s3_delete"],
        },
    ],
    narrow_methods: "keep the operations that these origins use: those for downloads, or those for uploads",
    ineffective_methods: &[],
    selection: Selection::Undocumented,
    wildcard: Wildcard::InHost,
    origin_matches: |entry, origin| {
        let matches = entry == "*" || entry == origin || matches_within_label(entry, origin);
        match matches {
            true => Match::Yes,
            false if entry == HTTPS => Match::certain(origin.starts_with("https://")),
            false => may_match(entry, origin),
        }
    },
    matches_without_scheme: |entry| entry == HTTPS || entry.contains('*'),
    is_open: |entry| matches!(entry, "*" | HTTPS | "https://*" | "http://*"),
    every_https_origin: Some(HTTPS),
    compares_default_port: false,
    allows_port_wildcard: true,
    header_matches: |entry, header| {
        let (entry, header) = (entry.to_ascii_lowercase(), header.to_ascii_lowercase());
        match wildcard_matches(&entry, &header) {
            true if !entry.trim_end_matches('*').contains('*') => Match::Yes,
            true => Match::Unknown,
            false => Match::No,
        }
    },
    shares_header_list: false,
    response: ResponseFacts {
        echoes_origin: false,
        lists_methods: false,
        echoes_headers: false,
    },
    default_max_age: DefaultMaxAge::Required,
    uploads: Uploads {
        help: "what your pages send: content-type and x-amz-*",
        multipart: Some("s3_put"),
    },
    // Backblaze, 'b2_upload_file' and 'b2_download_file_by_name'.
    headers: KnownHeaders {
        request: &[
            "*",
            "authorization",
            "content-type",
            "range",
            "x-amz-*",
            "x-bz-content-sha1",
            "x-bz-file-name",
            "x-bz-info-*",
            "x-bz-part-number",
        ],
        response: &[
            "ETag",
            "x-bz-content-sha1",
            "x-bz-file-id",
            "x-bz-file-name",
            "x-bz-upload-timestamp",
        ],
    },
    wildcard_header_help: Some(HeaderHelp {
        reading: s3::WILDCARD_HEADER.reading,
        uploading: "list the headers that your pages send; uploads need authorization, content-type, x-bz-file-name, x-bz-content-sha1 and x-bz-info-*, over the S3 API content-type and x-amz-*",
    }),
};

/// The bare word for every HTTPS origin on any port.
const HTTPS: &str = "https";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_matches_every_https_origin() {
        use Match::{No, Unknown, Yes};
        let cases = [
            ("https", "https://a.io:8443", Yes),
            ("https", "http://a.io", No),
            ("https://*:8443", "https://a.io:8443", Unknown),
            ("https://*:8443", "https://a.io", No),
        ];
        for (entry, origin, wanted) in cases {
            assert_eq!((B2.origin_matches)(entry, origin), wanted, "{entry}");
        }
        assert_eq!((B2.header_matches)("X-Bz-*", "x-bz-info"), Yes);
        assert_eq!((B2.header_matches)("*-x", "a-x"), Unknown);
    }

    #[test]
    fn operations_have_http_methods() {
        for (operation, method) in [
            ("s3_get", Some("GET")),
            ("s3_head", Some("HEAD")),
            ("s3_put", Some("PUT")),
            ("s3_post", Some("POST")),
            ("s3_delete", Some("DELETE")),
            ("b2_upload_part", Some("POST")),
            ("GET", None),
        ] {
            assert_eq!(B2.http_method(operation), method);
        }
    }
}

//! Cloudflare R2.
//!
//! Sources: Cloudflare R2, 'Configure CORS'; R2 release notes; cloudflare-docs#32888.

use super::pattern::{matches_within_label, may_match};
use super::{
    DefaultMaxAge, Match, MethodSet, Provider, ResponseFacts, Selection, Uploads, Wildcard,
    wildcard_matches,
};
use crate::provider::s3;

/// Cloudflare R2.
pub static R2: Provider = Provider {
    name: "R2",
    id: "r2",
    methods: s3::METHODS,
    every_method: None,
    method_sets: &[MethodSet {
        description: "every method that R2 supports",
        methods: s3::ALL,
    }],
    // R2 has no form uploads: it rejects signed POST requests.
    narrow_methods: "keep the methods that these origins use: GET and HEAD to read, PUT to upload, DELETE to delete",
    ineffective_methods: &[],
    selection: Selection::Undocumented,
    wildcard: Wildcard::InHost,
    origin_matches: |entry, origin| {
        let matches = entry == "*" || entry == origin || matches_within_label(entry, origin);
        match matches {
            true => Match::Yes,
            false => may_match(entry, origin),
        }
    },
    // R2 rejects an origin without a scheme (observed).
    matches_without_scheme: |_| false,
    is_open: |entry| matches!(entry, "*" | "https://*" | "http://*"),
    every_https_origin: None,
    compares_default_port: false,
    allows_port_wildcard: false,
    header_matches: |entry, header| {
        let (entry, header) = (entry.to_ascii_lowercase(), header.to_ascii_lowercase());
        match wildcard_matches(&entry, &header) {
            true if entry == "*" || !entry.contains('*') => Match::Yes,
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
    default_max_age: DefaultMaxAge::Browser,
    uploads: Uploads {
        help: "what your pages send: content-type, and whatever is signed, such as x-amz-meta-*",
        multipart: Some("PUT"),
    },
    headers: s3::HEADERS,
    wildcard_header_help: Some(s3::WILDCARD_HEADER),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_within_a_label_and_may_match_dots() {
        use Match::{Unknown, Yes};
        let cases = [
            ("https://*.a.io", "https://b.a.io", Yes),
            ("https://*.a.io", "https://c.b.a.io", Unknown),
            ("https://*.a.io", "https://.a.io", Unknown),
            ("https://pr-*.a.io", "https://pr-7.a.io", Yes),
        ];
        for (entry, origin, wanted) in cases {
            assert_eq!((R2.origin_matches)(entry, origin), wanted, "{entry}");
        }
        assert_eq!((R2.header_matches)("*", "Range"), Yes);
        assert_eq!((R2.header_matches)("x-*", "x-a"), Unknown);
    }
}

//! Two patterns and what a `*` may stand for: what one of them is said to contain it matches.
#![no_main]

use corslint::matching::{Entries, Match, header_matches, origin_matches};
use corslint::policy::Provider;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|parts: (&str, &str, &str, bool)| {
    let (outer, inner, with, is_many) = parts;
    let one_star = |text: &str| text.matches('*').count() < 2;
    if !one_star(outer) || !one_star(inner) || with.contains('*') {
        return;
    }
    let text = inner.replacen('*', with, 1);
    // Many patterns are found in another way than a few.
    let others = ["ftp://*.x"; 20];
    let others = others.iter().copied().filter(|_| is_many);
    for provider in [Provider::S3, Provider::Gcs] {
        let contains = Entries::new(provider, others.clone().chain([outer])).contain(inner);
        let matches = |pattern: &str| origin_matches(provider, pattern, &text);
        if contains && outer != inner && matches(inner) == Match::Yes {
            let is_other = is_many && provider == Provider::S3 && {
                Entries::new(provider, ["ftp://*.x"].into_iter()).contain(inner)
            };
            assert!(
                is_other || matches(outer) == Match::Yes,
                "{outer} {inner} {text}"
            );
        }
        let lower = |text: &str| text.to_ascii_lowercase();
        let lower_outer = lower(outer);
        let contains = Entries::new(provider, [lower_outer.as_str()].into_iter());
        let matches = |pattern: &str| header_matches(Provider::S3, pattern, &text);
        if provider == Provider::S3
            && contains.contain(&lower(inner))
            && matches(inner) == Match::Yes
        {
            assert_eq!(matches(outer), Match::Yes, "{outer} {inner} {text}");
        }
    }
});

//! Two patterns and what a `*` may stand for: what one of them is said to contain it matches.
#![no_main]

use corslint::matching::PatternSet;
use corslint::provider::{GCS, Match, S3};
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
    for provider in [&S3, &GCS] {
        let contains =
            PatternSet::new(provider.wildcard, others.clone().chain([outer])).covers(inner);
        let matches = |pattern: &str| (provider.origin_matches)(pattern, &text);
        if contains && outer != inner && matches(inner) == Match::Yes {
            let is_other = is_many && provider == &S3 && {
                PatternSet::new(provider.wildcard, ["ftp://*.x"].into_iter()).covers(inner)
            };
            assert!(
                is_other || matches(outer) == Match::Yes,
                "{outer} {inner} {text}"
            );
        }
        let lower = |text: &str| text.to_ascii_lowercase();
        let lower_outer = lower(outer);
        let contains = PatternSet::new(provider.wildcard, [lower_outer.as_str()].into_iter());
        let matches = |pattern: &str| (S3.header_matches)(pattern, &text);
        if provider == &S3 && contains.covers(&lower(inner)) && matches(inner) == Match::Yes {
            assert_eq!(matches(outer), Match::Yes, "{outer} {inner} {text}");
        }
    }
});

//! The difference between two policies: it must not panic, each certain difference must have a request that the two
//! policies decide differently, and a policy must not differ from itself.

#![no_main]

use corslint::analyze::analyze;
use corslint::matching::{Access, Decision, Difference, Request, difference, evaluate};
use corslint::policy::Policy;
use corslint::provider::Selection;
use corslint::settings::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The two texts are separated by a zero byte.
    let mut texts = data.splitn(2, |byte| *byte == 0);
    let (Some(old), Some(new)) = (texts.next(), texts.next()) else {
        return;
    };
    let settings = Settings::default();
    let (old, new) = (
        analyze("cors.json", old, &settings),
        analyze("cors.json", new, &settings),
    );
    for one in &old.policies {
        let itself = difference(&one.policy, &one.policy, &|_, old, new| old == new);
        assert_eq!(itself, Difference::default());
        for other in &new.policies {
            let found = difference(&one.policy, &other.policy, &|_, _, _| false);
            check(&found.newly_allowed, &one.policy, &other.policy);
            check(&found.no_longer_allowed, &other.policy, &one.policy);
        }
    }
});

fn check(lines: &[Access], from: &Policy, to: &Policy) {
    // Before a rule that is unknown, `evaluate` leaves open which one responds, although another one allows.
    let is_exact = |policy: &Policy| {
        let lists = policy.rules.iter().flat_map(|rule| rule.lists());
        let is_known = lists.into_iter().all(|(_, list)| list.is_complete());
        policy.selection() != Selection::Undocumented && is_known
    };
    if !is_exact(from) || !is_exact(to) {
        return;
    }
    for line in lines.iter().filter(|line| line.is_certain) {
        let shown = &line.witness;
        let headers = shown.headers.join(",");
        // A header that contains a comma is several ones.
        if shown.headers.iter().any(|header| header.contains(',') || header.trim() != header) {
            continue;
        }
        let request = Request::preflight(&shown.origin, &shown.method, &headers);
        // Where an inner `*` is undocumented, `evaluate` leaves open which of two rules responds.
        assert!(!matches!(evaluate(to, &request), Decision::Refused(_)), "{line:?}");
        assert!(!matches!(evaluate(from, &request), Decision::Allowed(_)), "{line:?}");
    }
}

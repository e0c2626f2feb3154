//! What differs in the responses to requests that both policies allow.

use std::collections::BTreeMap;

use super::headers::HeaderSet;
use super::side::{Candidate, Side};
use super::{Changed, Comparison, Part};
use crate::matching::{Fact, Request, response};
use crate::policy::Known;
use crate::provider::Match;

impl Comparison<'_> {
    /// Returns what differs in the responses to requests that both allow, each with headers for an example.
    pub(super) fn changes(
        &self,
        old: &[Candidate],
        new: &[Candidate],
    ) -> Vec<(Changed, bool, Vec<String>)> {
        let mut found: BTreeMap<Changed, (bool, HeaderSet)> = BTreeMap::new();
        for one in self.old.deciding(old) {
            for other in self.new.deciding(new) {
                // The most headers that both rules allow: with fewer, the same rules or earlier ones decide.
                let certain = self.old.allowed(one.rule).certain();
                let both = certain.and(self.new.allowed(other.rule).certain());
                let decides = |side: &Side<'_>, earlier: &[usize]| {
                    let mut earlier = earlier.iter();
                    earlier.all(|rule| side.allowed(*rule).allow(&both) != Match::Yes)
                };
                if !decides(&self.old, &one.earlier) || !decides(&self.new, &other.earlier) {
                    continue;
                }
                let is_certain = one.is_certain && other.is_certain;
                for (changed, is_known) in self.response_changes(one.rule, other.rule) {
                    let entry = found.entry(changed);
                    let entry = entry.or_insert((is_certain && is_known, both.clone()));
                    entry.0 |= is_certain && is_known;
                }
            }
        }
        // Rules of which it is unknown which decides may be the same ones as before.
        if found.values().all(|(is_certain, _)| !is_certain)
            && self.have_the_same_rules(Part::Whole, old, new)
        {
            return Vec::new();
        }
        if self.have_the_same_rules(Part::Exposed, old, new) {
            found.remove(&Changed::UnknownReadable);
        }
        let found = found.into_iter();
        found
            .map(|(changed, (is_certain, headers))| (changed, is_certain, self.names(&headers)))
            .collect()
    }

    fn have_the_same_rules(&self, part: Part, old: &[Candidate], new: &[Candidate]) -> bool {
        let in_new = |one: &Candidate| new.iter().any(|it| (self.is_same)(part, one.rule, it.rule));
        let in_old = |one: &Candidate| old.iter().any(|it| (self.is_same)(part, it.rule, one.rule));
        old.iter().all(in_new) && new.iter().all(in_old)
    }

    /// Returns what differs in the responses of two rules, and whether that is certain.
    fn response_changes(&self, old: usize, new: usize) -> Vec<(Changed, bool)> {
        let request = Request::preflight("", "GET", "");
        let answer = |side: &Side<'_>, rule: usize| {
            let rule = &side.policy.rules[rule];
            response(side.policy.provider(), rule, "", &request)
        };
        let (before, after) = (answer(&self.old, old), answer(&self.new, new));
        let is_same = (self.is_same)(Part::Whole, old, new);
        let mut found = Vec::new();
        let names = |headers: &Fact<Vec<String>>| match headers {
            Fact::Known(headers) => {
                let mut names = headers.clone();
                names.sort_by_key(|name| name.to_ascii_lowercase());
                names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
                Some(names)
            }
            Fact::Unknown(_) => None,
        };
        match (names(&before.expose_headers), names(&after.expose_headers)) {
            (Some(old), Some(new)) => {
                let without = |one: &[String], other: &[String]| -> Vec<String> {
                    {
                        let has =
                            |name: &&String| other.iter().any(|it| it.eq_ignore_ascii_case(name));
                        one.iter().filter(|name| !has(name)).cloned().collect()
                    }
                };
                let (more, fewer) = (without(&new, &old), without(&old, &new));
                if !more.is_empty() {
                    found.push((Changed::Readable(more), true));
                }
                if !fewer.is_empty() {
                    found.push((Changed::Unreadable(fewer), true));
                }
            }
            (None, None) if is_same => {}
            _ => found.push((Changed::UnknownReadable, false)),
        }
        match (&before.allow_credentials, &after.allow_credentials) {
            (Fact::Known(old), Fact::Known(new)) if old != new => {
                found.push((Changed::Credentials(*new), true));
            }
            (Fact::Known(false), Fact::Unknown(_)) | (Fact::Unknown(_), Fact::Known(true)) => {
                found.push((Changed::Credentials(true), false));
            }
            (Fact::Known(true), Fact::Unknown(_)) | (Fact::Unknown(_), Fact::Known(false)) => {
                found.push((Changed::Credentials(false), false));
            }
            _ => {}
        }
        let max_age = |side: &Side<'_>, rule: usize| match &side.policy.rules[rule].max_age {
            Known::Set(max_age) => Some(Some(max_age.seconds)),
            Known::Absent if side.policy.dialect.absent_max_age_is_zero => Some(Some(0)),
            Known::Absent => Some(None),
            Known::Unknown(..) => None,
        };
        match (max_age(&self.old, old), max_age(&self.new, new)) {
            (Some(old), Some(new)) if old != new => found.push((Changed::MaxAge(old, new), true)),
            _ => {}
        }
        found
    }
}

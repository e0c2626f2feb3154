//! Sets of header patterns, and which of them each rule allows.

use std::collections::BTreeSet;

use super::side::instance;
use crate::matching::PatternSet;
use crate::policy::{Policy, Rule};
use crate::provider::{Match, Wildcard};

/// A set of header patterns, by their places in a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct HeaderSet(Vec<u64>);

impl HeaderSet {
    pub(super) fn insert(&mut self, place: usize) {
        let word = place / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (place % 64);
    }

    pub(super) fn remove(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word &= !(1 << (place % 64));
        }
    }

    /// Returns the set of one pattern.
    pub(super) fn one(place: usize) -> HeaderSet {
        let mut set = HeaderSet::default();
        set.insert(place);
        set
    }

    fn word(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }

    pub(super) fn is_part_of(&self, other: &HeaderSet) -> bool {
        let mut words = self.0.iter().enumerate();
        words.all(|(index, word)| word & !other.word(index) == 0)
    }

    /// Returns what is in both sets.
    pub(super) fn and(&self, other: &HeaderSet) -> HeaderSet {
        let words = self.0.iter().enumerate();
        HeaderSet(
            words
                .map(|(index, word)| word & other.word(index))
                .collect(),
        )
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate();
        words.flat_map(|(index, word)| {
            let bits = (0..64).filter(move |bit| word & (1 << bit) != 0);
            bits.map(move |bit| index * 64 + bit)
        })
    }
}

/// The header patterns that a rule allows.
#[derive(Debug, Default)]
pub(super) struct AllowedHeaders {
    certain: HeaderSet,
    /// Those and the ones that it may allow.
    possible: HeaderSet,
}

impl AllowedHeaders {
    /// Reads the headers of a rule. `patterns` are all that there are, in lower case.
    pub(super) fn new(
        policy: &Policy,
        rule: &Rule,
        patterns: &[String],
        generic: &str,
    ) -> AllowedHeaders {
        let provider = policy.provider();
        let entries = rule.allowed_headers.entries();
        let lower: Vec<String> = entries.map(|it| it.value().to_ascii_lowercase()).collect();
        let is_known = rule.allowed_headers.is_complete();
        let set = PatternSet::new(provider.wildcard, lower.iter().map(String::as_str));
        let mut allowed = AllowedHeaders::default();
        for (place, pattern) in patterns.iter().enumerate() {
            let matches = match provider.wildcard {
                // The pattern is allowed if another one contains it.
                Wildcard::AnyCharacters => Match::certain(set.covers(pattern)),
                _ => super::side::any(&rule.allowed_headers, &|entry| {
                    (provider.header_matches)(entry, &instance(pattern, generic))
                }),
            };
            if matches == Match::Yes {
                allowed.certain.insert(place);
            }
            if matches != Match::No || !is_known {
                allowed.possible.insert(place);
            }
        }
        allowed
    }

    /// Whether all headers of a set are allowed.
    pub(super) fn allow(&self, headers: &HeaderSet) -> Match {
        match () {
            () if headers.is_part_of(&self.certain) => Match::Yes,
            () if headers.is_part_of(&self.possible) => Match::Unknown,
            () => Match::No,
        }
    }

    pub(super) fn certain(&self) -> &HeaderSet {
        &self.certain
    }

    pub(super) fn possible(&self) -> &HeaderSet {
        &self.possible
    }
}

/// Returns the patterns of all headers of two policies, in lower case, each once.
pub(super) fn patterns(old: &Policy, new: &Policy) -> Vec<String> {
    let rules = old.rules.iter().chain(&new.rules);
    let entries = rules.flat_map(|rule| rule.allowed_headers.entries());
    let patterns: BTreeSet<_> = entries.map(|it| it.value().to_ascii_lowercase()).collect();
    patterns.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::HeaderSet;

    #[test]
    fn sets_of_different_lengths_are_compared() {
        let (small, large) = (HeaderSet::one(3), HeaderSet::one(100));
        let mut both = small.clone();
        both.insert(100);
        assert!(small.is_part_of(&both) && large.is_part_of(&both));
        assert!(!both.is_part_of(&small) && !both.is_part_of(&large));
        assert_eq!(both.iter().collect::<Vec<_>>(), [3, 100]);
        assert_eq!((both.len(), both.and(&small).len()), (2, 1));
        both.remove(100);
        assert!(both.is_part_of(&small));
    }
}

//! Containment: which patterns and rules match everything that other patterns and rules match.

use std::collections::{BTreeSet, HashMap};

use super::allowing_entry;
use crate::policy::{Entry, Policy, Rule};
use crate::provider::{Provider, Selection, Wildcard, split_at_star};

/// An index of the patterns of a list, used to find a pattern that contains an entry. A `*` matches any
/// characters. Short lists are searched linearly; the patterns of long lists are indexed by the text
/// after their `*` to avoid quadratic time.
///
/// `a*b` contains `c*d` if and only if c starts with a and d ends with b, since the `*` matches any
/// text, including the empty string.
pub struct WildcardIndex<'p> {
    /// The text before and after the `*`, and the index of the pattern in the list.
    all: Vec<(&'p str, &'p str, usize)>,
    /// For long lists only: the patterns by the text after the `*`, then by the text before the `*`.
    by_end: ByLength<'p, ByLength<'p, Vec<usize>>>,
}

/// A map keyed by text that finds the keys that are a prefix or suffix of another text. Lookups try
/// only key lengths that occur.
struct ByLength<'p, T> {
    lengths: BTreeSet<usize>,
    texts: HashMap<&'p str, T>,
}

impl<T> Default for ByLength<'_, T> {
    fn default() -> Self {
        ByLength {
            lengths: BTreeSet::new(),
            texts: HashMap::new(),
        }
    }
}

impl<'p, T: Default> ByLength<'p, T> {
    fn entry(&mut self, text: &'p str) -> &mut T {
        self.lengths.insert(text.len());
        self.texts.entry(text).or_default()
    }

    /// Returns the entries whose key is a prefix of `text`, shortest first.
    fn starts_of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t T)> {
        let lengths = self.lengths.range(..=text.len());
        lengths.filter_map(|length| Some((*length, self.texts.get(text.get(..*length)?)?)))
    }

    /// Returns the entries whose key is a suffix of `text`, shortest first.
    fn ends_of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t T)> {
        let lengths = self.lengths.range(..=text.len());
        lengths.filter_map(|length| {
            let end = text.get(text.len() - length..)?;
            Some((*length, self.texts.get(end)?))
        })
    }
}

impl<'p> WildcardIndex<'p> {
    /// The maximum number of patterns that are searched linearly.
    const FEW: usize = 16;

    /// Creates an index of the texts that contain a `*`. Each text comes with its index in the list.
    pub fn new(texts: impl Iterator<Item = (usize, &'p str)>) -> WildcardIndex<'p> {
        let patterns = texts.filter_map(|(place, text)| {
            let (start, end) = split_at_star(text)?;
            Some((start, end, place))
        });
        let all: Vec<_> = patterns.collect();
        let mut by_end: ByLength<'p, ByLength<'p, Vec<usize>>> = ByLength::default();
        if all.len() > Self::FEW {
            for (start, end, place) in &all {
                by_end.entry(end).entry(start).push(*place);
            }
        }
        WildcardIndex { all, by_end }
    }

    /// Returns the indices of all patterns that contain everything that `text` matches.
    pub fn matching<'t>(&'t self, text: &'t str) -> Box<dyn Iterator<Item = usize> + 't> {
        let parts = split_at_star(text);
        let (before, after) = parts.unwrap_or((text, text));
        // In a text without a `*` start and end must not overlap.
        let max = parts.map_or(text.len(), |_| usize::MAX);
        if self.all.len() <= Self::FEW {
            let containing = self.all.iter().filter(move |(start, end, _)| {
                start.len() + end.len() <= max && before.starts_with(start) && after.ends_with(end)
            });
            return Box::new(containing.map(|(.., place)| *place));
        }
        Box::new(self.by_end.ends_of(after).flat_map(move |(end, starts)| {
            let starts = starts.starts_of(before);
            let starts = starts.take_while(move |(start, _)| start + end <= max);
            starts.flat_map(|(_, places)| places.iter().copied())
        }))
    }

    /// Returns the index of a pattern, other than the pattern at `own`, that contains everything that
    /// `text` matches. If there are several, the pattern with the shortest suffix wins.
    pub fn containing(&self, text: &str, own: Option<usize>) -> Option<usize> {
        if self.all.is_empty() {
            return None;
        }
        let parts = split_at_star(text);
        let (before, after) = parts.unwrap_or((text, text));
        // In a text without a `*` start and end must not overlap.
        let max = parts.map_or(text.len(), |_| usize::MAX);
        if self.all.len() <= Self::FEW {
            let containing = self.all.iter().filter(|(start, end, place)| {
                Some(*place) != own
                    && start.len() + end.len() <= max
                    && before.starts_with(start)
                    && after.ends_with(end)
            });
            let widest = containing.min_by_key(|(_, end, place)| (end.len(), *place));
            return widest.map(|(.., place)| *place);
        }
        self.by_end.ends_of(after).find_map(|(end, starts)| {
            let starts = starts.starts_of(before);
            let starts = starts.take_while(|(start, _)| start + end <= max);
            // Two equal patterns are enough, since at most one of them is at `own`.
            let places = starts.flat_map(|(_, places)| places.iter().take(2));
            places.filter(|place| Some(**place) != own).min().copied()
        })
    }
}

/// A set of list entries, used to check whether an entry matches everything that another entry matches.
pub struct PatternSet<'p> {
    sorted: Vec<&'p str>,
    has_star: bool,
    patterns: WildcardIndex<'p>,
}

impl<'p> PatternSet<'p> {
    /// Creates a set. Header names must be in lower case, since their case doesn't matter.
    pub fn new(wildcard: Wildcard, texts: impl Iterator<Item = &'p str>) -> PatternSet<'p> {
        let mut sorted: Vec<_> = texts.collect();
        sorted.sort_unstable();
        let patterns = sorted.iter().copied();
        let patterns = patterns.filter(|_| wildcard == Wildcard::AnyCharacters);
        PatternSet {
            has_star: sorted.binary_search(&"*").is_ok(),
            patterns: WildcardIndex::new(patterns.enumerate()),
            sorted,
        }
    }

    /// Returns true if an entry certainly matches everything that `text` matches.
    pub fn covers(&self, text: &str) -> bool {
        self.has_star
            || self.sorted.binary_search(&text).is_ok()
            || self.patterns.containing(text, None).is_some()
    }
}

/// The number of rules at the start of a policy that are checked for covering later rules. The limit
/// avoids quadratic time. No provider accepts more rules.
const MAX_RULES: usize = 100;

/// The earlier rules that decide requests before a later rule is reached. The result is exact if the
/// provider documents its rule selection and patterns, and empty otherwise.
///
/// Take a request with one instance of each pattern of a rule, in which each `*` is a text that appears
/// nowhere else. It is decided by an earlier rule only if that rule contains each of these patterns. So a rule is never
/// reached with an origin and a method if and only if a single earlier rule covers both, and all headers.
pub struct Coverage<'p> {
    policy: &'p Policy,
    headers_matter: bool,
    /// The origins and headers of the first rules; empty if the provider's behavior is undocumented.
    sets: Vec<(PatternSet<'p>, PatternSet<'p>)>,
    /// The headers of each rule in lower case.
    headers: &'p [Vec<String>],
    /// For each rule and each of its origins, the earlier rules that cover the origin and all headers; `None`
    /// if the rule is reached with some origin, whatever the method.
    covering: Vec<Option<Vec<Vec<usize>>>>,
}

/// Returns the allowed headers of each rule in lower case, for [`Coverage::new`].
pub fn lower_case_headers(policy: &Policy) -> Vec<Vec<String>> {
    let rules = policy.rules.iter();
    rules
        .map(|rule| {
            let headers = rule.allowed_headers.entries();
            headers
                .map(|header| header.value().to_ascii_lowercase())
                .collect()
        })
        .collect()
}

impl<'p> Coverage<'p> {
    /// Prepares the rules of a policy.
    pub fn new(policy: &'p Policy, headers: &'p [Vec<String>]) -> Coverage<'p> {
        let provider: &Provider = policy.provider();
        let is_known = policy.selection() != Selection::Undocumented && policy.rules.len() > 1;
        let first = policy.rules.iter().zip(headers).take(MAX_RULES);
        let sets = first.filter(|_| is_known).map(|(rule, headers)| {
            let origins = rule.origins.entries().map(Entry::value);
            let headers = headers.iter().map(String::as_str);
            (
                PatternSet::new(provider.wildcard, origins),
                PatternSet::new(provider.wildcard, headers),
            )
        });
        let mut coverage = Coverage {
            policy,
            headers_matter: policy.selection() == Selection::FirstMatch,
            sets: sets.collect(),
            headers,
            covering: Vec::new(),
        };
        let covering = policy.rules.iter().map(|rule| coverage.covering(rule));
        coverage.covering = covering.collect();
        coverage
    }

    fn covering(&self, rule: &Rule) -> Option<Vec<Vec<usize>>> {
        let by_headers = self.covering_headers(rule);
        let origins = rule.origins.entries().map(|origin| {
            let covering = by_headers.iter().copied();
            let covering = covering.filter(|index| self.sets[*index].0.covers(origin.value()));
            let covering: Vec<_> = covering.collect();
            (!covering.is_empty()).then_some(covering)
        });
        origins.collect()
    }

    /// Returns the earlier rules that cover all headers of a rule; none if that is uncertain.
    fn covering_headers(&self, rule: &Rule) -> Vec<usize> {
        if self.headers_matter && !rule.allowed_headers.is_complete() {
            return Vec::new();
        }
        let covers = |headers: &PatternSet<'_>| {
            !self.headers_matter || self.headers[rule.index].iter().all(|h| headers.covers(h))
        };
        let earlier = self.sets.iter().enumerate().take(rule.index);
        let covering = earlier.filter(|(_, (_, headers))| covers(headers));
        covering.map(|(index, _)| index).collect()
    }

    /// Returns the first earlier rule that decides every request with this origin and method that the
    /// rule could decide; `None` if the rule can, or might, be reached.
    pub fn decided_by(&self, rule: &Rule, origin: &str, method: &str) -> Option<usize> {
        let mut covering = self.covering_headers(rule).into_iter();
        covering.find(|index| {
            let earlier = &self.policy.rules[*index];
            self.sets[*index].0.covers(origin)
                && allowing_entry(self.policy.provider(), earlier, method).is_some()
        })
    }

    /// Returns the earlier rules that together decide every request that a rule could decide; `None` if
    /// the rule can be reached, or might be.
    pub fn shadowing(&self, rule: &Rule) -> Option<Vec<usize>> {
        if !rule.origins.is_complete() || !rule.methods.is_complete() {
            return None;
        }
        let methods = rule.methods.entries();
        self.deciding(rule, methods.map(Entry::value))
    }

    /// Returns the earlier rules that together decide every request with a method that a rule could
    /// decide; `None` if the rule can be reached with it, or might be.
    pub fn shadowing_method(&self, rule: &Rule, method: &str) -> Option<Vec<usize>> {
        if !rule.origins.is_complete() {
            return None;
        }
        self.deciding(rule, std::iter::once(method))
    }

    fn deciding<'m>(
        &self,
        rule: &Rule,
        methods: impl Iterator<Item = &'m str>,
    ) -> Option<Vec<usize>> {
        let covering = self.covering[rule.index].as_ref()?;
        let mut deciding = BTreeSet::new();
        for method in methods {
            let allows: Vec<bool> = self
                .policy
                .rules
                .iter()
                .take(rule.index.min(self.sets.len()))
                .map(|earlier| allowing_entry(self.policy.provider(), earlier, method).is_some())
                .collect();
            for covering in covering {
                deciding.insert(*covering.iter().find(|index| allows[**index])?);
            }
        }
        (!deciding.is_empty()).then(|| deciding.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_everything_that_the_inner_pattern_matches() {
        let cases = [
            ("https://*.acme.io", "https://a.b.acme.io", true),
            ("https://*.acme.io", "https://*.b.acme.io", true),
            ("https://*.acme.io", "https://acme.io", false),
            ("https://*", "https://*.acme.io", true),
            ("*", "https://*", true),
            ("https://a.acme.io", "https://*.acme.io", false),
            ("ab*bc", "ab*c", false),
            ("ab*bc", "abc", false),
            ("aba*", "ab*", false),
            ("a*abc", "abc", false),
        ];
        for (outer, inner, covers) in cases {
            let set = PatternSet::new(Wildcard::AnyCharacters, [outer].into_iter());
            assert_eq!(set.covers(inner), covers, "{outer} {inner}");
        }
    }
}

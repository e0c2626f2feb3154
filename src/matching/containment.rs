//! Which entries of a list, and which rules, match all that others match.

use std::collections::{BTreeSet, HashMap};

use super::{grants_all, split};
use crate::policy::{Known, Policy, Provider};

/// S3's patterns of a list, to find the one that contains an entry. A few are tried one by one, many
/// are found by what follows their `*`: so a list of many is not compared item by item.
///
/// The texts of `c*d` all match `a*b` if and only if c begins with a and d ends with b: what the `*`
/// stands for may be empty or anything.
pub struct Patterns<'p> {
    /// What stands before and behind the `*`, and the place in the list.
    all: Vec<(&'p str, &'p str, usize)>,
    /// Only where there are many: by what follows the `*`, then by what stands before it.
    by_end: ByLength<'p, ByLength<'p, Vec<usize>>>,
}

/// Texts, of which those are found that another begins or ends with: only the lengths that there are
/// have to be tried.
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

    /// Those that `text` begins with, the shortest first.
    fn starts_of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t T)> {
        let lengths = self.lengths.range(..=text.len());
        lengths.filter_map(|length| Some((*length, self.texts.get(text.get(..*length)?)?)))
    }

    /// Those that `text` ends with, the shortest first.
    fn ends_of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t T)> {
        let lengths = self.lengths.range(..=text.len());
        lengths.filter_map(|length| {
            let end = text.get(text.len() - length..)?;
            Some((*length, self.texts.get(end)?))
        })
    }
}

impl<'p> Patterns<'p> {
    const FEW: usize = 16;

    /// Those of `texts`, each with its place, that hold a `*`.
    pub fn new(texts: impl Iterator<Item = (usize, &'p str)>) -> Patterns<'p> {
        let patterns = texts.filter_map(|(place, text)| {
            let (start, end) = split(text)?;
            Some((start, end, place))
        });
        let all: Vec<_> = patterns.collect();
        let mut by_end: ByLength<'p, ByLength<'p, Vec<usize>>> = ByLength::default();
        if all.len() > Self::FEW {
            for (start, end, place) in &all {
                by_end.entry(end).entry(start).push(*place);
            }
        }
        Patterns { all, by_end }
    }

    /// The place of the pattern with the shortest end, other than that at `own`, that contains all
    /// that `text` matches.
    pub fn containing(&self, text: &str, own: Option<usize>) -> Option<usize> {
        if self.all.is_empty() {
            return None;
        }
        let parts = split(text);
        let (before, after) = parts.unwrap_or((text, text));
        // In a text without a `*` start and end must not overlap.
        let most = parts.map_or(text.len(), |_| usize::MAX);
        if self.all.len() <= Self::FEW {
            let containing = self.all.iter().filter(|(start, end, place)| {
                Some(*place) != own
                    && start.len() + end.len() <= most
                    && before.starts_with(start)
                    && after.ends_with(end)
            });
            let widest = containing.min_by_key(|(_, end, place)| (end.len(), *place));
            return widest.map(|(.., place)| *place);
        }
        self.by_end.ends_of(after).find_map(|(end, starts)| {
            let starts = starts.starts_of(before);
            let starts = starts.take_while(|(start, _)| start + end <= most);
            // Of doubles two are enough: one of them is another than its own.
            let places = starts.flat_map(|(_, places)| places.iter().take(2));
            places.filter(|place| Some(**place) != own).min().copied()
        })
    }
}

/// The entries of a list of S3 or GCS, to find among them one that matches all that another entry
/// matches.
pub struct Entries<'p> {
    sorted: Vec<&'p str>,
    has_star: bool,
    patterns: Patterns<'p>,
}

impl<'p> Entries<'p> {
    /// Header names are to be in lower case: their case does not matter.
    pub fn new(provider: Provider, texts: impl Iterator<Item = &'p str>) -> Entries<'p> {
        let mut sorted: Vec<_> = texts.collect();
        sorted.sort_unstable();
        // What another `*` than the lone one does elsewhere is not documented.
        let patterns = sorted.iter().copied().filter(|_| provider == Provider::S3);
        Entries {
            has_star: sorted.binary_search(&"*").is_ok(),
            patterns: Patterns::new(patterns.enumerate()),
            sorted,
        }
    }

    /// Whether one of them certainly matches everything that `text` matches.
    pub fn contain(&self, text: &str) -> bool {
        self.has_star
            || self.sorted.binary_search(&text).is_ok()
            || self.patterns.containing(text, None).is_some()
    }
}

/// For each rule the earlier ones that match every origin and header that it matches: the first of
/// them that grants a method decides all requests of that method that the rule could decide. None
/// where that is not certain; and none after one that grants all its methods.
pub fn containing(policy: &Policy<'_>) -> Vec<Vec<usize>> {
    // Which of several rules answers is known of these two.
    let headers_matter = match policy.provider {
        Provider::S3 => true,
        Provider::Gcs => false,
        Provider::R2 | Provider::B2 => return vec![Vec::new(); policy.rules.len()],
    };
    // No provider takes more rules; and so the time that this takes grows with the policy, not with
    // its square.
    const MOST_RULES: usize = 100;
    let lists = policy.rules.iter().map(|rule| {
        let origins = rule.origins.known().map(Known::value);
        let headers = rule.allowed_headers.known().filter(|_| headers_matter);
        let headers = headers.map(|header| header.value().to_ascii_lowercase());
        (origins.collect(), headers.collect())
    });
    let lists: Vec<(Vec<&str>, Vec<String>)> = lists.collect();
    let first = lists.iter().take(MOST_RULES).map(|(origins, headers)| {
        let origins = Entries::new(policy.provider, origins.iter().copied());
        let headers = headers.iter().map(String::as_str);
        (origins, Entries::new(policy.provider, headers))
    });
    let first: Vec<_> = first.collect();
    let rules = policy.rules.iter().zip(&lists);
    let found = rules.map(|(rule, (origins, headers))| {
        let is_certain = !origins.is_empty()
            && rule.methods.known().next().is_some()
            && rule.origins.is_known()
            && rule.methods.is_known()
            && (rule.allowed_headers.is_known() || !headers_matter);
        let mut containing = Vec::new();
        let earlier = first.iter().enumerate().take(rule.index);
        for (index, (first_origins, first_headers)) in earlier.filter(|_| is_certain) {
            let contains = origins.iter().all(|origin| first_origins.contain(origin))
                && headers.iter().all(|header| first_headers.contain(header));
            if contains {
                containing.push(index);
                if grants_all(&policy.rules[index], rule) {
                    break;
                }
            }
        }
        containing
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containment_is_of_all_that_matches() {
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
        for (outer, inner, contains) in cases {
            let entries = Entries::new(Provider::S3, [outer].into_iter());
            assert_eq!(entries.contain(inner), contains, "{outer} {inner}");
        }
    }
}

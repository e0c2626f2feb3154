//! Suggestions for misspelled names.

/// Returns the known name closest to `name`; `None` if none is close enough to suggest.
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let is_prefix = |known: &str| name.len() >= 3 && known.starts_with(name);
    known
        .map(|known| (strsim::osa_distance(name, known), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4 || is_prefix(known))
        .min()
        .map(|(_, known)| known)
}

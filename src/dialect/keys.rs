//! How each reader of CORS policies spells a field. A key of another reader is the commonest
//! mistake there is, so a dialect knows them all.

/// A field of a rule, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    Id,
    Origins,
    Methods,
    AllowedHeaders,
    ExposedHeaders,
    MaxAge,
}

/// A spelling and whose it is.
pub(super) struct Spelling {
    pub(super) key: &'static str,
    pub(super) meaning: Meaning,
    /// The readers that spell it so, for messages.
    pub(super) owner: &'static str,
}

const fn spelling(key: &'static str, meaning: Meaning, owner: &'static str) -> Spelling {
    Spelling {
        key,
        meaning,
        owner,
    }
}

/// The spellings of the readers that are known. The first of a key names its owner.
pub(super) const SPELLINGS: &[Spelling] = &[
    spelling("AllowedOrigins", Meaning::Origins, "S3"),
    spelling("AllowedMethods", Meaning::Methods, "S3"),
    spelling("AllowedHeaders", Meaning::AllowedHeaders, "S3"),
    spelling("ExposeHeaders", Meaning::ExposedHeaders, "S3"),
    spelling("MaxAgeSeconds", Meaning::MaxAge, "S3"),
    spelling("ID", Meaning::Id, "S3"),
    spelling("origin", Meaning::Origins, "GCS"),
    spelling("method", Meaning::Methods, "GCS"),
    spelling("responseHeader", Meaning::ExposedHeaders, "GCS"),
    spelling("maxAgeSeconds", Meaning::MaxAge, "GCS, R2 and B2"),
    spelling("origins", Meaning::Origins, "R2"),
    spelling("methods", Meaning::Methods, "R2"),
    spelling("headers", Meaning::AllowedHeaders, "R2"),
    spelling("exposeHeaders", Meaning::ExposedHeaders, "R2 and B2"),
    spelling("id", Meaning::Id, "R2"),
    spelling("corsRuleName", Meaning::Id, "B2"),
    spelling("allowedOrigins", Meaning::Origins, "B2"),
    spelling("allowedOperations", Meaning::Methods, "B2"),
    spelling("allowedHeaders", Meaning::AllowedHeaders, "B2"),
    spelling("allowedMethods", Meaning::Methods, "Azure"),
    spelling("exposedHeaders", Meaning::ExposedHeaders, "Azure"),
    spelling("maxAgeInSeconds", Meaning::MaxAge, "Azure"),
    spelling("AllowedOrigin", Meaning::Origins, "S3's XML"),
    spelling("AllowedMethod", Meaning::Methods, "S3's XML"),
    spelling("AllowedHeader", Meaning::AllowedHeaders, "S3's XML"),
    spelling("ExposeHeader", Meaning::ExposedHeaders, "S3's XML"),
    spelling("ExposedHeaders", Meaning::ExposedHeaders, "CloudFormation"),
    spelling("MaxAge", Meaning::MaxAge, "CloudFormation"),
    spelling("Id", Meaning::Id, "CloudFormation"),
    spelling("allowed_origins", Meaning::Origins, "Terraform"),
    spelling("allowed_methods", Meaning::Methods, "Terraform"),
    spelling("allowed_headers", Meaning::AllowedHeaders, "Terraform"),
    spelling("expose_headers", Meaning::ExposedHeaders, "Terraform"),
    spelling("max_age_seconds", Meaning::MaxAge, "Terraform"),
    spelling("response_header", Meaning::ExposedHeaders, "Terraform"),
    spelling("Access-Control-Allow-Origin", Meaning::Origins, "HTTP"),
    spelling("Access-Control-Allow-Methods", Meaning::Methods, "HTTP"),
    spelling(
        "Access-Control-Allow-Headers",
        Meaning::AllowedHeaders,
        "HTTP",
    ),
    spelling(
        "Access-Control-Expose-Headers",
        Meaning::ExposedHeaders,
        "HTTP",
    ),
    spelling("Access-Control-Max-Age", Meaning::MaxAge, "HTTP"),
];

/// Spellings that are nobody's, but can only mean one field.
pub(super) const SLIPS: &[(&str, Meaning)] = &[
    ("exposed", Meaning::ExposedHeaders),
    ("exposedHeader", Meaning::ExposedHeaders),
    ("responseHeaders", Meaning::ExposedHeaders),
    ("maxAge", Meaning::MaxAge),
    ("maxAgeSec", Meaning::MaxAge),
    ("allowOrigin", Meaning::Origins),
    ("allowOrigins", Meaning::Origins),
    ("allowMethod", Meaning::Methods),
    ("allowMethods", Meaning::Methods),
    ("allowHeader", Meaning::AllowedHeaders),
    ("allowHeaders", Meaning::AllowedHeaders),
    ("ruleName", Meaning::Id),
];

/// What a key is to a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The dialect's own spelling.
    Own(Meaning),
    /// Another reader's.
    Foreign(Meaning, &'static str),
    /// Nobody's, but near enough to one.
    Misspelt(Meaning),
    /// Something else.
    Unknown,
}

impl Known {
    /// The same for another field.
    pub(super) fn map(self, change: impl Fn(Meaning) -> Meaning) -> Known {
        match self {
            Known::Own(meaning) => Known::Own(change(meaning)),
            Known::Foreign(meaning, owner) => Known::Foreign(change(meaning), owner),
            Known::Misspelt(meaning) => Known::Misspelt(change(meaning)),
            Known::Unknown => Known::Unknown,
        }
    }

    /// The field that is meant.
    pub(super) fn meaning(self) -> Option<Meaning> {
        match self {
            Known::Own(meaning) | Known::Foreign(meaning, _) | Known::Misspelt(meaning) => {
                Some(meaning)
            }
            Known::Unknown => None,
        }
    }
}

/// Looks a key up: the dialect's own spellings first, then everybody's, then what is near.
pub(super) fn look_up(key: &str, own: &[(Meaning, &'static str)]) -> Known {
    if let Some((meaning, _)) = own.iter().find(|(_, name)| *name == key) {
        return Known::Own(*meaning);
    }
    if let Some(spelling) = SPELLINGS.iter().find(|spelling| spelling.key == key) {
        return Known::Foreign(spelling.meaning, spelling.owner);
    }
    // Two letters more or less make a short word another word.
    let length = plain(key).count();
    if length < 4 {
        return Known::Unknown;
    }
    let everybody = SPELLINGS.iter().map(|s| (s.meaning, s.key));
    let slips = SLIPS.iter().map(|(key, meaning)| (*meaning, *key));
    let mut known = own.iter().copied().chain(everybody).chain(slips);
    if let Some((meaning, _)) = known.find(|(_, name)| plain(name).eq(plain(key))) {
        return Known::Misspelt(meaning);
    }
    if length < 6 {
        return Known::Unknown;
    }
    // More letters between two words than that are changes between them too.
    let is_near = |name: &str| name.len() >= 6 && name.len().abs_diff(length) <= MOST_CHANGES;
    let word = plain(key).collect::<String>();
    let nearest = own
        .iter()
        .filter(|(_, name)| is_near(name))
        .map(|(meaning, name)| {
            (
                strsim::osa_distance(&plain(name).collect::<String>(), &word),
                meaning,
            )
        })
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, meaning)) if distance <= MOST_CHANGES => Known::Misspelt(*meaning),
        _ => Known::Unknown,
    }
}

/// How many letters may be wrong, missing or too many in a word.
const MOST_CHANGES: usize = 2;

/// The letters of a key without regard to case, hyphens and underscores.
fn plain(key: &str) -> impl Iterator<Item = char> {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    letters.map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &[(Meaning, &str)] = &[
        (Meaning::Id, "ID"),
        (Meaning::Origins, "AllowedOrigins"),
        (Meaning::Methods, "AllowedMethods"),
        (Meaning::AllowedHeaders, "AllowedHeaders"),
        (Meaning::ExposedHeaders, "ExposeHeaders"),
        (Meaning::MaxAge, "MaxAgeSeconds"),
    ];

    #[test]
    fn keys_are_known_by_what_they_mean() {
        let cases = [
            ("AllowedOrigins", Known::Own(Meaning::Origins)),
            (
                "maxAgeSeconds",
                Known::Foreign(Meaning::MaxAge, "GCS, R2 and B2"),
            ),
            (
                "ExposedHeaders",
                Known::Foreign(Meaning::ExposedHeaders, "CloudFormation"),
            ),
            ("AlowedOrigins", Known::Misspelt(Meaning::Origins)),
            ("allowed-origins", Known::Misspelt(Meaning::Origins)),
            ("AllowOrigin", Known::Misspelt(Meaning::Origins)),
            ("MaxAgeSecond", Known::Misspelt(Meaning::MaxAge)),
            ("AllowCredentials", Known::Unknown),
            ("Comment", Known::Unknown),
            ("_id", Known::Unknown),
            ("name", Known::Unknown),
        ];
        for (key, known) in cases {
            assert_eq!(look_up(key, OWN), known, "{key}");
        }
    }
}

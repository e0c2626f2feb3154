//! The one model that every lint reads, whatever the provider, the shape and the syntax.

use std::fmt;
use std::ops::Range;

use crate::document::{NodeId, Text};
use crate::finding::Change;
use crate::source::Span;

/// Who answers the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Amazon S3, and what speaks its API.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Cloudflare R2.
    R2,
    /// Backblaze B2.
    B2,
}

impl Provider {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Provider::S3 => "S3",
            Provider::Gcs => "GCS",
            Provider::R2 => "R2",
            Provider::B2 => "B2",
        }
    }

    /// The methods that together are all that it has, as it spells them. B2 has two families, its
    /// own operations and those of its S3 API; GCS takes any method, and these are all that browsers
    /// use with it.
    pub fn all_methods(self) -> &'static [&'static [&'static str]] {
        match self {
            Provider::S3 | Provider::Gcs | Provider::R2 => {
                &[&["GET", "PUT", "POST", "DELETE", "HEAD"]]
            }
            Provider::B2 => &[
                &[
                    "b2_download_file_by_name",
                    "b2_download_file_by_id",
                    "b2_upload_file",
                    "b2_upload_part",
                ],
                &["s3_get", "s3_head", "s3_put", "s3_post", "s3_delete"],
            ],
        }
    }

    /// The key of the list of methods.
    pub fn methods_key(self) -> &'static str {
        match self {
            Provider::S3 => "AllowedMethods",
            Provider::Gcs => "method",
            Provider::R2 => "methods",
            Provider::B2 => "allowedOperations",
        }
    }

    /// The key of the list of response headers that pages may read.
    pub fn exposed_headers_key(self) -> &'static str {
        match self {
            Provider::S3 => "ExposeHeaders",
            Provider::Gcs => "responseHeader",
            Provider::R2 | Provider::B2 => "exposeHeaders",
        }
    }

    /// The key of the seconds for which a preflight's answer holds.
    pub fn max_age_key(self) -> &'static str {
        match self {
            Provider::S3 => "MaxAgeSeconds",
            Provider::Gcs | Provider::R2 | Provider::B2 => "maxAgeSeconds",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One bucket's policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy<'d> {
    /// Who reads it.
    pub provider: Provider,
    /// Its rules, in the order in which the provider asks them.
    pub rules: Vec<Rule<'d>>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule<'d> {
    /// Its place in the policy, from 0.
    pub index: usize,
    /// The bracket that opens it.
    pub head: Span,
    /// Its object; none where its keys stand in several.
    pub node: Option<NodeId>,
    /// Its name.
    pub id: Field<&'d Text<'d>>,
    /// The origins that may use it.
    pub origins: Field<List<'d>>,
    /// The methods (B2: operations) that it grants.
    pub methods: Field<List<'d>>,
    /// The request headers that a preflight may ask for. GCS: the same list as the exposed ones.
    pub allowed_headers: Field<List<'d>>,
    /// The response headers that a page may read.
    pub exposed_headers: Field<List<'d>>,
    /// For how many seconds browsers keep the answer to a preflight.
    pub max_age: Field<MaxAge>,
}

impl Rule<'_> {
    /// How messages call it: by its number, from 1.
    pub fn name(&self) -> String {
        format!("rule {}", self.index + 1)
    }
}

/// What is known of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Field<T> {
    /// It is not there.
    Absent,
    /// It is there, but its value is computed elsewhere or was refused by the schema check.
    Unknown(Span),
    /// Its value.
    Set(T),
}

impl<T> Field<T> {
    /// The value, if it is known.
    pub fn get(&self) -> Option<&T> {
        match self {
            Field::Set(value) => Some(value),
            Field::Absent | Field::Unknown(_) => None,
        }
    }
}

impl<'d> Field<List<'d>> {
    /// The items whose text is known.
    pub fn known(&self) -> impl Iterator<Item = Known<'d>> + Clone + '_ {
        let items = self.get().map_or(&[][..], |list| &list.items);
        items.iter().filter_map(|item| match item {
            Item::Known(known) => Some(*known),
            Item::Unknown(_) => None,
        })
    }

    /// Whether every item is known. A field that is not there has none.
    pub fn is_known(&self) -> bool {
        match self {
            Field::Absent => true,
            Field::Unknown(_) => false,
            Field::Set(list) => list.items.iter().all(|item| matches!(item, Item::Known(_))),
        }
    }

    /// Whether an item with that text is known to be there.
    pub fn has(&self, value: &str) -> bool {
        self.known().any(|text| text.value() == value)
    }
}

/// A list and its items.
#[derive(Debug, Clone, PartialEq)]
pub struct List<'d> {
    /// The whole list, brackets included.
    pub span: Span,
    /// In the order of the file.
    pub items: Vec<Item<'d>>,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'d> {
    /// A string.
    Known(Known<'d>),
    /// Computed elsewhere, which is no fault, or refused by the schema check, which was said.
    Unknown(Span),
}

/// An item whose text is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known<'d> {
    /// The node, for changes.
    pub node: NodeId,
    /// Its text.
    pub text: &'d Text<'d>,
}

impl<'d> Known<'d> {
    /// The decoded string.
    pub fn value(self) -> &'d str {
        self.text.value()
    }

    /// Where it stands, quotes included.
    pub fn span(self) -> Span {
        self.text.span()
    }

    /// Where a part of the decoded string stands.
    pub fn at(self, part: Range<usize>) -> Span {
        self.text.at(part)
    }

    /// The change that takes it out of its list, of which the last item stays.
    pub fn remove(self) -> Change {
        Change::RemoveItem {
            item: self.node,
            may_empty: false,
        }
    }

    /// The change that writes another text in its place.
    pub fn rewrite(self, with: impl Into<String>) -> Change {
        self.replace(0..self.value().len(), with)
    }

    /// The change that writes another text in place of a part.
    pub fn replace(self, part: Range<usize>, with: impl Into<String>) -> Change {
        Change::ReplaceText {
            node: self.node,
            part,
            with: with.into(),
        }
    }
}

/// The seconds of a max age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge {
    /// Seconds; negative ones are taken as they are.
    pub seconds: i64,
    /// Where they stand.
    pub span: Span,
    /// The number.
    pub node: NodeId,
}

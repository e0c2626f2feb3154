//! Completion of keys, methods and headers.
//!
//! The text is rarely valid while it is typed. So a word that no policy contains is put in place of the one that is
//! typed, as a value and as a key; where the locators then find it tells what may be there.

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, TextEdit};

use super::client::Client;
use super::document::Checked;
use crate::analyze::Analysis;
use crate::dialect::Dialect;
use crate::document::{Index, Node};
use crate::field::Field;
use crate::policy::{Item, Rule};
use crate::source::{Source, Span};
use crate::syntax;

/// A word that no policy contains.
const PROBE: &str = "corslintprobe";

/// The word that is typed.
struct Word {
    /// The word with its quotes.
    span: Span,
    /// The quote before it.
    quote: Option<char>,
}

/// Returns the items for the word at a byte. The name of the source selects the syntax; `check` analyzes a changed
/// text.
pub(super) fn completion(
    source: &Source,
    offset: usize,
    client: Client,
    check: &dyn Fn(String) -> Checked,
) -> Vec<CompletionItem> {
    let text = source.text();
    let Ok(syntax) = syntax::of_file(source.name(), text) else {
        return Vec::new();
    };
    let Some(style) = STYLES
        .iter()
        .find(|style| style.syntaxes.contains(&syntax.name))
    else {
        return Vec::new();
    };
    let word = word_at(text, offset);
    let (before, after) = (&text[..word.span.start()], &text[word.span.end()..]);
    // The start of an element that has an end already.
    if text[word.span.range()].ends_with('>') {
        return Vec::new();
    }
    let with = |probe: &str| check(format!("{before}{probe}{after}{}", style.mark)).analysis;
    let range = client.encoding.range(source, word.span);
    let item = |label: &str, kind, detail: Option<&str>, text: String| CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        documentation: detail.map(|text| Documentation::String(text.to_owned())),
        filter_text: Some(text.clone()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, text))),
        ..CompletionItem::default()
    };
    if let Some((values, is_lone)) = values(&with(&style.value(PROBE, word.quote))) {
        let text = |value: &str| match is_lone && !style.is_xml() {
            true => format!("[{}]", style.value(value, word.quote)),
            false => style.value(value, word.quote),
        };
        let items = values.iter();
        return items
            .map(|value| item(value, CompletionItemKind::VALUE, None, text(value)))
            .collect();
    }
    let rest = after.trim_start_matches([' ', '\t']);
    let is_assigned = !style.is_xml() && rest.starts_with(style.separator.trim());
    let text = |key: &str, value: &str| match is_assigned {
        true => style.quoted(key, word.quote),
        false => style.key(key, word.quote, value),
    };
    let Some((dialect, keys)) = keys(&with(&text(PROBE, "null"))) else {
        return Vec::new();
    };
    let items = keys.iter().map(|key| {
        let description = dialect.schema.description(key);
        item(
            key,
            CompletionItemKind::PROPERTY,
            description,
            text(key, ""),
        )
    });
    items.collect()
}

/// How keys and values are written in a syntax.
struct Style {
    syntaxes: &'static [&'static str],
    quotes_keys: bool,
    quotes_values: bool,
    /// What is between a key and its value.
    separator: &'static str,
    /// A comment that tells the search for keys to parse a file in which nothing was written yet.
    mark: &'static str,
}

const STYLES: &[Style] = &[
    Style {
        syntaxes: &["JSON", "JSON with comments"],
        quotes_keys: true,
        quotes_values: true,
        separator: ": ",
        mark: "",
    },
    Style {
        syntaxes: &["YAML"],
        quotes_keys: false,
        quotes_values: false,
        separator: ": ",
        mark: "\n# allowed_origins AllowedOrigins",
    },
    Style {
        syntaxes: &["HCL"],
        quotes_keys: false,
        quotes_values: true,
        separator: " = ",
        mark: "\n# allowed_origins AllowedOrigins",
    },
    Style {
        syntaxes: &["XML"],
        quotes_keys: false,
        quotes_values: false,
        separator: "",
        mark: "<!-- CORSRule -->",
    },
];

impl Style {
    fn is_xml(&self) -> bool {
        self.separator.is_empty()
    }

    /// Writes a value, with the quotes that are there already.
    fn value(&self, value: &str, quote: Option<char>) -> String {
        match quote {
            Some(quote) => format!("{quote}{value}{quote}"),
            None if self.quotes_values => format!("\"{value}\""),
            // YAML reads it as an alias.
            None if value.starts_with('*') && !self.is_xml() => format!("'{value}'"),
            None => value.to_owned(),
        }
    }

    /// Writes a key alone.
    fn quoted(&self, key: &str, quote: Option<char>) -> String {
        match quote {
            Some(quote) => format!("{quote}{key}{quote}"),
            None if self.quotes_keys => format!("\"{key}\""),
            None => key.to_owned(),
        }
    }

    /// Writes a key and its value.
    fn key(&self, key: &str, quote: Option<char>, value: &str) -> String {
        match self.is_xml() {
            true => format!("<{key}>{value}</{key}>"),
            false => format!("{}{}{value}", self.quoted(key, quote), self.separator),
        }
    }
}

/// Returns the word around a byte, with the quotes or the bracket before it.
fn word_at(text: &str, offset: usize) -> Word {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
    let before = text[..offset].trim_end_matches(is_part);
    let after = text[offset..].trim_start_matches(is_part);
    let (mut start, mut end) = (before.len(), text.len() - after.len());
    let quote = before
        .chars()
        .next_back()
        .filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        start -= 1;
        end += usize::from(after.starts_with(quote));
    } else if before.ends_with('<') {
        start -= 1;
        end += usize::from(after.starts_with('>'));
    }
    Word {
        span: Span::new(start, end),
        quote,
    }
}

/// Returns what may be in the list that contains the probe, and whether the probe is in place of the list.
fn values(analysis: &Analysis) -> Option<(Vec<&'static str>, bool)> {
    let index = Index::new(analysis.document()?);
    // The schema may have rejected the probe, so its text is only in the document.
    let text = |item: &Item| Some(index.node(item.node())?.text()?.value());
    for located in &analysis.policies {
        let provider = located.policy.provider();
        let lists = located.policy.rules.iter().flat_map(Rule::lists);
        for (field, list) in lists {
            let items = list.get().map_or(&[][..], |list| &list.items);
            if !items.iter().any(|item| text(item) == Some(PROBE)) {
                continue;
            }
            let known: Vec<&str> = match field {
                Field::Methods => provider.methods.iter().map(|it| it.name).collect(),
                Field::AllowedHeaders => provider.headers.request.to_vec(),
                Field::ExposedHeaders => provider.headers.response.to_vec(),
                _ => Vec::new(),
            };
            let is_listed = |value: &&str| {
                let mut texts = items.iter().filter_map(text);
                texts.any(|text| text.eq_ignore_ascii_case(value))
            };
            let is_lone = list.get().is_some_and(|list| list.is_lone);
            let new = known.into_iter().filter(|it| !is_listed(it));
            return Some((new.collect(), is_lone));
        }
    }
    None
}

/// Returns the keys that may be in the object that contains the probe and are not there yet.
fn keys(analysis: &Analysis) -> Option<(&'static Dialect, Vec<&'static str>)> {
    let document = analysis.document()?;
    let index = Index::new(document);
    for located in &analysis.policies {
        let dialect = located.policy.dialect;
        // Elements of one name are a list.
        let is_repeated =
            |field: Field| document.has_elements && !matches!(field, Field::Id | Field::MaxAge);
        let rules = dialect.key(Field::Rules);
        // The root of XML is an object with the root element.
        let inside = document
            .roots
            .iter()
            .flat_map(|root| root.members().unwrap_or_default());
        let inside = inside
            .filter(|_| document.has_elements)
            .map(|member| &member.value);
        let mut roots = document.roots.iter().chain(inside);
        if let Some(root) = roots.find(|root| root.get(PROBE).is_some())
            && !rules.is_empty()
        {
            let is_new = root.get(rules).is_none() || document.has_elements;
            return Some((dialect, if is_new { vec![rules] } else { Vec::new() }));
        }
        for rule in &located.policy.rules {
            let Some(node) = index.node(rule.node) else {
                continue;
            };
            let group = dialect.group().and_then(|group| node.get(group));
            let fields = dialect
                .fields
                .iter()
                .filter(|key| key.field != Field::Rules);
            let (object, keys): (&Node, Vec<&str>) = match group {
                Some(group) if group.value.get(PROBE).is_some() => {
                    let inside = fields.filter(|key| key.group.is_some());
                    (&group.value, inside.map(|key| key.key).collect())
                }
                _ if node.get(PROBE).is_some() => {
                    let outside = fields.filter(|key| key.group.is_none());
                    let keys = outside.map(|key| key.key).chain(dialect.group());
                    (node, keys.collect())
                }
                _ => continue,
            };
            let is_new = |key: &&str| {
                let mut fields = dialect.fields.iter().filter(|field| field.key == *key);
                object.get(key).is_none() || fields.any(|field| is_repeated(field.field))
            };
            return Some((dialect, keys.into_iter().filter(is_new).collect()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_includes_its_quotes() {
        for (text, at, word) in [
            ("[\"GE\"]", 3, "\"GE\""),
            ("[\"\"]", 2, "\"\""),
            ("[\"GE", 4, "\"GE"),
            ("  Allowed", 9, "Allowed"),
            ("- ", 2, ""),
            ("<Allo", 5, "<Allo"),
            ("['x-amz-", 8, "'x-amz-"),
        ] {
            let span = word_at(text, at).span;
            assert_eq!(&text[span.range()], word, "{text}");
        }
    }
}

//! The differences as Markdown, for a comment on a pull request.

use super::text::title;
use super::words::{access, change, example, position};
use crate::compare::Compared;

/// The length at which no more policies are added: GitHub's comments have at most 65,536 characters.
const MAX_LENGTH: usize = 40_000;

/// Renders the differences as Markdown.
pub fn render(compared: &[Compared]) -> String {
    let different: Vec<_> = compared.iter().filter(|it| it.is_different()).collect();
    let count = |it: &&&Compared| it.widens();
    let mut text = match (different.len(), different.iter().filter(count).count()) {
        (0, _) => return "**CORS**: no difference in what the bucket policies allow\n".to_owned(),
        (1, 0) => "**CORS**: 1 policy changed, nothing is newly allowed\n".to_owned(),
        (all, 0) => format!("**CORS**: {all} policies changed, nothing is newly allowed\n"),
        (_, 1) => "**CORS**: 1 policy allows more than before\n".to_owned(),
        (_, wider) => format!("**CORS**: {wider} policies allow more than before\n"),
    };
    let number = different.len();
    for (index, compared) in different.into_iter().enumerate() {
        if text.len() > MAX_LENGTH {
            text.push_str(&format!(
                "\nand {} more policies; run `corslint diff` to see all\n",
                number - index
            ));
            break;
        }
        text.push_str(&format!("\n#### {}\n", code(&title(compared))));
        let difference = &compared.difference;
        let mut add = |heading: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                text.push_str(&format!("\n{heading}\n\n{}\n", lines.join("\n")));
            }
        };
        let newly = difference.newly_allowed.iter().map(|it| {
            let place = compared
                .new
                .as_ref()
                .map(|side| position(side, it.place.span));
            let place = place.unwrap_or_default();
            format!(
                "- {} ({}, such as {})",
                access(it, &code),
                code(&place),
                code(&example(&it.witness))
            )
        });
        add(":warning: **Newly allowed**", newly.collect());
        let gone = difference.no_longer_allowed.iter();
        let gone = gone.map(|it| {
            format!(
                "- {} (such as {})",
                access(it, &code),
                code(&example(&it.witness))
            )
        });
        add("**No longer allowed**", gone.collect());
        let changed = difference.changed.iter();
        let changed = changed.map(|it| format!("- {}", change(it, &code)));
        add("**For requests still allowed**", changed.collect());
    }
    text
}

/// Returns text as code, whatever it contains.
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let text = super::words::plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest {
        0 => format!("`{text}`"),
        longest => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn code_can_contain_backticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code(" "), "(empty)");
        assert_eq!(code("a`b``"), "``` a`b`` ```");
    }
}

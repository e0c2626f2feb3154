//! Reads and writes the fenced blocks of Markdown files.

/// A Markdown file in parts, in order; written one after the other they are the file.
pub(crate) enum Part {
    Prose(String),
    Fence(Fence),
}

/// A fenced block: its info string in two words, and its lines.
pub(crate) struct Fence {
    pub(crate) language: String,
    pub(crate) file: String,
    pub(crate) body: String,
}

pub(crate) fn parse(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut prose = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            prose.push_str(line);
            prose.push('\n');
            continue;
        };
        parts.push(Part::Prose(std::mem::take(&mut prose)));
        let (language, file) = info.split_once(' ').unwrap_or((info, ""));
        let body = lines.by_ref().take_while(|line| *line != "```");
        parts.push(Part::Fence(Fence {
            language: language.to_owned(),
            file: file.to_owned(),
            body: body.map(|line| format!("{line}\n")).collect(),
        }));
    }
    parts.push(Part::Prose(prose));
    parts
}

pub(crate) fn write(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Prose(prose) => text.push_str(prose),
            Part::Fence(fence) => {
                let space = if fence.file.is_empty() { "" } else { " " };
                text.push_str(&format!(
                    "```{}{space}{}\n{}```\n",
                    fence.language, fence.file, fence.body
                ));
            }
        }
    }
    text
}

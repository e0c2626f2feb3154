//! The differences for people.

use crate::matching::{Access, Place};
use crate::report::Style;

use super::words::{access, change, example, name, plain, position};
use crate::compare::{Compared, Side};

/// Renders the differences. `is_named`: the user named the two files, and knows that they are compared.
pub fn render(compared: &[Compared], is_named: bool, style: Style) -> String {
    // A reader wants to know which policies were taken for the same one.
    let shown = compared
        .iter()
        .filter(|it| it.is_different() || (!is_named && has_moved(it)));
    let texts: Vec<_> = shown.map(|it| one(it, style)).collect();
    match texts.is_empty() {
        true => "no difference\n".to_owned(),
        false => texts.join("\n"),
    }
}

/// Returns true if a policy was found under another name than before.
fn has_moved(compared: &Compared) -> bool {
    match (&compared.old, &compared.new) {
        (Some(old), Some(new)) => name(old) != name(new),
        _ => false,
    }
}

fn one(compared: &Compared, style: Style) -> String {
    let bold = |text: &str, code: u8| match style.color {
        true => format!("\u{1b}[1;{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let mut text = format!("{}\n", bold(&title(compared), 37));
    let difference = &compared.difference;
    if !compared.is_different() {
        text.push_str("  no difference\n");
    }
    let mut add = |heading: String, lines: Vec<(String, String, Option<String>)>| {
        if lines.is_empty() {
            return;
        }
        text.push_str(&format!("  {heading}\n"));
        let width = lines.iter().map(|(left, ..)| left.chars().count());
        let width = width.filter(|width| *width <= MAX_WIDTH).max().unwrap_or(0);
        for (left, right, example) in lines {
            text.push_str(&format!("    {left:width$}  {right}\n"));
            if let Some(example) = example {
                text.push_str(&format!("      such as {example}\n"));
            }
        }
    };
    let line = |it: &Access, place: String| (access(it, &plain), place, Some(example(&it.witness)));
    let newly = difference.newly_allowed.iter();
    let newly = newly.map(|it| line(it, rule(compared.new.as_ref(), it.place)));
    add(bold("newly allowed", 31), newly.collect());
    let gone = difference.no_longer_allowed.iter();
    let gone = gone.map(|it| line(it, format!("was {}", rule(compared.old.as_ref(), it.place))));
    add(bold("no longer allowed", 32), gone.collect());
    let changed = difference.changed.iter();
    let changed = changed.map(|it| {
        let place = rule(compared.new.as_ref(), it.places.1);
        (change(it, &plain), place, None)
    });
    add(bold("for requests still allowed", 33), changed.collect());
    text
}

/// The length of a line up to which the places are aligned.
const MAX_WIDTH: usize = 72;

fn rule(side: Option<&Side>, place: Place) -> String {
    let at = side.map_or(String::new(), |side| position(side, place.span));
    format!("rule {}, {at}", place.rule + 1)
}

/// What was compared: the file, or both if they differ.
pub(super) fn title(compared: &Compared) -> String {
    match (&compared.old, &compared.new) {
        (Some(old), Some(new)) if name(old) == name(new) => name(new),
        (Some(old), Some(new)) => format!("{} -> {}", name(old), name(new)),
        (None, Some(new)) => format!("{} (new policy)", name(new)),
        (Some(old), None) => format!("{} (deleted policy)", name(old)),
        (None, None) => String::new(),
    }
}

//! The README says what is true.

use corslint::lints::LINTS;

use crate::{assert_file, project};

const BEGIN: &str = "<!-- the lints -->\n";
const END: &str = "<!-- end of the lints -->\n";

#[test]
fn the_table_of_lints_is_that_of_the_program() {
    let path = project().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's first mark");
    let (_, after) = rest.split_once(END).expect("the table's last mark");
    let mut table = "| lint | group | level | finds |\n| --- | --- | --- | --- |\n".to_owned();
    for lint in LINTS {
        let (name, page) = (lint.name, lint.name.replace('-', "_"));
        let (group, level) = (lint.group.name(), lint.level.name());
        let summary = lint.summary();
        table.push_str(&format!(
            "| [`{name}`](lints/{page}.md) | {group} | {level} | {summary} |\n"
        ));
    }
    assert_file(&path, &format!("{before}{BEGIN}{table}{END}{after}"));
}

//! One line per finding, as compilers print them: `path:line:column: severity: message [lint]`.

use std::fmt::Write as _;

use super::{Format, Render, Run, Style, escape_control};
use crate::analyze::Analysis;

pub(super) const FORMAT: Format = Format {
    name: "concise",
    about: "one line per finding, compiler style",
    render: Render::EachFile(render),
    includes_edits: false,
};

fn render(_run: &Run, file: &Analysis, _style: Style) -> String {
    let mut text = String::new();
    for finding in &file.findings {
        let at = file.source.position(finding.span().start());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}:{}:{}: {}: {} [{}]",
            escape_control(file.source.name()),
            at.line,
            at.column,
            finding.severity,
            escape_control(&finding.message_with_address()),
            finding.lint
        );
    }
    text
}

//! One line a finding, in the compilers' own form: `path:line:column: severity: message [lint]`.

use std::fmt::Write as _;

use super::{Format, Run, Style, visible};

pub(super) const FORMAT: Format = Format {
    name: "concise",
    about: "one line a finding, as compilers print it",
    render,
};

fn render(run: &Run, _style: Style) -> String {
    let findings: Vec<_> = run.findings().collect();
    let mut text = String::new();
    run.write_each(&findings, &mut text, |(file, finding), out| {
        let at = file.source.position(finding.span().start());
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{}:{}:{}: {}: {} [{}]",
            visible(file.source.name()),
            at.line,
            at.column,
            finding.severity,
            visible(&finding.message),
            finding.lint
        );
    });
    text
}

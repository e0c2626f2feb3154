//! JUnit XML: a suite for each file, a test case for each finding. A finding that doesn't fail the run is a
//! passed test case with the finding as its output.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Format, Render, Run, Style, escape_control};
use crate::analyze::Analysis;
use crate::finding::Finding;

pub(super) const FORMAT: Format = Format {
    name: "junit",
    about: "JUnit XML, for test reports",
    render: Render::WholeRun(render),
    includes_edits: false,
};

fn render(run: &Run, _style: Style) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = write(&mut writer, run);
    written.expect("memory takes all that is written");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

fn write(writer: &mut Writer<Vec<u8>>, run: &Run) -> std::io::Result<()> {
    let failures = run.findings().filter(|(_, finding)| finding.fails).count();
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut suites = BytesStart::new("testsuites");
    suites.push_attribute(("name", "corslint"));
    suites.push_attribute(("tests", cases(run).to_string().as_str()));
    suites.push_attribute(("failures", failures.to_string().as_str()));
    suites.push_attribute(("errors", "0"));
    writer.write_event(Event::Start(suites))?;
    for file in &run.files {
        suite(writer, file)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn cases(run: &Run) -> usize {
    run.files
        .iter()
        .map(|file| file.findings.len().max(1))
        .sum()
}

fn suite(writer: &mut Writer<Vec<u8>>, file: &Analysis) -> std::io::Result<()> {
    let name = escape_control(file.source.name());
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", &*name));
    suite.push_attribute(("tests", file.findings.len().max(1).to_string().as_str()));
    let failures = file.findings.iter().filter(|finding| finding.fails).count();
    suite.push_attribute(("failures", failures.to_string().as_str()));
    suite.push_attribute(("errors", "0"));
    writer.write_event(Event::Start(suite))?;
    for finding in &file.findings {
        case(writer, file, finding)?;
    }
    // Report a file without findings as a passed test case.
    if file.findings.is_empty() {
        let mut case = BytesStart::new("testcase");
        case.push_attribute(("name", "corslint"));
        case.push_attribute(("classname", &*name));
        writer.write_event(Event::Empty(case))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn case(writer: &mut Writer<Vec<u8>>, file: &Analysis, finding: &Finding) -> std::io::Result<()> {
    let at = file.source.position(finding.span().start());
    let name = escape_control(file.source.name());
    let line = at.line.to_string();
    let mut case = BytesStart::new("testcase");
    case.push_attribute((
        "name",
        format!("{}:{}:{}", finding.lint, at.line, at.column).as_str(),
    ));
    case.push_attribute(("classname", &*name));
    case.push_attribute(("file", &*name));
    case.push_attribute(("line", line.as_str()));
    writer.write_event(Event::Start(case))?;
    let message = finding.message_with_address();
    let message = escape_control(&message);
    let mut element = BytesStart::new(if finding.fails {
        "failure"
    } else {
        "system-out"
    });
    if finding.fails {
        element.push_attribute(("type", finding.severity.name()));
        element.push_attribute(("message", &*message));
    }
    writer.write_event(Event::Start(element.borrow()))?;
    let help = finding
        .help
        .as_deref()
        .map(|help| format!("\nhelp: {}", escape_control(help)));
    let text = format!(
        "{name}:{line}:{}: {}: {message} [{}]{}",
        at.column,
        finding.severity,
        finding.lint,
        help.unwrap_or_default()
    );
    writer.write_event(Event::Text(BytesText::new(&text)))?;
    writer.write_event(Event::End(element.to_end()))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

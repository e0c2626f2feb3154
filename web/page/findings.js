// The findings: squiggles in the editor, and a list next to it.

import { marked } from "marked";
import { byId, element } from "./dom.js";

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// Shows what `check` found.
export function show(checked, offset, editor) {
  const { version } = editor;
  const { findings, summary } = checked.report;
  const places = findings.map((finding) => ({
    ...finding,
    from: offset(finding.start.offset),
    to: offset(finding.end.offset),
    edits: finding.fix?.edits.map((edit) => ({
      from: offset(edit.start.offset),
      to: offset(edit.end.offset),
      insert: edit.text,
    })),
  }));
  editor.diagnostics = places.map((finding) => ({
    from: finding.from,
    to: finding.to,
    severity: finding.severity === "note" ? "info" : finding.severity,
    source: finding.lint,
    message: finding.help ? `${finding.message}\nhelp: ${finding.help}` : finding.message,
    actions: finding.edits ? [{ name: finding.fix.title, apply: () => editor.edit(finding.edits, version) }] : [],
  }));
  const isFixable = (safety) => (finding) => finding.fix && (!safety || finding.fix.safety === safety);
  byId("fix-safe").hidden = !findings.some(isFixable("safe"));
  byId("fix-all").hidden = !findings.some(isFixable("unsafe"));
  byId("count").textContent = findings.length > 0 ? `(${findings.length})` : "";
  byId("summary").textContent = sentence(checked, summary);
  byId("list").replaceChildren(...places.map((finding) => item(finding, editor, version)));
}

function sentence(checked, summary) {
  if (checked.skipped !== null) {
    return `Not a policy: ${checked.skipped}.`;
  }
  const counts = [
    [summary.errors, "error"],
    [summary.warnings, "warning"],
    [summary.notes, "note"],
  ];
  const found = counts.filter(([count]) => count > 0).map(([count, noun]) => plural(count, noun));
  return found.length > 0 ? `${found.join(", ")}.` : "No findings.";
}

function item(finding, editor, version) {
  const actions = element(
    "div",
    { className: "actions" },
    element("button", { type: "button", textContent: `Line ${finding.start.line}`, ariaLabel: `Go to line ${finding.start.line}`, onclick: () => editor.select(finding.from, finding.to, version) }),
  );
  if (finding.edits) {
    const unsafe = finding.fix.safety === "unsafe" ? " (changes what is allowed)" : "";
    actions.append(element("button", { type: "button", textContent: `Fix: ${finding.fix.title}${unsafe}`, onclick: () => {
      editor.edit(finding.edits, version);
      // The button is about to disappear with its finding.
      byId("summary").focus();
    } }));
  }
  actions.append(element("button", { type: "button", textContent: `Explain ${finding.lint}`, onclick: () => explain(finding.lint) }));
  const labels = finding.labels.slice(1).filter((label) => label.text);
  return element(
    "li",
    { className: finding.severity },
    element("p", {}, element("span", { className: "severity", textContent: `${finding.severity}: ` }), finding.address ? `${finding.address}: ${finding.message}` : finding.message),
    finding.labels[0].text ? element("p", { className: "help", textContent: `line ${finding.start.line}: ${finding.labels[0].text}` }) : null,
    ...labels.map((label) => element("p", { className: "help", textContent: `line ${label.start.line}: ${label.text}` })),
    finding.help ? element("p", { className: "help", textContent: `help: ${finding.help}` }) : null,
    actions,
  );
}

async function explain(name) {
  // The pages of the lints are part of the program. Their examples carry file names, which are not languages.
  const response = await fetch(`lints/${name.replaceAll("-", "_")}.md`).catch(() => null);
  const page = response?.ok ? await response.text() : `The explanation of ${name} could not be loaded.`;
  const text = byId("explanation-text");
  text.innerHTML = marked.parse(page.replaceAll(/^```\S+ (\S+)$/gm, "`$1`:\n```"));
  for (const link of text.querySelectorAll("a")) {
    link.rel = "noreferrer";
    link.target = "_blank";
  }
  for (const code of text.querySelectorAll("pre")) {
    code.tabIndex = 0;
  }
  byId("explanation").showModal();
}

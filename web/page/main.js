// The page: what the user does on the one side, the functions of corslint on the other.

import * as compareView from "./compare.js";
import { byId, element } from "./dom.js";
import { Editor } from "./editor.js";
import { examples } from "./examples.js";
import * as findingsView from "./findings.js";
import { utf16Offsets } from "./offsets.js";
import { call, callJson } from "./lint.js";
import * as requestView from "./request.js";
import { fromFragment, toFragment } from "./share.js";

// Long enough not to run between two keystrokes, short enough not to be waited for.
const DELAY = 150;

const NAMES = { json: "JSON", xml: "XML", yaml: "YAML", tf: "Terraform" };

const editor = new Editor(byId("editor"), { "aria-labelledby": "policy-title" }, later(update));
const old = new Editor(byId("old-editor"), { "aria-labelledby": "old-label" }, later(compare));

let checked = null;
// True once the user has asked about a request, so that the answer follows the text.
let isAsked = false;

// Returns a function that calls another one when it has not been called for a while.
function later(run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, DELAY);
  };
}

const options = () => [byId("format").value, byId("provider").value];

// The numbers of the last calls, so that the answers to older ones are not shown.
const last = { check: 0, evaluate: 0, compare: 0 };

// Calls a function with the text of the editor. Returns `null` if it was called again in the meantime.
async function latest(name, ...values) {
  last[name] += 1;
  const current = last[name];
  const answer = await callJson(name, ...values);
  return current === last[name] ? answer : null;
}

async function update() {
  const text = editor.text;
  const found = await latest("check", text, ...options());
  if (found === null || editor.text !== text) {
    return;
  }
  if (found.error !== undefined) {
    byId("summary").textContent = found.error;
    return;
  }
  if (text.trim() === "") {
    found.skipped = "the editor is empty";
  }
  checked = found;
  editor.language = checked.format;
  const providers = [...new Set(checked.policies.map((policy) => policy.provider))];
  byId("detected").textContent = providers.length > 0 ? `${NAMES[checked.format]}, ${providers.join(", ")}` : "";
  findingsView.show(checked, utf16Offsets(text), editor);
  await Promise.all([isAsked ? ask() : null, compare()]);
}

async function ask() {
  const text = editor.text;
  const request = ["origin", "method", "headers"].map((id) => byId(id).value.trim());
  const answer = await latest("evaluate", text, ...options(), ...request);
  if (answer !== null && editor.text === text) {
    requestView.show(answer, checked, utf16Offsets(text), editor);
  }
}

async function compare() {
  const text = old.text;
  if (text.trim() === "" || byId("compare").hidden) {
    last.compare += 1;
    compareView.show(null);
    return;
  }
  const compared = await latest("compare", text, editor.text, ...options());
  if (compared !== null) {
    compareView.show(compared);
  }
}

async function fix(withUnsafe) {
  const text = editor.text;
  const { result } = await call("fix", text, ...options(), withUnsafe);
  if (result !== undefined && editor.text === text) {
    editor.text = result;
    await update();
    byId("summary").textContent += " Fixes were applied; undo with Ctrl+Z or Cmd+Z.";
  }
}

const tabs = [...document.querySelectorAll("[role=tab]")];

function openTab(tab) {
  for (const other of tabs) {
    const isOpen = other === tab;
    other.setAttribute("aria-selected", String(isOpen));
    other.tabIndex = isOpen ? 0 : -1;
    byId(other.getAttribute("aria-controls")).hidden = !isOpen;
  }
  if (tab.id !== "tab-request") {
    isAsked = false;
    editor.mark([]);
  }
  compare();
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => openTab(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      const next = tabs[(index + step + tabs.length) % tabs.length];
      openTab(next);
      next.focus();
    }
  });
}

for (const [index, [name]] of examples.entries()) {
  byId("example").append(element("option", { value: String(index), textContent: name }));
}
byId("example").addEventListener("change", (event) => {
  const example = examples[event.target.value];
  if (example !== undefined) {
    byId("format").value = "";
    byId("provider").value = "";
    editor.text = example[1];
    update();
  }
});
byId("format").addEventListener("change", update);
byId("provider").addEventListener("change", update);
byId("fix-safe").addEventListener("click", () => fix(false));
byId("fix-all").addEventListener("click", () => fix(true));
byId("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file !== undefined) {
    editor.text = await file.text();
    // So that the same file can be opened again.
    event.target.value = "";
  }
});
byId("request-form").addEventListener("submit", (event) => {
  event.preventDefault();
  isAsked = true;
  ask();
});
byId("share").addEventListener("click", async () => {
  const [format, provider] = options();
  history.replaceState(null, "", await toFragment({ text: editor.text, format, provider, old: old.text }));
  try {
    await navigator.clipboard.writeText(location.href);
    byId("detected").textContent = "The link is copied. It contains the policy.";
  } catch {
    byId("detected").textContent = "The address of this page is the link. It contains the policy.";
  }
});

async function restore() {
  const state = await fromFragment(location.hash);
  if (state === null) {
    return false;
  }
  const text = (value) => (typeof value === "string" ? value : "");
  byId("format").value = text(state.format);
  byId("provider").value = text(state.provider);
  editor.text = text(state.text);
  old.text = text(state.old);
  return true;
}

addEventListener("hashchange", async () => {
  if (await restore()) {
    update();
  }
});

async function start() {
  byId("version").textContent = VERSION;
  if (!(await restore()) && editor.text === "") {
    editor.text = examples[0][1];
  }
  await update();
  document.documentElement.dataset.ready = "true";
  if ("serviceWorker" in navigator) {
    // Without it the page works, but not offline.
    navigator.serviceWorker.register("offline.js").catch(() => {});
  }
}

start();

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

const NAMES = { json: "JSON", jsonc: "JSON with comments", xml: "XML", yaml: "YAML", tf: "Terraform" };

const checkLater = later(update);
const editor = new Editor(byId("editor"), { "aria-labelledby": "policy-title" }, () => {
  notify("");
  checkLater();
});
const old = new Editor(byId("old-editor"), { "aria-labelledby": "old-label" }, later(compare));

// The request that the user has asked about, so that the answer follows the text.
let asked = null;

// Returns a function that calls another one when it has not been called for a while, unless that is canceled.
function later(run) {
  let timer = 0;
  const cancel = () => clearTimeout(timer);
  const call = () => {
    cancel();
    timer = setTimeout(run, DELAY);
  };
  return Object.assign(call, { cancel });
}

// Says what has happened, until the text changes.
function notify(sentence) {
  byId("notice").textContent = sentence;
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
  checkLater.cancel();
  const { text, version } = editor;
  const found = await latest("check", text, ...options());
  if (found === null || editor.version !== version) {
    return;
  }
  if (found.error !== undefined) {
    const nothing = { findings: [], summary: { errors: 0, warnings: 0, notes: 0 } };
    findingsView.show({ report: nothing, skipped: null }, utf16Offsets(text), editor);
    byId("summary").textContent = found.error;
    return;
  }
  if (text.trim() === "") {
    found.skipped = "the editor is empty";
  }
  editor.language = found.format === "jsonc" ? "json" : found.format;
  const providers = [...new Set(found.providers)];
  byId("detected").textContent = providers.length > 0 ? `${NAMES[found.format]}, ${providers.join(", ")}` : "";
  findingsView.show(found, utf16Offsets(text), editor);
  await Promise.all([ask(), compare()]);
}

async function ask() {
  const { text, version } = editor;
  if (asked === null || byId("request").hidden) {
    return;
  }
  const answer = await latest("evaluate", text, ...options(), ...asked);
  if (answer !== null && editor.version === version) {
    requestView.show(answer, utf16Offsets(text), editor);
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
  const { text, version } = editor;
  const { result } = await call("fix", text, ...options(), withUnsafe);
  if (result !== undefined && editor.version === version) {
    editor.text = result;
    await update();
    notify("Fixes were applied. Undo them with Ctrl+Z or Cmd+Z in the editor.");
    byId("summary").focus();
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
    requestView.clear(editor);
  }
  ask();
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
    const extension = file.name.split(".").at(-1).toLowerCase();
    byId("format").value = { json: "json", jsonc: "jsonc", xml: "xml", yaml: "yaml", yml: "yaml", tf: "tf", tofu: "tf" }[extension] ?? "";
    // With its byte order mark, which providers reject.
    editor.text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await file.arrayBuffer());
    update();
    // So that the same file can be opened again.
    event.target.value = "";
  }
});
byId("request-form").addEventListener("submit", (event) => {
  event.preventDefault();
  asked = ["origin", "method", "headers"].map((id) => byId(id).value.trim());
  ask();
});

// Browsers refuse longer addresses.
const MAX_LINK = 1_000_000;

byId("share").addEventListener("click", async () => {
  const [format, provider] = options();
  const fragment = await toFragment({ text: editor.text, format, provider, old: old.text });
  if (fragment.length > MAX_LINK) {
    notify("The policy is too long for a link.");
    return;
  }
  history.replaceState(null, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    notify("The link is copied. It contains the policy.");
  } catch {
    notify("The address of this page is the link. It contains the policy.");
  }
});

// Shows what a link contains. Returns false if there is none, or a broken one.
async function restore() {
  if (location.hash === "") {
    return false;
  }
  const state = await fromFragment(location.hash);
  if (typeof state?.text !== "string") {
    notify("The link is broken: it contains no policy.");
    return false;
  }
  for (const id of ["format", "provider"]) {
    const known = [...byId(id).options].map((option) => option.value);
    byId(id).value = known.includes(state[id]) ? state[id] : "";
  }
  editor.text = state.text;
  old.text = typeof state.old === "string" ? state.old : "";
  return true;
}

addEventListener("hashchange", async () => {
  if (await restore()) {
    update();
  }
});

async function start() {
  byId("version").textContent = VERSION;
  editor.text = examples[0][1];
  await restore();
  await update();
  document.documentElement.dataset.ready = "true";
  if ("serviceWorker" in navigator) {
    // Without it the page works, but not offline.
    navigator.serviceWorker.register("offline.js").catch(() => {});
  }
}

start();

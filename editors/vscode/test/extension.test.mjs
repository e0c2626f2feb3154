// Runs the built extension with a stand-in for the editor: the server that it starts is the real one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import test from "node:test";

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));

test("the extension registers what the manifest says", async () => {
  const registered = [];
  const shown = [];
  const disposable = { dispose() {} };
  // The client's library uses much of the editor; none of that matters before a server has started.
  const anything = new Proxy(function () {}, {
    get(target, name) {
      switch (name) {
        case "prototype":
          return target.prototype;
        case "then":
          return undefined;
        case Symbol.toPrimitive:
          return () => "";
        case Symbol.iterator:
          return [][Symbol.iterator];
        default:
          return anything;
      }
    },
    apply: () => anything,
    construct: () => ({ event: () => disposable, fire() {}, dispose() {} }),
  });
  const known = {
    version: "1.82.0",
    commands: { registerCommand: (name) => (registered.push(name), disposable) },
    workspace: new Proxy(
      {
        onDidChangeConfiguration: () => disposable,
        getConfiguration: () => ({ get: (name) => (name === "path" ? "/nonexistent/corslint" : undefined) }),
        workspaceFolders: [],
        textDocuments: [],
      },
      { get: (own, name) => own[name] ?? anything },
    ),
    window: new Proxy(
      { showErrorMessage: (message) => shown.push(message) },
      { get: (own, name) => own[name] ?? anything },
    ),
  };
  const vscode = new Proxy(known, { get: (own, name) => own[name] ?? anything });
  const Module = require("node:module");
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  const extension = require("../dist/extension.js");
  const context = { subscriptions: [] };
  await extension.activate(context);
  assert.deepEqual(registered, manifest.contributes.commands.map((it) => it.command));
  assert.equal(context.subscriptions.length, 2);
  // Starting a missing program shows an error message.
  assert.ok(shown.some((message) => /corslint\.path/.test(message)), String(shown));
  await extension.deactivate();
});

test("the server answers a client of the library that the extension uses", { skip: !process.env.CORSLINT }, async () => {
  const rpc = require("vscode-jsonrpc/node");
  const server = spawn(process.env.CORSLINT, ["lsp"]);
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(server.stdout),
    new rpc.StreamMessageWriter(server.stdin),
  );
  const published = new Promise((resolve) => connection.onNotification("textDocument/publishDiagnostics", resolve));
  connection.listen();
  const { capabilities } = await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  assert.equal(capabilities.hoverProvider, true);
  await connection.sendNotification("initialized", {});
  const text = '[{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}]';
  const textDocument = { uri: "untitled:cors", languageId: "json", version: 1, text };
  await connection.sendNotification("textDocument/didOpen", { textDocument });
  const { diagnostics } = await published;
  assert.deepEqual(diagnostics.map((it) => it.code), ["wildcard-origin"]);
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  const code = await new Promise((resolve) => server.on("exit", resolve));
  assert.equal(code, 0);
});

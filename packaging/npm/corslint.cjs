#!/usr/bin/env node
// Starts the program of this platform, and ends as it does.

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const name = `@corslint/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "corslint.exe" : "corslint";
let program;
try {
  program = require.resolve(`${name}/${file}`);
} catch {
  console.error(`error: the package ${name} is not installed: corslint has no program for this platform, or npm was told to omit optional dependencies`);
  process.exit(2);
}
const { error, signal, status } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`error: ${program}: ${error.message}`);
  process.exit(2);
}
process.exit(signal ? 128 + constants.signals[signal] : status);

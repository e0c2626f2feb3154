// Optimizes the module, bundles the script, and guards the sizes of both.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

// The largest sizes in bytes, as a server sends them.
const MAX = { "corslint_web_bg.wasm": 400_000, "main.js": 145_000, "worker.js": 5_000 };

// The features that Rust uses for this target. With all features, browsers refuse the module.
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];
// The stack of Rust starts at the address 0 and grows down to it, so that no value has an address below 1024.
execFileSync("node_modules/.bin/wasm-opt", ["--low-memory-unused", "-Os", "-Oz", "--converge", ...FEATURES, "dist/module/corslint_web_bg.wasm", "-o", "dist/corslint_web_bg.wasm"], { stdio: "inherit" });

const [, version] = /^version = "(.*)"$/m.exec(readFileSync("../Cargo.toml", "utf8"));
await build({
  entryPoints: ["page/main.js", "page/worker.js"],
  outdir: "dist",
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  define: { VERSION: JSON.stringify(version) },
  loader: { ".json": "text" },
  legalComments: "none",
  logLevel: "warning",
});
for (const file of ["index.html", "style.css", "icon.svg"]) {
  copyFileSync(`page/${file}`, `dist/${file}`);
}
mkdirSync("dist/lints", { recursive: true });
const lints = readdirSync("../lints").filter((file) => file.endsWith(".md"));
for (const file of lints) {
  copyFileSync(`../lints/${file}`, `dist/lints/${file}`);
}

// A new version of any file is a new version of all.
const files = ["index.html", "main.js", "worker.js", "style.css", "icon.svg", "corslint_web_bg.wasm", ...lints.map((file) => `lints/${file}`)];
const hash = createHash("sha256");
for (const file of files) {
  hash.update(readFileSync(`dist/${file}`));
}
const offline = readFileSync("page/offline.js", "utf8");
const buildId = hash.digest("hex").slice(0, 16);
writeFileSync("dist/offline.js", offline.replace("BUILD", buildId).replace("FILE_NAMES", JSON.stringify(files)));

let isTooLarge = false;
for (const [file, max] of Object.entries(MAX)) {
  const bytes = readFileSync(`dist/${file}`);
  const compressed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  console.log(`${file}: ${bytes.length} bytes, ${compressed.length} compressed with brotli (at most ${max})`);
  isTooLarge ||= compressed.length > max;
}
if (isTooLarge) {
  console.error("error: too large");
  process.exit(1);
}

// The findings of the page are those of the command line, for every policy of the project and of the corpus next to it.
// usage: node tests/corpus.mjs PROGRAM

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import * as lint from "../dist/module/corslint_web.js";

const [program] = process.argv.slice(2);
assert(program, "usage: node tests/corpus.mjs PROGRAM");
lint.initSync({ module: readFileSync("dist/corslint_web_bg.wasm") });

const FORMATS = { ".json": "json", ".xml": "xml", ".yaml": "yaml", ".yml": "yaml", ".tf": "tf" };

// The report without what depends on the name of the file.
function comparable(report) {
  for (const finding of report.findings) {
    delete finding.path;
    delete finding.fingerprint;
  }
  return report;
}

// Returns the report of the command line.
function report(input, format, path) {
  const options = ["check", "--isolated", "--format", "json", "--stdin-filename", `policy.${format}`, "-"];
  const { stdout, stderr } = spawnSync(program, options, { input, encoding: "utf8", maxBuffer: 1e9 });
  assert.notEqual(stdout, "", `${path}: ${stderr}`);
  return comparable(JSON.parse(stdout));
}

// The browser translates names in other scripts, and the command line does it itself. Names from right to left are not
// here: Node does not check them.
const HOSTS = [
  "bücher.example", "BÜCHER.example", "faß.de", "☕.example", "xn--bcher-kva.example", "XN--bcher-kva.example", "xn--zzz.com", "xn--.com",
  "１.２.３.４", "0x7f.1", "a。b.com", "a／b.com", "a%2fb.com", "a%62c.com", "ex ample.com", "a\u200bb.com", "\u202eab.com", "a\u00adb.com",
  "公司.cn", "app.公司.cn", "食狮.公司.cn", "*.bücher.example", "App.Acme.io", "acme.io.", "-a.com", "a_b.com", "é.", "ǆ.com", "ﬁ.com", "क्‍ष.com",
];
for (const host of HOSTS) {
  const text = JSON.stringify([{ AllowedOrigins: [`https://${host}`], AllowedMethods: ["GET"], MaxAgeSeconds: 600 }]);
  assert.deepEqual(comparable(JSON.parse(lint.check(text, "json", "")).report), report(text, "json", host), host);
}

let files = 0;
let findings = 0;
let guessed = 0;
for (const directory of ["../tests/data/policies", "../examples", "../../shared/corpus"]) {
  if (!existsSync(directory)) {
    assert(process.env.CI === undefined || directory.startsWith("../tests"), `${directory} is missing`);
    console.log(`skipped: ${directory}: not on this machine`);
    continue;
  }
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const format = FORMATS[extname(entry.name)];
    if (!entry.isFile() || format === undefined) {
      continue;
    }
    const bytes = readFileSync(path);
    const text = bytes.toString("utf8");
    if (Buffer.compare(Buffer.from(text), bytes) !== 0) {
      continue;
    }
    const expected = report(bytes, format, path);
    const checked = JSON.parse(lint.check(text, format, ""));
    assert.deepEqual(comparable(checked.report), expected, path);
    files += 1;
    findings += expected.findings.length;
    // The content tells the format of all that is a policy.
    if (checked.skipped === null && checked.providers.length > 0) {
      const found = JSON.parse(lint.check(text, "", ""));
      assert.equal(found.format, format, path);
      assert.deepEqual(comparable(found.report), expected, path);
      guessed += 1;
    }
  }
}
assert(files > 20 && findings > 20 && guessed > 20, `only ${files} files, ${findings} findings`);
console.log(`${findings} findings in ${files} files are those of the command line; the content told ${guessed} formats`);

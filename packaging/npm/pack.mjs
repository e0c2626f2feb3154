// Makes the npm packages: one per platform with the program, and `corslint`, which starts the one that npm installed.
// usage: node pack.mjs VERSION OUTPUT TARGET=PROGRAM...

import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PLATFORMS = {
  "x86_64-unknown-linux-musl": { os: "linux", cpu: "x64" },
  "aarch64-unknown-linux-musl": { os: "linux", cpu: "arm64" },
  "x86_64-apple-darwin": { os: "darwin", cpu: "x64" },
  "aarch64-apple-darwin": { os: "darwin", cpu: "arm64" },
  "x86_64-pc-windows-msvc": { os: "win32", cpu: "x64" },
};

const [version, output, ...programs] = process.argv.slice(2);
const here = import.meta.dirname;
const root = join(here, "../..");
const common = {
  version,
  license: "MIT OR Apache-2.0",
  repository: { type: "git", url: "git+https://github.com/corslint/corslint.git" },
  homepage: "https://corslint.github.io/corslint/",
};

function write(directory, manifest) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(join(root, file), join(directory, file));
  }
}

const platforms = {};
for (const argument of programs) {
  const [target, program] = argument.split("=");
  const { os, cpu } = PLATFORMS[target];
  const name = `@corslint/${os}-${cpu}`;
  const directory = join(output, `${os}-${cpu}`);
  const file = os === "win32" ? "corslint.exe" : "corslint";
  write(directory, { name, description: `corslint for ${os} on ${cpu}`, ...common, os: [os], cpu: [cpu], files: [file], preferUnplugged: true });
  copyFileSync(program, join(directory, file));
  chmodSync(join(directory, file), 0o755);
  platforms[name] = version;
}

const main = join(output, "corslint");
write(main, {
  name: "corslint",
  description: "A linter for the CORS policies of S3, GCS, R2 and B2 buckets",
  keywords: ["cors", "lint", "linter", "s3", "security", "bucket"],
  ...common,
  bin: { corslint: "corslint.cjs" },
  files: ["corslint.cjs"],
  engines: { node: ">=18" },
  optionalDependencies: platforms,
});
copyFileSync(join(here, "corslint.cjs"), join(main, "corslint.cjs"));
chmodSync(join(main, "corslint.cjs"), 0o755);
writeFileSync(join(main, "README.md"), readFileSync(join(root, "README.md")));

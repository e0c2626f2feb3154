#!/usr/bin/env bash
# Builds the documentation site into dist/, with the JSON Schemas under schemas/. Fails on a broken link. Needs Rust, and
# Node with npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --loglevel=error
rm -rf dist
npm run --silent build
corslint() { cargo run --quiet --locked --manifest-path ../Cargo.toml -- "$@"; }
mkdir dist/schemas
names=$(corslint schema | cut -d ' ' -f 1)
for name in $names; do
  corslint schema "$name" > "dist/schemas/$name.json"
done

#!/usr/bin/env bash
# Builds the documentation site, which fails on a broken link. Skipped with a message if npm or its packages are missing.
set -euo pipefail
cd "$(dirname "$0")/../site"
command -v npm > /dev/null || { echo "skipped: the site: npm is not installed"; exit 0; }
npm view vitepress version > /dev/null 2>&1 || { echo "skipped: the site: its packages can't be installed"; exit 0; }
./build.sh > build.log 2>&1 || { cat build.log; exit 1; }
rm build.log
lints=$(ls dist/lints/*.html | wc -l)
[ "$lints" = "$(ls ../lints/*.md | wc -l)" ] || { echo "failed: $lints pages of lints"; exit 1; }
schemas=$(node --print 'require("../packaging/schemastore/catalog.json").map(({ url }) => url.replace(/.*\//, "")).join("\n")')
for schema in $schemas; do
  [ -s "dist/schemas/$schema" ] || { echo "failed: no schema $schema"; exit 1; }
done
echo "the site: $(find dist -name '*.html' | wc -l) pages without a broken link"

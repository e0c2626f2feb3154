#!/usr/bin/env bash
# Uses the language server in the editors that are installed, with the recipes of docs/editors.md. What is missing on
# this machine is skipped with a message.
# usage: run.sh CORSLINT
set -euo pipefail
export CORSLINT
CORSLINT=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_STATE_HOME=$work
git init -q .

policy() {
  cat > cors.json << 'JSON'
[
  {
    "AllowedOrigins": ["https://app.acme.io", "https://www.acme.io/"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["content-type"],
    "ExposeHeaders": ["ETag"]
  }
]
JSON
}

# Both diagnostics are shown, and the safe fix was applied.
expect() {
  local found=0
  grep -q 'missing MaxAgeSeconds' output && grep -q 'origin https://www.acme.io/ never matches' output || found=1
  sed -n '/^-- after the fix/,$p' output | grep -q '"MaxAgeSeconds": 3600' || found=1
  [ $found = 0 ] || { echo "failed: $1"; cat output; exit 1; }
  echo "$1: diagnostics and a fix"
  if [ "${VERBOSE:-}" ]; then cat output; fi
}

if command -v nvim > /dev/null; then
  policy
  timeout 120 nvim --headless --clean -c "luafile $here/neovim.lua" > output 2> errors || true
  expect "$(nvim --version | head -n 1)"
else
  echo "skipped: the language server in Neovim: it is not installed"
fi
if command -v emacs > /dev/null && emacs --batch -l package -f package-initialize -l eglot > /dev/null 2>&1; then
  policy
  timeout 120 emacs --batch -l package -f package-initialize -l "$here/eglot.el" > output 2>&1 || true
  expect "$(emacs --version | head -n 1), eglot"
else
  echo "skipped: the language server in Emacs: it or eglot is not installed"
fi

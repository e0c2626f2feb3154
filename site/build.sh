#!/usr/bin/env bash
# Builds the documentation site into dist/. Fails on a broken link. Needs Node with npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --loglevel=error
rm -rf dist
npm run --silent build

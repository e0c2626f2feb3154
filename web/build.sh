#!/usr/bin/env bash
# Builds the page into dist/: static files that any web server can publish.
# Needs Node with npm, and Rust with two additions:
#   rustup target add wasm32-unknown-unknown
#   rustup component add rust-src
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
npm ci --no-audit --no-fund --loglevel=error
rm -rf dist
mkdir -p dist/module
# The standard library is built, too, for size and without texts for developers: without that, the module is a quarter
# larger. The options for it are not stable.
RUSTC_BOOTSTRAP=1 \
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none" \
  cargo build --quiet --locked --release --lib --target wasm32-unknown-unknown \
  -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size
cargo run --quiet --locked --package corslint-web-bindgen -- \
  "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/corslint_web.wasm" dist/module
node build.mjs

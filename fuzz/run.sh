#!/usr/bin/env bash
# Runs each fuzz target for some seconds (by default 10), from the policies in the tests, the examples and,
# where it is there, ../shared/corpus. What it finds is kept in fuzz/artifacts. Skipped, with a word why, where
# there is no nightly compiler or no cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
targets=${2:-check fix config baseline containment}
skip() { echo "skipped: fuzzing: $1"; exit 0; }
command -v rustup > /dev/null && rustup run nightly rustc --version > /dev/null 2>&1 \
  || skip "there is no nightly compiler (rustup toolchain install nightly)"
cargo fuzz --version > /dev/null 2>&1 || skip "cargo-fuzz is not installed (cargo install cargo-fuzz)"

seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
mkdir "$seeds"/{check,fix,config,baseline,containment}
# Each fenced block of a page or a case is a seed.
for page in lints/*.md tests/cases/*.md tests/broken/*.md README.md docs/*.md; do
  awk -v at="$seeds" -v page="$(basename "$page")" '
    /^```json/ { kind = "json"; file = at "/fix/" page NR; next }
    /^```toml/ { kind = "toml"; file = at "/config/" page NR; next }
    /^```/ { kind = ""; next }
    kind { print > file }' "$page"
done
cp examples/*.json "$seeds/fix"
if [ -d ../shared/corpus ]; then
  for file in $(find ../shared/corpus -name '*.json' -size -20k); do cp "$file" "$seeds/fix/$(echo "$file" | tr / _)"; done
fi
# The first byte of these chooses the provider.
for file in "$seeds"/fix/*; do
  for byte in 0 1 2 3 4; do printf "\\$byte" | cat - "$file" > "$seeds/check/$byte$(basename "$file")"; done
done
cargo run --quiet -- check examples --baseline "$seeds/baseline/examples" --write-baseline > /dev/null 2>&1 || true

for target in $targets; do
  echo "== fuzz $target for $seconds s"
  mkdir -p "fuzz/corpus/$target"
  cargo +nightly fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "$seeds/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    > "$seeds/log" 2>&1 || { tail -n 60 "$seeds/log"; echo "failed: fuzz $target"; exit 1; }
  grep -E "stat::number_of_executed_units|^Done" "$seeds/log"
done

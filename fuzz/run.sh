#!/usr/bin/env bash
# Runs each fuzz target for some seconds (by default 10). Seeds are the policies in the tests, the examples
# and, if it exists, ../shared/corpus. Crashes are kept in fuzz/artifacts, new inputs in fuzz/corpus.
# Works with stable Rust; cargo-fuzz would need nightly, and rebuild all dependencies.
# Skipped with a message if no C++ compiler is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
targets=${2:-check fix xml yaml hcl located config baseline containment diff lsp}
command -v "${CXX:-c++}" > /dev/null \
  || { echo "skipped: fuzzing: no C++ compiler (apt install g++)"; exit 0; }
built=${CARGO_TARGET_DIR:-fuzz/target}
CARGO_TARGET_DIR=$built RUSTC_WRAPPER=$PWD/fuzz/rustc.sh \
  cargo build --quiet --release --locked --manifest-path fuzz/Cargo.toml

seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
mkdir "$seeds"/{check,fix,xml,yaml,hcl,located,config,baseline,containment,diff,lsp}
# Each fenced block of a page or a case is a seed.
for page in lints/*.md tests/cases/*.md tests/broken/*.md README.md docs/*.md; do
  awk -v at="$seeds" -v page="$(basename "$page")" '
    /^```json/ { kind = "json"; file = at "/fix/" page NR; next }
    /^```xml/ { kind = "xml"; file = at "/xml/" page NR; next }
    /^```yaml/ { kind = "yaml"; file = at "/yaml/" page NR; next }
    /^```hcl/ { kind = "hcl"; file = at "/hcl/" page NR; next }
    /^```toml/ { kind = "toml"; file = at "/config/" page NR; next }
    /^```/ { kind = ""; next }
    kind { print > file }' "$page"
done
cp examples/*.json "$seeds/fix"
if [ -d ../shared/corpus ]; then
  for file in $(find ../shared/corpus -name '*.json' -size -20k); do cp "$file" "$seeds/fix/$(echo "$file" | tr / _)"; done
  for file in $(find ../shared/corpus -name '*.y*ml' -size -20k); do cp "$file" "$seeds/yaml/$(echo "$file" | tr / _)"; done
  for file in $(find ../shared/corpus -name '*.tf' -size -20k); do cp "$file" "$seeds/hcl/$(echo "$file" | tr / _)"; done
  for file in $(find ../shared/corpus -name '*.xml'); do cp "$file" "$seeds/xml/$(echo "$file" | tr / _)"; done
fi
cat > "$seeds/located/rules" <<'JSON'
{"CorsRules": {"Fn::If": ["A", [{"AllowedOrigins": ["*", {"Fn::If": ["B", "https://${Domain}", {"Ref": "AWS::NoValue"}]}],
 "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": {"Fn::Sub": "*"}, "MaxAge": "600"}], {"Ref": "Rules"}]}}
JSON
echo '[{"allowed_origins": ["*", "${var.x}"], "allowed_methods": ["PUT"], "max_age_seconds": "60"}]' > "$seeds/located/resource"
# The first byte of these chooses the provider: each in turn, for all of them would take long.
number=0
for file in "$seeds"/fix/* "$seeds"/xml/*; do
  printf "\\$((number++ % 5))" | cat - "$file" > "$seeds/check/$(basename "$file")"
done
# Each policy and the next one; and each file with a position before it.
previous=
for file in "$seeds"/fix/*; do
  [ -z "$previous" ] || { cat "$previous"; printf '\0'; cat "$file"; } > "$seeds/diff/$(basename "$file")"
  previous=$file
  printf '\006\050' | cat - "$file" > "$seeds/lsp/$(basename "$file")"
done
for file in "$seeds"/yaml/*; do printf '\010\024' | cat - "$file" > "$seeds/lsp/$(basename "$file")"; done
for file in "$seeds"/hcl/*; do printf '\011\024' | cat - "$file" > "$seeds/lsp/$(basename "$file")"; done
cat > "$seeds/baseline/examples" <<'JSON'
{"corslint-baseline":1}
{"file":"mistakes.json","lint":"schema-violation","value":"3600","rule":"7a199351"}
{"file":"../app/cors.json","lint":"missing-max-age"}
JSON

for target in $targets; do
  echo "== fuzz $target for $seconds s"
  mkdir -p "fuzz/corpus/$target" fuzz/artifacts
  "$built/release/$target" "fuzz/corpus/$target" "$seeds/$target" -artifact_prefix="fuzz/artifacts/$target-" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    > "$seeds/log" 2>&1 || { tail -n 60 "$seeds/log"; echo "failed: fuzz $target"; exit 1; }
  grep -E "stat::number_of_executed_units|^Done" "$seeds/log"
done

#!/usr/bin/env bash
# A full disk during --fix and while writing a report: files keep their text, and an error is reported.
# Needs permission to mount a small tmpfs; skipped with a message otherwise.
set -euo pipefail
corslint=$(realpath "$1")
disk=$(mktemp -d)
trap 'cd /; umount "$disk" 2> /dev/null || true; rmdir "$disk"' EXIT
mount -t tmpfs -o size=256k tmpfs "$disk" 2> /dev/null \
  || { echo "skipped: a full disk: cannot mount a tmpfs"; exit 0; }
fail() { echo "failed: a full disk: $1"; exit 1; }

cd "$disk"
# A policy of about 100 kB with a trailing comma, on a disk without space for a second one.
{ echo '[{"AllowedMethods": ["GET"], "MaxAgeSeconds": 60, "AllowedOrigins": ['
  for i in $(seq 1 3000); do echo "\"https://app$i.acme.io\","; done
  echo '"https://last.acme.io",]}]'; } > cors.json
head -c 120000 /dev/zero > ballast
before=$(cksum < cors.json)
code=0; said=$("$corslint" check --fix -q cors.json 2>&1 > /dev/null) || code=$?
[ "$code" = 2 ] || fail "--fix exited with $code: $said"
[ "$said" = "error: cors.json: not fixed: No space left on device" ] || fail "--fix says: $said"
[ "$(cksum < cors.json)" = "$before" ] || fail "--fix changed the file"

cat /dev/zero > rest 2> /dev/null || true
code=0; said=$("$corslint" check -q --format sarif=out.sarif cors.json 2>&1 > /dev/null) || code=$?
[ "$code" = 2 ] || fail "a report ends in $code: $said"
[ "$said" = "error: out.sarif: No space left on device" ] || fail "a report says: $said"
[ ! -e out.sarif ] || fail "half a report was left"
[ "$(find . -name '.corslint-*' | wc -l)" = 0 ] || fail "a temporary file was left"
echo "a full disk: the file and the report are whole or not there"

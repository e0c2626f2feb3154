#!/usr/bin/env bash
# Makes the npm packages of the archives of a release.
# usage: from_archives.sh VERSION ARCHIVES OUTPUT
set -euo pipefail
version=$1
archives=$(realpath "$2")
mkdir -p "$3"
output=$(realpath "$3")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for archive in "$archives"/*.tar.gz; do tar -xzf "$archive"; done
for archive in "$archives"/*.zip; do
  [ ! -e "$archive" ] || unzip -q "$archive"
done
programs=()
for directory in corslint-*/; do
  program=${directory}corslint
  [ -e "$program" ] || program+=.exe
  target=${directory#corslint-}
  programs+=("${target%/}=$program")
done
node "$here/pack.mjs" "$version" "$output" "${programs[@]}"

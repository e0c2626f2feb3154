#!/usr/bin/env bash
# Packs the program with its manual pages and shell completions.
# usage: archive.sh PROGRAM TARGET DIRECTORY
set -euo pipefail
program=$(realpath "$1")
target=$2
mkdir -p "$3"
directory=$(realpath "$3")
cd "$(dirname "$0")/.."
name=corslint-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/man" "$work/$name/completions"
cp "$program" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$work/$name"
"$program" man > "$work/$name/man/corslint.1"
# The page of the program lists those of its commands.
commands=$("$program" man | sed -n 's/^corslint\\-\([a-z]*\)(1)$/\1/p')
for command in $commands; do
  "$program" man "$command" > "$work/$name/man/corslint-$command.1"
done
for shell in bash zsh fish powershell elvish; do
  "$program" completions "$shell" > "$work/$name/completions/corslint.$shell"
done
case $target in
  *windows*)
    archive=$name.zip
    rm -f "$directory/$archive"
    # 7z is on GitHub's Windows runners, and zip is not.
    (cd "$work" && if command -v 7z > /dev/null; then 7z a -bso0 "$directory/$archive" "$name"; else zip -qr "$directory/$archive" "$name"; fi)
    ;;
  *)
    archive=$name.tar.gz
    tar -czf "$directory/$archive" -C "$work" "$name"
    ;;
esac
cd "$directory"
if command -v sha256sum > /dev/null; then
  sha256sum "$archive" > "$archive.sha256"
else
  shasum -a 256 "$archive" > "$archive.sha256"
fi

#!/usr/bin/env bash
# The packages of packaging/, made of a program that is built here, installed and run. What is missing on this machine
# is skipped with a message.
# usage: packages.sh CORSLINT
set -euo pipefail
program=$(realpath "$1")
project=$(realpath "$(dirname "$0")/..")
version=$("$program" --version | cut -d ' ' -f 2)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf '[{"AllowedOrigins": ["https://acme.io/"], "AllowedMethods": ["GET"]}]\n' > cors.json
# Runs a command, which must find the problem.
finds() { ! "$@" check --isolated cors.json > out 2>&1 && grep -q 'never matches' out || { cat out; echo "failed: $*"; exit 1; }; }

for target in x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-apple-darwin aarch64-apple-darwin; do
  "$project/packaging/archive.sh" "$program" $target archives
done
(cd archives && sha256sum --quiet --check ./*.sha256)
tar -xzf archives/corslint-x86_64-unknown-linux-musl.tar.gz
finds corslint-x86_64-unknown-linux-musl/corslint
if command -v man > /dev/null; then
  for page in corslint-x86_64-unknown-linux-musl/man/*.1; do
    man --warnings --local-file "$page" > /dev/null 2> warnings
    [ ! -s warnings ] || { cat warnings; echo "failed: $page"; exit 1; }
  done
fi
echo "the archive: the program, $(ls corslint-x86_64-unknown-linux-musl/man | wc -l) manual pages and $(ls corslint-x86_64-unknown-linux-musl/completions | wc -l) completions"

"$project/packaging/homebrew/formula.sh" "$version" archives > corslint.rb
grep -q "sha256 \"$(sha256sum archives/corslint-aarch64-apple-darwin.tar.gz | cut -d ' ' -f 1)\"" corslint.rb
if command -v ruby > /dev/null; then
  ruby -c corslint.rb > /dev/null
  echo "the Homebrew formula is valid Ruby"
else
  echo "skipped: the syntax of the Homebrew formula: ruby is not installed"
fi

if command -v npm > /dev/null; then
  "$project/packaging/npm/from_archives.sh" "$version" archives npm
  mkdir user
  # The package for another platform is missing, as it is for most users.
  tarballs=$(cd npm && npm pack --silent --pack-destination "$work" ./corslint ./linux-x64)
  if [ "$(uname -m)" = x86_64 ]; then
    # shellcheck disable=SC2046,SC2086
    (cd user && npm install --silent --no-audit --no-fund --offline $(printf "$work/%s " $tarballs))
    finds user/node_modules/.bin/corslint
    rm -rf user/node_modules/@corslint
    ! user/node_modules/.bin/corslint --version 2> out || { echo "failed: no error without the program"; exit 1; }
    grep -q 'the package @corslint/linux-x64 is not installed' out
    echo "the npm packages: installed and run"
  fi
else
  echo "skipped: the npm packages: npm is not installed"
fi

# The hooks that install the wheel are those that compile, but for that.
diff <(sed 's/language: rust/language: python/' "$project/.pre-commit-hooks.yaml") "$project/packaging/pre-commit/.pre-commit-hooks.yaml"
grep -q "corslint==$version" "$project/packaging/pre-commit/pyproject.toml"

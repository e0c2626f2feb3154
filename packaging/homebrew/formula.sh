#!/usr/bin/env bash
# Writes the Homebrew formula of a release, from the checksums of its archives.
# usage: formula.sh VERSION DIRECTORY
set -euo pipefail
version=$1
directory=$2
url=https://github.com/corslint/corslint/releases/download/v$version

# The lines for one archive.
archive() {
  local name=corslint-$1.tar.gz
  local checksum
  checksum=$(cut -d ' ' -f 1 "$directory/$name.sha256")
  [ ${#checksum} = 64 ] || { echo "$name.sha256: not a checksum" >&2; exit 1; }
  printf '      url "%s/%s"\n      sha256 "%s"\n' "$url" "$name" "$checksum"
}

cat << RUBY
class Corslint < Formula
  desc "Linter for the CORS policies of S3, GCS, R2 and B2 buckets"
  homepage "https://corslint.github.io/corslint/"
  version "$version"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
$(archive aarch64-apple-darwin)
    end
    on_intel do
$(archive x86_64-apple-darwin)
    end
  end

  on_linux do
    on_arm do
$(archive aarch64-unknown-linux-musl)
    end
    on_intel do
$(archive x86_64-unknown-linux-musl)
    end
  end

  def install
    bin.install "corslint"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/corslint.bash" => "corslint"
    zsh_completion.install "completions/corslint.zsh" => "_corslint"
    fish_completion.install "completions/corslint.fish"
  end

  test do
    (testpath/"cors.json").write '[{"AllowedOrigins": ["https://acme.io/"], "AllowedMethods": ["GET"]}]'
    assert_match "never matches", shell_output("#{bin}/corslint check cors.json", 1)
  end
end
RUBY

#!/usr/bin/env bash
# The wheel and the pre-commit hooks, as users install them: with pip from PyPI, in fresh virtual
# environments. Skipped with a message if Python or PyPI is not available.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$work/target}"
# This tests the installation, not the speed: corslint is built several times, so it is not optimized.
mkdir "$work/.cargo"
printf '[profile.release.package.corslint]\nopt-level = 0\n' > "$work/.cargo/config.toml"
skip() { echo "skipped: wheel and pre-commit: $1"; exit 0; }

python3 -m venv "$work/tools" 2> "$work/log" || skip "python3 cannot create a virtual environment"
"$work/tools/bin/pip" install --quiet --disable-pip-version-check maturin pre-commit > "$work/log" 2>&1 \
  || skip "PyPI is not reachable"

echo "== the wheel"
git clone --quiet "$project" "$work/corslint"
cd "$work/corslint"
"$work/tools/bin/maturin" build --release --locked --out "$work/wheels" > "$work/log" 2>&1 \
  || { cat "$work/log"; echo "failed: the wheel is not built"; exit 1; }
python3 -m venv "$work/fresh"
"$work/fresh/bin/pip" install --quiet --disable-pip-version-check --no-index "$work"/wheels/*.whl
"$work/fresh/bin/corslint" --version

echo "== the action"
cat > "$work/policy.json" <<'JSON'
[{ "AllowedOrigins": ["https://acme.io/"], "AllowedMethods": ["GET"] }]
JSON
# Runs the script of one of its steps, as GitHub's runners do.
step() {
  "$work/tools/bin/python" -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["runs"]["steps"][int(sys.argv[2])]["run"])' \
    "$work/corslint/action.yml" "$1" > "$work/step"
  (cd "$work" && RUNNER_TEMP="$work" GITHUB_OUTPUT="$work/output" bash -euo pipefail "$work/step")
}
# Code of the checkout must not run.
mkdir "$work/pip"
echo 'raise SystemExit("a module of the checkout was imported")' | tee "$work/venv.py" "$work/logging.py" > "$work/pip/__init__.py"
version=$("$work/fresh/bin/corslint" --version | cut -d ' ' -f 2)
VERSION=$version PIP_NO_INDEX=1 PIP_FIND_LINKS="$work/wheels" step 0
PROGRAM=$(sed -n 's/^program=//p' "$work/output")
export PROGRAM PATHS=policy.json ARGS=--isolated SARIF=
! GITHUB_EVENT_NAME=pull_request step 1 > "$work/out" || { echo "failed: a bad policy passed"; exit 1; }
grep -q '^::error .*file=policy.json,' "$work/out" || { cat "$work/out"; echo "failed: no annotation"; exit 1; }
! GITHUB_EVENT_NAME=push SARIF=report.sarif step 1 > "$work/out" || { echo "failed: a bad policy passed"; exit 1; }
grep -q 'policy.json:1' "$work/out" && grep -q 'sarif-2.1.0' "$work/report.sarif" || { cat "$work/out"; echo "failed: no report"; exit 1; }
unset PROGRAM PATHS ARGS SARIF
rm -r "$work/pip" "$work/venv.py" "$work/logging.py"

echo "== pre-commit"
fail() { cat "$work/out"; echo "failed: $1"; exit 1; }
mkdir "$work/repo" && cd "$work/repo"
git init --quiet
git config user.name t && git config user.email t@example.com
cat > cors.json <<'JSON'
[
  {
    "AllowedOrigins": ["https://app.acme.io"],
    "AllowedMethods": ["DELETE", "DELETE"]
  }
]
JSON
printf '{ "name": "no policy" }\n' > package.json
git add . && git commit --quiet -m start
export PRE_COMMIT_HOME="$work/cache"
pre_commit() { "$work/tools/bin/pre-commit" "$@" > "$work/out" 2>&1; }

# Both hooks, as a user would try them: the first stops the commit, the second fixes the policy and stops it too.
! pre_commit try-repo "$work/corslint" --files cors.json package.json || fail "a bad policy passed"
grep -q 'missing-max-age' "$work/out" || fail "the finding is not shown"
grep -q '"MaxAgeSeconds": 3600' cors.json || fail "the fixing hook did not fix the policy"
! grep -q 'no policy' "$work/out" || fail "a file that is not a policy was mentioned"

# Each hook by itself, from a configuration.
revision=$(git -C "$work/corslint" rev-parse HEAD)
cat > .pre-commit-config.yaml <<YAML
repos:
  - repo: $work/corslint
    rev: $revision
    hooks:
      - id: corslint
      - id: corslint-fix
YAML
git add .pre-commit-config.yaml
pre_commit run corslint --files cors.json package.json || fail "a good policy stopped the commit"
git checkout --quiet cors.json
! pre_commit run corslint-fix --files cors.json || fail "a fixed file did not stop the commit"
pre_commit run corslint-fix --files cors.json || fail "a good policy stopped the fixing hook"
git checkout --quiet cors.json
! pre_commit run corslint --files cors.json || fail "a bad policy did not stop the commit"
pre_commit run corslint --files package.json || fail "a file that is not a policy stopped the commit"
printf 'exclude = ["cors.json"]\n' > corslint.toml
pre_commit run corslint --files cors.json || fail "an excluded file was checked"
echo "the hooks stop the commit, fix the policy and pass"

# The hooks that install the wheel.
mkdir "$work/mirror" && cp -r "$work/corslint/packaging/pre-commit/." "$work/mirror" && cd "$work/mirror"
git init --quiet && git config user.name t && git config user.email t@example.com
git add . && git commit --quiet -m start
cd "$work/repo"
rm corslint.toml
export PIP_FIND_LINKS="$work/wheels"
! pre_commit try-repo "$work/mirror" corslint --files cors.json || fail "a bad policy passed the hook of the wheel"
grep -q 'missing-max-age' "$work/out" || fail "the hook of the wheel did not show the finding"
echo "the hooks of the wheel do the same"

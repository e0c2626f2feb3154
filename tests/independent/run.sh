#!/usr/bin/env bash
# Compares corslint with programs that others wrote: PyYAML and cfn-lint read the files that its fixes left, terraform
# formats them, and expat says which XML is well-formed. What is missing on this machine is skipped with a message.
# usage: run.sh CORSLINT
set -euo pipefail
corslint=$(realpath "$1")
cd "$(dirname "$0")"
command -v python3 > /dev/null || { echo "skipped: independent checks: no python3"; exit 0; }
corpus=$(realpath ../../../shared/corpus 2> /dev/null || true)
[ -d "$corpus" ] || corpus=
python3 wellformed.py "$corslint" "$corpus"
if python3 -c 'import yaml' 2> /dev/null; then
  python3 yaml_fixes.py "$corslint" "$corpus"
else
  echo "skipped: YAML fixes read by PyYAML: it is not installed (pip install pyyaml)"
fi
if command -v cfn-lint > /dev/null; then
  python3 cfn_lint.py "$corslint" "$corpus"
else
  echo "skipped: CloudFormation fixes read by cfn-lint: it is not installed (pip install cfn-lint)"
fi
if command -v terraform > /dev/null; then
  python3 terraform_format.py "$corslint" "$corpus"
else
  echo "skipped: terraform fmt after fixes: terraform is not installed"
fi

"""Formatted Terraform files stay formatted: terraform fmt changes nothing after the fixes."""
import pathlib
import subprocess
import sys
import tempfile

corslint, corpus = sys.argv[1], sys.argv[2]
FILES = [
    'resource "aws_s3_bucket" "a" {\n  cors_rule {\n    allowed_origins = ["https://a.io/", "https://A.io"]\n'
    '    allowed_methods = ["put", "DELETE"]\n  }\n}\n',
    'resource "aws_s3_bucket_cors_configuration" "a" {\n  cors_rule {\n    id              = "x"\n    allowed_header  = ["*"]\n'
    '    allowed_methods = ["DELETE"]\n    allowed_origins = [\n      "https://a.io/",\n      "https://b.io",\n      "https://b.io",\n'
    '    ]\n  }\n}\n',
    'resource "google_storage_bucket" "a" {\n  cors {\n    origin = ["https://a.io/"]\n    method = ["DELETE"]\n  }\n}\n',
    'resource "cloudflare_r2_bucket_cors" "a" {\n  rules = [{\n    allowed = {\n      origins = ["https://a.io/"]\n'
    '      methods = ["DELETE"]\n    }\n  }]\n}\n',
]
if corpus:
    FILES += [path.read_text() for path in sorted(pathlib.Path(corpus, "terraform").glob("*.tf"))]


def formatted(text):
    output = subprocess.run(["terraform", "fmt", "-"], input=text, capture_output=True, text=True, check=False)
    return output.stdout if output.returncode == 0 else None


changed = 0
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "main.tf")
    for text in FILES:
        before = formatted(text)
        if before is None:
            continue
        path.write_text(before)
        command = [corslint, "check", "--isolated", "--fix", "--unsafe-fixes", path]
        assert subprocess.run(command, capture_output=True, check=False).returncode in (0, 1, 2)
        after = path.read_text()
        changed += after != before
        assert formatted(after) == after, f"terraform fmt changes this:\n{after}"
print(f"Terraform: terraform fmt changes none of {changed} fixed files")
assert changed >= 4

"""cfn-lint accepts each CloudFormation template after all fixes, if it accepted it before: no fix adds an error."""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

corslint, corpus = sys.argv[1], sys.argv[2]

# What the real templates don't have: each fix, in both syntaxes.
YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Photos:
    Type: AWS::S3::Bucket
    Properties:
      CorsConfiguration:
        CorsRules:
          - AllowedOrigins: [https://a.acme.io/, 'https://A.acme.io', http://b.acme.io, !Sub 'https://${AWS::StackName}/']
            AllowedMethods:
              - GET
              - PUT  # uploads
            AllowedHeaders: [content-type, Host]
          - AllowedOrigins:
              - https://c.acme.io
              - https://*.acme.io
            AllowedMethods: [GET]
            AllowedHeaders: ["*"]
"""
CORS_RULE = {"AllowedOrigins": ["https://a.acme.io:443", "http://a.acme.io"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
PROPERTIES = {"CorsConfiguration": {"CorsRules": [CORS_RULE]}}
JSON = {"Resources": {"Photos": {"Type": "AWS::S3::Bucket", "Properties": PROPERTIES}}}


def errors(paths):
    """The errors of each template, without their places, which fixes may move."""
    command = ["cfn-lint", "--format", "json", "--ignore-checks", "W", "I", "--", *paths]
    run = subprocess.run(command, capture_output=True, text=True)
    if not run.stdout.startswith("["):
        sys.exit(f"cfn-lint failed: {run.stderr}")
    found = {path: collections.Counter() for path in paths}
    for error in json.loads(run.stdout):
        found[pathlib.Path(error["Filename"])][error["Rule"]["Id"], error["Message"]] += 1
    return found


with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    (work / "own.yaml").write_text(YAML)
    (work / "own.json").write_text(json.dumps(JSON, indent=2))
    for kind in ["cfn-yaml", "cfn-json"] if corpus else []:
        for path in sorted(pathlib.Path(corpus, kind).iterdir()):
            (work / f"{kind}-{path.name}").write_bytes(path.read_bytes())
    paths = sorted(work.iterdir())
    before = errors(paths)
    texts = {path: path.read_bytes() for path in paths}
    run = subprocess.run([corslint, "check", "--isolated", "--fix", "--unsafe-fixes", "-q", work], capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stderr
    changed = [path for path in paths if path.read_bytes() != texts[path]]
    accepted = sum(not before[path] for path in changed)
    after = errors(changed)
    for path in changed:
        new = after[path] - before[path]
        if new:
            sys.exit(f"{path.name}: cfn-lint reports after the fixes: {dict(new)}\n{path.read_text()}")
    assert {"own.yaml", "own.json"} <= {path.name for path in changed}
    assert not before[work / "own.yaml"] and not before[work / "own.json"], before
    print(f"cfn-lint: no new error in {len(changed)} fixed templates of {len(paths)}, {accepted} of them without any error")

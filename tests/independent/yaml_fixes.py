"""Each fix of YAML policies, alone and all together: PyYAML reads the result, little has changed, and fixing again
changes nothing."""
import collections
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import yaml

corslint, corpus = sys.argv[1], sys.argv[2]
GENERATED = 300


class Loader(yaml.SafeLoader):
    """Keeps CloudFormation's tags as keys."""


def tagged(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {"!" + suffix: value}


Loader.add_multi_constructor("!", tagged)


def load(text):
    return list(yaml.load_all(text, Loader=Loader))


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, (*path, "[]"))
    else:
        yield path, value


def generated():
    """Policies in CloudFormation, in many styles."""
    origins = [
        "https://a.acme.io/", "https://Acme.io", "*", "https://b.acme.io", "https://b.acme.io", "http://c.io",
        "http://localhost:3000", "https://*.acme.io", "https://d.io:443", "null",
    ]
    methods = ["GET", "put", "DELETE", "HEAD", "OPTIONS"]
    headers = ["*", "content-type", "Content-Type", "Host", "x-amz-*"]

    def quoted(value):
        styles = ["'{}'", '"{}"'] if value.startswith("*") else ["{}", "'{}'", '"{}"']
        return random.choice(styles).format(value)

    def items(indent, values):
        if random.random() < 0.4:
            space = random.choice(["", " "])
            return f" [{space}{random.choice([', ', ',']).join(map(quoted, values))}{space}]\n"
        lines = "\n"
        pad = " " * (indent + random.choice([0, 2]))
        for value in values:
            lines += f"{pad}# about\n" if random.random() < 0.2 else ""
            lines += f"{pad}- {quoted(value)}{random.choice(['', '', ' # c'])}\n"
        return lines

    text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      CorsConfiguration:\n        CorsRules:\n"
    base = random.choice([8, 10])
    for _ in range(random.randrange(1, 4)):
        fields = [
            ("AllowedOrigins", random.sample(origins, random.randrange(1, 5))),
            ("AllowedMethods", random.sample(methods, random.randrange(1, 4))),
            (random.choice(["AllowedHeaders", "AllowedHeader"]), random.sample(headers, random.randrange(1, 4))),
        ]
        if random.random() < 0.3:
            fields.append(("MaxAge", random.choice(["60", "'60'", "100000", "3.6e3"])))
        random.shuffle(fields)
        start = " " * base + "- "
        for key, value in fields:
            text += f"{start}{key}:" + (items(base + 2, value) if isinstance(value, list) else f" {value}\n")
            start = " " * (base + 2)
    if random.random() < 0.3:
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n") if random.random() < 0.3 else text


def run(*arguments):
    output = subprocess.run([corslint, "check", "--isolated", *arguments], capture_output=True, text=True, check=False)
    assert output.returncode in (0, 1), (arguments, output.stderr)
    return output.stdout


random.seed(1)
number = 0
with tempfile.TemporaryDirectory() as folder:
    files = []
    for index in range(GENERATED):
        path = pathlib.Path(folder, f"{index}.yaml")
        path.write_bytes(generated().encode())
        files.append(path)
    for kind in ("cfn-yaml", "serverless", "k8s"):
        files += sorted(pathlib.Path(corpus, kind).iterdir()) if corpus else []
    for path in files:
        data = path.read_bytes()
        try:
            before = collections.Counter(map(str, leaves(load(data.decode()))))
        except yaml.YAMLError:
            continue
        for finding in json.loads(run("--format", "json", path))["findings"]:
            if not finding["fix"]:
                continue
            fixed = data
            edits = sorted(finding["fix"]["edits"], key=lambda edit: (edit["start"]["offset"], edit["end"]["offset"]))
            for edit in reversed(edits):
                fixed = fixed[: edit["start"]["offset"]] + edit["text"].encode() + fixed[edit["end"]["offset"]:]
            changed = before.copy()
            changed.subtract(collections.Counter(map(str, leaves(load(fixed.decode())))))
            differences = [leaf for leaf, count in changed.items() if count]
            # A renamed key changes each item below it.
            assert 0 < len(differences) <= 6 * len(edits) + 4, (path, finding["message"], differences)
            number += 1
        copy = pathlib.Path(folder, f"fixed{path.suffix}")
        for options in (["--fix"], ["--fix", "--unsafe-fixes"]):
            shutil.copyfile(path, copy)
            run(*options, copy)
            once = copy.read_bytes()
            load(once.decode())
            run(*options, copy)
            assert copy.read_bytes() == once, (path, options)
print(f"YAML: {number} fixes in {len(files)} files are read by PyYAML as meant")
assert number > GENERATED

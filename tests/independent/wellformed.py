"""Random changes of XML policies: corslint reports a syntax error exactly where expat does.

Differences on purpose: text between elements and a DOCTYPE are errors of a policy, though well-formed."""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import xml.parsers.expat

corslint, corpus = sys.argv[1], sys.argv[2]
POLICY = """<?xml version="1.0" encoding="UTF-8"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <!-- the app -->
  <CORSRule>
    <AllowedOrigin>https://a&amp;b.example</AllowedOrigin>
    <AllowedMethod><![CDATA[GET]]></AllowedMethod>
    <MaxAgeSeconds>3600</MaxAgeSeconds>
  </CORSRule>
</CORSConfiguration>
"""
PIECES = [
    "<", ">", "&", "&amp;", "&#65;", "&#0;", "&foo;", "</", "/>", "<!--", "-->", "--", "<![CDATA[", "]]>", "<?pi x?>",
    '<?xml version="1.0"?>', '"', "'", "=", ' a="b"', " a=b", ' a="<"', ' a="1" a="2"', "\x01", "<a>", "</a>", "<a/>",
    "<1a/>", "\n", "é", "x", "&#xD800;", "&;", "<!-- a- -->", "<!-- a--->",
]
NUMBER = 2000


def is_well_formed(data):
    doctypes = []
    parser = xml.parsers.expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: doctypes.append(1)
    try:
        parser.Parse(data, True)
    except (xml.parsers.expat.ExpatError, LookupError):
        return False
    return not doctypes


seeds = [POLICY]
if corpus:
    seeds += [path.read_text() for path in sorted(pathlib.Path(corpus, "s3-xml").iterdir())]
random.seed(1)
with tempfile.TemporaryDirectory() as folder:
    expected = {}
    for number in range(NUMBER):
        text = random.choice(seeds)
        for _ in range(random.choice([1, 1, 2])):
            at = random.randrange(len(text) + 1)
            if random.random() < 0.7:
                text = text[:at] + random.choice(PIECES) + text[at:]
            else:
                text = text[:at] + text[at + random.randrange(1, 12):]
        path = os.path.join(folder, f"{number}.xml")
        pathlib.Path(path).write_text(text)
        expected[path] = is_well_formed(text.encode())
    command = [corslint, "check", "--isolated", "--provider", "s3", "--format", "json", *expected]
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    assert output.returncode in (0, 1), output.stderr
    errors = {}
    for finding in json.loads(output.stdout)["findings"]:
        if finding["lint"] == "syntax-error":
            errors.setdefault(finding["path"], set()).add(finding["message"])
    wrong = 0
    for path, well_formed in expected.items():
        # expat accepts any version.
        found = errors.get(path, set()) - {"text between elements", "malformed XML declaration"}
        reported = bool(errors.get(path))
        # An unknown encoding is an error for expat only.
        is_encoding = "encoding=" in pathlib.Path(path).read_text() and not reported
        if (well_formed and found) or (not well_formed and not reported and not is_encoding):
            wrong += 1
            print(pathlib.Path(path).read_text()[:300], "well-formed" if well_formed else "not well-formed", found)
    if wrong:
        sys.exit(f"failed: {wrong} of {NUMBER} XML files are judged otherwise than by expat")
print(f"XML: {NUMBER} changed policies are well-formed, or not, as expat says")

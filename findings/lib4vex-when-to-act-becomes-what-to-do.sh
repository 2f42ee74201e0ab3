#!/bin/sh
# lib4vex 0.2.3 (Python): when to act becomes what to do, once an OpenVEX file is read and written.
# OpenVEX 0.2.0, https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md, "Statement Fields":
# action_statement_timestamp is when the action_statement was issued, and openvex_json_schema.json
# of the same repository has the format date-time for it. The reader takes the action_statement for
# both. Of a list of products, which the same table allows, the last is kept, with no word. That one
# is known, with what else the reader lacks:
# https://github.com/anthonyharrison/lib4vex/issues/1
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    lib4vex==0.2.3 lib4sbom==0.10.1 csaf-tool==0.3.2
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
before: action_statement: Update to 2.1.
before: action_statement_timestamp: 2026-11-30T10:00:00Z
before: products: pkg:deb/debian/tool@1.0 pkg:deb/debian/tool@2.0
after: action_statement: Update to 2.1.
after: action_statement_timestamp: Update to 2.1.
after: products: pkg:deb/debian/tool@2.0
OUTPUT
cat >before.json <<'JSON'
{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.test/vex-1",
  "author": "Example",
  "role": "Vendor",
  "timestamp": "2026-11-29T10:00:00Z",
  "version": 1,
  "statements": [
    {
      "vulnerability": {"name": "CVE-2026-0001"},
      "timestamp": "2026-11-29T10:00:00Z",
      "products": [{"@id": "pkg:deb/debian/tool@1.0"}, {"@id": "pkg:deb/debian/tool@2.0"}],
      "status": "affected",
      "action_statement": "Update to 2.1.",
      "action_statement_timestamp": "2026-11-30T10:00:00Z"
    }
  ]
}
JSON
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import json

from lib4vex.generator import VEXGenerator
from lib4vex.parser import VEXParser

parser = VEXParser("openvex")
parser.parse("before.json")
VEXGenerator("openvex").generate(
    project_name="tool",
    vex_data=parser.get_vulnerabilities(),
    metadata=parser.get_metadata(),
    filename="after.json",
)
for name in ["before", "after"]:
    with open(f"{name}.json") as file:
        (statement,) = json.load(file)["statements"]
    for field in ["action_statement", "action_statement_timestamp"]:
        print(f"{name}: {field}: {statement[field]}")
    print(f"{name}: products:", *(product["@id"] for product in statement["products"]))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# junit-merge 2.0.0 (npm), with xmldoc 1.3.0: the lines of a failure's message are one line after
# the merge.
# A line's end in an attribute is written as &#10;, which XML keeps; one that is written as such is
# a space to whoever reads the file (XML 1.0, 3.3.3, Attribute-Value Normalization). Python's
# ElementTree, and so pytest, writes &#10;. The merged file has bare line ends and tabs in the
# attribute. White space at the beginning and the end of a text goes, too: the first line of a
# comparison loses its indentation, and the lines no longer stand below each other.
# Seen 2026-11-29 with Node.js 20 and the XML reader of Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" junit-merge@2.0.0 xmldoc@1.3.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
a.xml 'expected:\n1\t2' '    1 2\n  - 1 3\n'
merged.xml 'expected: 1 2' '1 2\n  - 1 3'
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const fs = require("fs");
const { mergeFiles } = require("junit-merge/lib/index.js");
fs.writeFileSync(
  "a.xml",
  '<testsuite name="a" tests="1"><testcase name="t"><failure message="expected:&#10;1&#9;2">' +
    "    1 2\n  - 1 3\n</failure></testcase></testsuite>",
);
fs.writeFileSync("merged.xml", mergeFiles(["a.xml"]));
const read = `
import sys
from xml.etree import ElementTree
for name in sys.argv[1:]:
    failure = ElementTree.parse(name).getroot().find(".//failure")
    print(name, repr(failure.get("message")), repr(failure.text))
`;
const names = ["a.xml", "merged.xml"];
process.stdout.write(require("child_process").execFileSync("python3", ["-c", read, ...names]));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

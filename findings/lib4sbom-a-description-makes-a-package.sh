#!/bin/sh
# lib4sbom 0.10.4 (Python): a line of a package's description is a package of its own, and a name
# ends at its colon.
# SPDX 2.3, 7.19: in the tag-value format, the lines of a description stand between <text> and
# </text>; 7.1: PackageName is a single line of text, and group:artifact is how Maven's packages are
# named. The reader splits each line at its colons, also in a text, and keeps the second part: a
# comment with an address ends in "see https". What follows the line belongs to the new package,
# here the purl. A licence that is an expression is UNKNOWN. In the JSON of the same document all is
# read well but the licence.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check lib4sbom==0.10.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
name: org.example
version: 1.0
licenseconcluded: UNKNOWN
description: Formerly known as

name: browser</text>
comment: see https
externalreference: [['PACKAGE-MANAGER', 'purl', 'pkg:maven/org.example/web@1.0']]

OUTPUT
cat >example.spdx <<'TEXT'
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: example
DocumentNamespace: https://example.org/example
Creator: Tool: example-1
Created: 2026-01-01T00:00:00Z

PackageName: org.example:web
SPDXID: SPDXRef-web
PackageVersion: 1.0
PackageDownloadLocation: NOASSERTION
FilesAnalyzed: false
PackageLicenseConcluded: MIT OR Apache-2.0
PackageDescription: <text>Formerly known as
PackageName: browser</text>
PackageComment: <text>see https://example.org/web</text>
ExternalRef: PACKAGE-MANAGER purl pkg:maven/org.example/web@1.0
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-web
TEXT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from lib4sbom.parser import SBOMParser

FIELDS = ("name", "version", "licenseconcluded", "description", "comment", "externalreference")
parser = SBOMParser()
parser.parse_file("example.spdx")
for package in parser.get_packages():
    for field in FIELDS:
        if field in package:
            print(f"{field}: {package[field]}")
    print()
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

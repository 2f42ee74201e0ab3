#!/bin/sh
# sbom2csv 1.0.2 (Python): a choice of two licences is no licence, and of two licences the first is
# written.
# CycloneDX 1.5, https://cyclonedx.org/docs/1.5/json/#components_items_licenses: the list has
# licences, each with an id of SPDX or a name, or one expression of SPDX. The column License has the
# id of the first of the list. So a component under MIT OR Apache-2.0, or under a licence without an
# id, has an empty cell, as one has that names none, and the second licence of a component that is
# under both is not there. The group of a name is left out, so that @vue/core and @babel/core are
# both core.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sbom2csv==1.0.2
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Name,Version,Description,Developer,License,User Document
a,1,,,,
b,1,,,,
c,1,,,MIT,
d,1,,,,
core,3.4.0,,,,
OUTPUT
cat >bom.json <<'BOM'
{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
  {"type": "library", "name": "a", "version": "1", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
  {"type": "library", "name": "b", "version": "1", "licenses": [{"license": {"name": "Example Licence"}}]},
  {"type": "library", "name": "c", "version": "1",
   "licenses": [{"license": {"id": "MIT"}}, {"license": {"id": "GPL-3.0-only"}}]},
  {"type": "library", "name": "d", "version": "1"},
  {"type": "library", "group": "@vue", "name": "core", "version": "3.4.0"}
]}
BOM
"$folder/venv/bin/sbom2csv" --input bom.json --output bom.csv --format csv
tr -d '\r' <bom.csv >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

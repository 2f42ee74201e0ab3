#!/bin/sh
# unified-range 0.1.1 (Python): of the range 1.2.3 - 2.0.0 the one version 2.0.0 is left.
# README of node-semver, Hyphen Ranges: "X.Y.Z - A.B.C specifies an inclusive set. 1.2.3 - 2.3.4 :=
# >=1.2.3 <=2.3.4". from_semver takes a "semver range string (following npm/node spec)". Here a word
# without an operator replaces those before it, the hyphen, too: filter_versions, which returns the
# versions outside of a range, returns those inside of it as well.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check unified-range==0.1.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
>=1.2.3 <=2.0.0: [1.2.3,2.0.0], not in it: 1.0.0 2.1.0
1.2.3 - 2.0.0: [2.0.0], not in it: 1.0.0 1.2.3 1.5.0 2.1.0
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from unified_range import api

versions = ["1.0.0", "1.2.3", "1.5.0", "2.0.0", "2.1.0"]
for text in (">=1.2.3 <=2.0.0", "1.2.3 - 2.0.0"):
    spec = api.from_semver(text)
    print(f"{text}: {spec}, not in it: {' '.join(api.filter_versions(versions, [spec]))}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

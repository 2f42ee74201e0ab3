#!/bin/sh
# lib4sbom 0.10.4 (Python): LGPL-3.0 beside GPL-3.0 becomes LGPL-3.0-only-only, which no list has.
# SPDX's list of licences has LGPL-3.0 as a deprecated name of LGPL-3.0-only, and the scanner puts
# the new name for the old one. It replaces the first place in the text where the old name is, even
# in a name that it has just replaced: the GPL's in the LGPL's. The order does not matter, and two
# names of one licence do the same. The README promises licences "validated against the set of SPDX
# license identifiers", and those of a generated SBOM go this way.
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
LGPL-3.0: LGPL-3.0-only
GPL-3.0: GPL-3.0-only
LGPL-3.0 OR GPL-3.0: LGPL-3.0-only-only OR GPL-3.0-only
GPL-3.0 OR LGPL-3.0: GPL-3.0-only OR LGPL-3.0-only-only
GPL-2.0 OR GPL-2.0-only: GPL-2.0-only OR GPL-2.0-only-only
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from lib4sbom.license import LicenseScanner

for expression in (
    "LGPL-3.0",
    "GPL-3.0",
    "LGPL-3.0 OR GPL-3.0",
    "GPL-3.0 OR LGPL-3.0",
    "GPL-2.0 OR GPL-2.0-only",
):
    print(f"{expression}: {LicenseScanner().find_license(expression)}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

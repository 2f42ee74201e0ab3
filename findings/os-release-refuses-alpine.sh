#!/bin/sh
# os-release 1.0.1 cannot read Alpine's os-release file.
# That has VERSION_ID=3.20.3 without quotes, which a shell reads. os-release(5) asks for quotes
# around anything but letters and digits; this reader takes one more sign than that, the
# underscore, but no dot and no hyphen. One such line, and no field of the file is to be had.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check os-release==1.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
VERSION_ID=3.20.3 -> OsReleaseParseException
VERSION_ID="3.20.3" -> {'NAME': 'x', 'VERSION_ID': '3.20.3'}
SUPPORT_END=2025-05-13 -> OsReleaseParseException
ID=some_name -> {'NAME': 'x', 'ID': 'some_name'}
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import os_release
from os_release.parser import OsReleaseParseException
for line in ('VERSION_ID=3.20.3', 'VERSION_ID="3.20.3"', "SUPPORT_END=2025-05-13", "ID=some_name"):
    try:
        print(line, "->", os_release.parse_str(f"NAME=x\n{line}\n"))
    except OsReleaseParseException:
        print(line, "-> OsReleaseParseException")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

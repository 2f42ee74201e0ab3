#!/bin/sh
# debian-inspector 31.1.1 refuses 1.0~ as a version.
# A tilde at the end is what packagers write in build dependencies, libc6 (>= 2.34~), so that
# backports and release candidates satisfy them; Debian Policy 5.6.12 allows it and dpkg --validate-
# version takes it.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check debian-inspector==31.1.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
2.34 -> 2.34
2.34~rc1 -> 2.34~rc1
2.34~ -> ValueError
2.34-0~ -> 2.34-0~
9~~ -> ValueError
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from debian_inspector.version import Version
for text in ("2.34", "2.34~rc1", "2.34~", "2.34-0~", "9~~"):
    try:
        print(text, "->", Version.from_string(text))
    except ValueError:
        print(text, "-> ValueError")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

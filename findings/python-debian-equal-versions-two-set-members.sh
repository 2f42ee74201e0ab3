#!/bin/sh
# python-debian 1.1.1: versions that are equal have different hashes, so that a set or a dict holds
# both.
# Debian Policy 5.6.12: no revision is the same as revision 0, no epoch as epoch 0. Version('1.0')
# == Version('0:1.0-0') is true, which by Python's data model asks for equal hashes; a lookup of one
# among keys of the other finds nothing.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-debian==1.1.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
equal: True
members of a set: 3
found: False
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from debian.debian_support import NativeVersion as Version
versions = [Version("1.0"), Version("1.0-0"), Version("0:1.0")]
print("equal:", versions[0] == versions[1] == versions[2])
print("members of a set:", len(set(versions)))
print("found:", versions[1] in {versions[0]: "the same"})
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

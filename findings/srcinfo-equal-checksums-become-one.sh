#!/bin/sh
# srcinfo 0.1.2 (Python): values of one key that are equal become one, so checksums move to other files.
# In a .SRCINFO the first sha256sums is that of the first source, the second that of the second.
# Signatures have no checksum: their entry is SKIP, once for each. Here the second SKIP is lost:
# five sources have four checksums, and the signature of b is given the checksum of fix.patch.
# Whoever pairs the two lists checks a file against another file's checksum, or not at all.
# parse_srcinfo reports no error.
# Seen 2026-11-29 with Python 3.11. makepkg --printsrcinfo of pacman 7.0.0 writes one SKIP for each.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check srcinfo==0.1.2

cat >"$folder/expected" <<'OUTPUT'
errors []
a.tar.gz aaaa
a.tar.gz.sig SKIP
b.tar.gz bbbb
b.tar.gz.sig cccc
fix.patch None
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from itertools import zip_longest

from srcinfo.parse import parse_srcinfo

text = """pkgbase = tool
	pkgver = 1
	pkgrel = 1
	arch = any
	source = a.tar.gz
	source = a.tar.gz.sig
	source = b.tar.gz
	source = b.tar.gz.sig
	source = fix.patch
	sha256sums = aaaa
	sha256sums = SKIP
	sha256sums = bbbb
	sha256sums = SKIP
	sha256sums = cccc

pkgname = tool
"""
found, errors = parse_srcinfo(text)
print("errors", errors)
for source, checksum in zip_longest(found["source"], found["sha256sums"]):
    print(source, checksum)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

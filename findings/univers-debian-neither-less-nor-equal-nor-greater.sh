#!/bin/sh
# univers 32.0.1: of 1.0 and 1.00 none is less, none is greater, and they are not equal; yet each is
# at most the other.
# Debian Policy 5.6.12 compares runs of digits as numbers, so dpkg calls them equal. Order is by
# number here, equality by the text, so that no comparison but <= and >= finds them alike, and a
# range of 1.0 does not contain 1.00.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check univers==32.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
< False  == False  > False  <= True  >= True
vers:deb/1.0 contains 1.00: False
vers:deb/>=1.0|<=1.0 contains 1.00: False
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from univers.version_range import VersionRange
from univers.versions import DebianVersion
a, b = DebianVersion("1.0"), DebianVersion("1.00")
print("<", a < b, " ==", a == b, " >", a > b, " <=", a <= b, " >=", a >= b)
for text in ("vers:deb/1.0", "vers:deb/>=1.0|<=1.0"):
    print(text, "contains 1.00:", b in VersionRange.from_string(text))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

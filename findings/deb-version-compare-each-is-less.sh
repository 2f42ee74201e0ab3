#!/bin/sh
# deb-version-compare 1.2.1: 1.01 is less than 1.1, and 1.1 is less than 1.01.
# Debian Policy 5.6.12, which its README quotes in full, compares runs of digits as numbers: the
# two are equal (dpkg --compare-versions 1.01 eq 1.1). Here two equal versions with different text
# are each before the other, so the order of a sort depends on the one it began with, and 'is
# there a newer one' is answered yes whichever of them is installed. A revision with a leading
# zero is no different.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" deb-version-compare@1.2.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.9 1.10 -1 the other way 1
1.01 1.1 -1 the other way -1
1.00 1.0 -1 the other way -1
1.0-01 1.0-1 -1 the other way -1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const compare = require("deb-version-compare");
for (const [a, b] of [["1.9", "1.10"], ["1.01", "1.1"], ["1.00", "1.0"], ["1.0-01", "1.0-1"]])
  console.log(a, b, compare(a, b), "the other way", compare(b, a));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

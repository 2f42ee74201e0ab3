#!/bin/sh
# @renovatebot/pep440 4.2.4: 1.0 does not satisfy ==1.0.0.*.
# The version specifiers specification says of prefix matching that the candidate's release is
# padded with zeros; packaging (26.4) agrees: 1.0 and 1.0.0 are one version there. Here they are
# equal by ==, but not by ==1.0.0.*; and != has the mirror image.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" @renovatebot/pep440@4.2.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.0 ==1.0.0 true  1.0.0 ==1.0.0 true
1.0 ==1.0.0.* false  1.0.0 ==1.0.0.* true
1.0 !=1.0.0.* true  1.0.0 !=1.0.0.* false
1.0 ==1.0.* true  1.0.0 ==1.0.* true
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { satisfies } = require("@renovatebot/pep440");
for (const range of ["==1.0.0", "==1.0.0.*", "!=1.0.0.*", "==1.0.*"])
  console.log("1.0", range, satisfies("1.0", range), " 1.0.0", range, satisfies("1.0.0", range));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

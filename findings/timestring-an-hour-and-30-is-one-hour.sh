#!/bin/sh
# timestring 7.0.0 (npm): 1h30 is one hour, 1,5h are fifteen, and 2h - 30m are two and a half.
# The README: a time can "be as messy as you like". Whatever is no letter, digit, full stop or sign
# is taken away first, so that 1,5 is 15. Each number with a unit behind it is then added: a number
# without one is dropped without an error, while a unit that is not known is one. Signs are let
# through to the numbers, and nothing reads them: -1h is one hour.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" timestring@7.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
1h 30m: 1.5 hours
1h30: 1 hours
1.5h: 1.5 hours
1,5h: 15 hours
2h - 30m: 2.5 hours
-1h: 1 hours
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const timestring = require("timestring");
for (const text of ["1h 30m", "1h30", "1.5h", "1,5h", "2h - 30m", "-1h"])
  console.log(`${text}: ${timestring(text, "h")} hours`);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

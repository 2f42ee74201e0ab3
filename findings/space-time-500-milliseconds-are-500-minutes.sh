#!/bin/sh
# space-time 1.1.1 (npm): 500 milliseconds are more than eight hours, and 1,024 bytes are 25.
# The README: "Human readable data size and time calculations", with "52 weeks, 5 hours and 1 day to
# be precise" as an example. Of a word the first letter is read; ms is milliseconds, but the word
# milliseconds begins with m, for minutes. A comma between the thousands ends a number: the two
# parts are added. A sign is no part of a number: -7 days and 7 days are equal, unless .now is
# called.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" space-time@1.1.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
ms("500 ms") = 500
ms("500 milliseconds") = 30000000
ms("1 second and 500 milliseconds") = 30001000
ms("-7 days") = 604800000
ms("7 days") = 604800000
bytes("1024") = 1024
bytes("1,024") = 25
bytes("1,024 kB") = 24577
OUTPUT
cat >program.mjs <<'PROGRAM'
import { bytes, ms } from "space-time";
for (const text of ["500 ms", "500 milliseconds", "1 second and 500 milliseconds", "-7 days", "7 days"])
  console.log(`ms("${text}") = ${ms(text)}`);
for (const text of ["1024", "1,024", "1,024 kB"]) console.log(`bytes("${text}") = ${bytes(text)}`);
PROGRAM
node program.mjs >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

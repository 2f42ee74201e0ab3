#!/bin/sh
# expiry-js 0.1.7 (npm): half a day is no time at all, and a day and a half is one day.
# The README: it parses durations for the expiry of keys in Redis. A fraction is read (0.5 hours are
# 1800 seconds), and one of years or weeks is counted in months and days, but then the months and
# days are added to a date, which drops their fraction. So what is to expire in half a day expires
# at once, 0.5 weeks are three days, and 1.5 months one.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" expiry-js@0.1.7 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
0.5 hours: 0.5 hours
12 hours: 12 hours
0.5 days: 0 hours
1.5D: 24 hours
0.5 weeks: 72 hours
OUTPUT
TZ=UTC node - <<'PROGRAM' >"$folder/seen"
const expiry = require("expiry-js");
for (const text of ["0.5 hours", "12 hours", "0.5 days", "1.5D", "0.5 weeks"])
  console.log(`${text}: ${expiry(text).asSeconds() / 3600} hours`);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

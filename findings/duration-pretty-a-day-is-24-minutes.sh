#!/bin/sh
# duration-pretty 0.1.1 (npm): 26 hours are 144 minutes, and an hour and a half 1860 seconds.
# The README: format() "is parsed for universal token characters, which are replaced with the
# duration's value for each unit type", and duration(36610000333).format("Y:MM:...") has a month of
# 30 days. A unit that the format does not have goes over to the next smaller one: 26 hours are
# 26:00:00 with HH:mm:ss, and 90 minutes with mm are 90. If two units in a row are missing, each is
# multiplied by what it has of the next smaller one only, so that a day counts as 24 minutes, an
# hour as 60 seconds and a year as 12 days.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" duration-pretty@0.1.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
26 hours, HH:mm:ss 26:00:00
26 hours, mm:ss 144:00
1.5 hours, mm 90
1.5 hours, ss 1860
365 days, DD 12
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { duration } = require("duration-pretty");
for (const format of ["HH:mm:ss", "mm:ss"]) console.log("26 hours,", format, duration(26 * 3600, "seconds").format(format));
for (const format of ["mm", "ss"]) console.log("1.5 hours,", format, duration(1.5 * 3600, "seconds").format(format));
console.log("365 days, DD", duration(365 * 24 * 3600, "seconds").format("DD"));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# posixtz 1.0.0 (npm): it does not read what it writes: Kathmandu is west of Greenwich.
# POSIX, 8.3, TZ, https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html: the
# offset is hh[:mm[:ss]], and a name with other characters than letters stands between < and >.
# formatPosixTZ writes both. parsePosixTZ ends the offset at the colon, and takes digits of a quoted
# name for it: India loses its half hour, Nepal is ten hours and three quarters off, and Adelaide
# has no summer time. The README shows Los Angeles, and names no limit.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund posixtz@1.0.0 moment@2.31.0 moment-timezone@0.5.48 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
Europe/Berlin: CET-1CEST,M3.5.0,M10.5.0/3
  in June 120 minutes; read: CET, 60 minutes, summer time true
Asia/Kolkata: IST-5:30
  in June 330 minutes; read: IST, 300 minutes, summer time false
Asia/Kathmandu: <+0545>-5:45
  in June 345 minutes; read: 054, -300 minutes, summer time false
Australia/Adelaide: ACST-9:30ACDT,M10.1.0,M4.1.0/3
  in June 570 minutes; read: ACST, 540 minutes, summer time false
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { formatPosixTZ, parsePosixTZ } = require("posixtz");
const moment = require("moment-timezone");
for (const zone of ["Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide"]) {
  const minutes = moment.tz("2026-06-30T12:00", zone).utcOffset();
  const written = formatPosixTZ(zone, 2026);
  const { stdAbbr, stdOffset, dst } = parsePosixTZ(written);
  console.log(`${zone}: ${written}`);
  console.log(`  in June ${minutes} minutes; read: ${stdAbbr}, ${stdOffset} minutes, summer time ${dst}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

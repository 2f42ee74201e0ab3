#!/bin/sh
# crontzconvert 0.1.2 (Python): half past nine in India is half past three in UTC; it is four.
# The README promises an expression whose times change according to two time zones, and names day
# and week as what is not changed yet. India is 5:30 ahead of UTC, Nepal 5:45 (the time zone
# database, https://www.iana.org/time-zones, file asia). Here the minutes of the difference are cut
# off, and those of the expression stay as they are. The npm package of the same name and purpose,
# 1.1.1, has them right.
# Seen 2026-11-30 with Python 3.11 and Node.js 20. None of these zones has daylight saving time.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check crontzconvert==0.1.2
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund crontzconvert@1.1.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
Python:
30 9 * * * Asia/Kolkata UTC -> 30 3 * * *
15 9 * * * Asia/Kathmandu UTC -> 15 3 * * *
0 4 * * * UTC Asia/Kolkata -> 0 9 * * *
0 9 * * * Asia/Tokyo UTC -> 0 0 * * *
npm:
0 30 9 * * * Asia/Kolkata UTC -> 0 0 4 * * *
0 15 9 * * * Asia/Kathmandu UTC -> 0 30 3 * * *
0 0 4 * * * UTC Asia/Kolkata -> 0 30 9 * * *
0 0 9 * * * Asia/Tokyo UTC -> 0 0 0 * * *
OUTPUT
{
    echo "Python:"
    "$folder/venv/bin/python" - <<'PROGRAM'
from crontzconvert import convert

for expression, source, target in [
    ("30 9 * * *", "Asia/Kolkata", "UTC"),
    ("15 9 * * *", "Asia/Kathmandu", "UTC"),
    ("0 4 * * *", "UTC", "Asia/Kolkata"),
    ("0 9 * * *", "Asia/Tokyo", "UTC"),
]:
    print(expression, source, target, "->", convert(expression, source, target))
PROGRAM
    echo "npm:"
    node - <<'PROGRAM'
const { convert } = require("crontzconvert");
for (const [expression, source, target] of [
  ["0 30 9 * * *", "Asia/Kolkata", "UTC"],
  ["0 15 9 * * *", "Asia/Kathmandu", "UTC"],
  ["0 0 4 * * *", "UTC", "Asia/Kolkata"],
  ["0 0 9 * * *", "Asia/Tokyo", "UTC"],
])
  console.log(expression, source, target, "->", convert(expression, source, target));
PROGRAM
} >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

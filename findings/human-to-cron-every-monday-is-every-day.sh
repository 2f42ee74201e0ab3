#!/bin/sh
# human-to-cron 0.3.1 (npm): every monday at 9:30 is every day at 9:30, and every 10 days is each
# Sunday.
# The README: "once each day" is 0 0 0 */1 * *, so the fields are second, minute, hour, day of the
# month, month and day of the week, and "friday 15:44" is a Friday. every takes the next word away,
# so that the weekday behind it is lost. Days are written to the field of weekdays: */10 of 0 to 6
# is 0, Sunday, and */2 is Saturday and Sunday. "once each month" is midnight of each Sunday.
# Nothing is said of a word that is not understood: every week is every second.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" human-to-cron@0.3.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
monday 9:30: 0 30 9 * * 1
every monday 9:30: 0 30 9 * * *
once every 10 days: 0 0 0 * * */10
once each month: 0 0 0 * */1 0
every week: * * * * * *
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const humanToCron = require("human-to-cron");
const texts = ["monday 9:30", "every monday 9:30", "once every 10 days", "once each month", "every week"];
for (const text of texts) console.log(`${text}: ${humanToCron(text)}`);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# @cheap-glitch/mi-cron 1.0.1 and its continuation @fregante/mi-cron 2.0.1 (npm): the 31st of
# February is the 3rd of March, and January comes back in December.
# crontab(5), https://manpages.debian.org/crontab.5: a command runs when minute, hour and month
# match and one of the two day fields does, which is the day of month where the day of week is a
# star. For the format the READMEs link to https://crontab.guru/crontab.5.html, and they promise the
# next date that matches. Where a month has no such day, Date of JavaScript goes on into the next
# one, and that is the answer. From a date after January, a job of each first of January runs in
# December, and the date that follows an answer is that answer again.
# Seen 2026-11-30 with Node.js 20. croner 10.0.1 has it right.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund \
    @cheap-glitch/mi-cron@1.0.1 @fregante/mi-cron@2.0.1 croner@10.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
0 12 31 * *: 2026-03-03 2026-03-03 2026-03-31
0 12 31 4,5 *: 2026-05-01 2026-05-01 2026-05-31
0 12 1 jan *: 2026-12-01 2026-12-01 2027-01-01
0 12 1 * *: 2026-03-01 2026-03-01 2026-03-01
OUTPUT
cat >program.mjs <<'PROGRAM'
import first from "@cheap-glitch/mi-cron";
import { parseCron } from "@fregante/mi-cron";
import { Cron } from "croner";
for (const [expression, month] of [
  ["0 12 31 * *", 2],
  ["0 12 31 4,5 *", 4],
  ["0 12 1 jan *", 2],
  ["0 12 1 * *", 2],
]) {
  const from = new Date(Date.UTC(2026, month - 1, 10));
  const days = [
    first.parseCron.nextDate(expression, from),
    parseCron.nextDate(expression, from),
    new Cron(expression).nextRun(from),
  ].map((date) => date.toISOString().slice(0, 10));
  console.log(`${expression}: ${days.join(" ")}`);
}
PROGRAM
TZ=UTC node program.mjs >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

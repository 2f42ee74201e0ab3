#!/bin/sh
# crontab 1.4.2 and @cheap-glitch/mi-cron 1.0.1 (npm): dec is November, and jan is the month 0.
# crontab(5): months and weekdays may have names, "the first three letters of the particular day or
# month"; the months are 1 to 12, so jan is 1. Both packages take the place in a list that begins
# with jan at 0. Names of weekdays are right, because sun is 0. crontab reads the file of a user and
# writes all jobs of it when one was changed: 11 for dec, and 0 for jan, which is no month, so that
# cron refuses the file. mi-cron gives the next time of a job of December as one in November.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" crontab@1.4.2 @cheap-glitch/mi-cron@1.0.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
0 3 1 jan *: crontab writes 0 3 1 0 * job, mi-cron says 2026-12-01
0 3 1 1 *: crontab writes 0 3 1 1 * job, mi-cron says 2027-01-01
0 3 1 dec *: crontab writes 0 3 1 11 * job, mi-cron says 2027-11-01
0 3 1 12 *: crontab writes 0 3 1 12 * job, mi-cron says 2026-12-01
0 3 * * tue: crontab writes 0 3 * * 2 job, mi-cron says 2026-12-01
0 3 * * 2: crontab writes 0 3 * * 2 job, mi-cron says 2026-12-01
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const CronJob = require("crontab/lib/CronJob.js");
const { parseCron } = require("@cheap-glitch/mi-cron");
const now = new Date("2026-11-30T00:00:00Z");
for (const [names, numbers] of [["1 jan *", "1 1 *"], ["1 dec *", "1 12 *"], ["* * tue", "* * 2"]]) {
  for (const day of [names, numbers]) {
    const line = `0 3 ${day}`;
    const next = parseCron.nextDate(line, now).toISOString().slice(0, 10);
    console.log(`${line}: crontab writes ${new CronJob(`${line} job`)}, mi-cron says ${next}`);
  }
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# local-crontab 0.1.8 (npm): Monday at 3 in Tokyo is converted to Monday at 18 in UTC, which is
# Tuesday at 3 in Tokyo.
# 3 o'clock on Monday in Tokyo (UTC+9) is 18 o'clock on Sunday in UTC. The hour goes over midnight,
# the fields of the day, crontab(5)'s day of month and day of week, stay as they were: the job runs
# 24 hours late, or early in the west. The README calls the result "a set of UTC crontabs" for the
# local one, and names no limit; its examples run every day. Below, the result is converted back.
# Seen 2026-11-29 with Node.js 20. None of these zones has daylight saving time.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" local-crontab@0.1.8 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Asia/Tokyo, 0 3 * * 1: UTC 0 18 * * 1, which is Tue 03:00
Asia/Kolkata, 0 3 * * 1: UTC 30 21 * * 1, which is Tue 03:00
America/Bogota, 0 22 * * 5: UTC 0 3 * * 5, which is Thu 22:00
Asia/Tokyo, 0 12 * * 1: UTC 0 3 * * 1, which is Mon 12:00
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { localCrontabToUtcCrontabs } = require("local-crontab");
const JANUARY_4 = Date.UTC(2026, 0, 4); // a Sunday, day 0 of crontab's week
for (const [timeZone, crontab] of [
  ["Asia/Tokyo", "0 3 * * 1"],
  ["Asia/Kolkata", "0 3 * * 1"],
  ["America/Bogota", "0 22 * * 5"],
  ["Asia/Tokyo", "0 12 * * 1"],
]) {
  const [utc] = localCrontabToUtcCrontabs(crontab, timeZone);
  const [minute, hour, , , day] = utc.split(" ").map(Number);
  const time = new Date(JANUARY_4 + ((day * 24 + hour) * 60 + minute) * 60000);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const there = time.toLocaleString("en-US", { timeZone, weekday: "short", ...clock });
  console.log(`${timeZone}, ${crontab}: UTC ${utc}, which is ${there}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

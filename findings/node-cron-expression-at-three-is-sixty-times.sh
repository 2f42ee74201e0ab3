#!/bin/sh
# node-cron-expression 1.3.1 (npm): at the hour 3 is each minute of that hour.
# Its documentation, https://kbariotis.github.io/node-cron-expression, and the comment of atHour
# that it is made of: "Set to run in a specific hour. Defaults to the first minute of that hour",
# with 0 3 * * * for atHour(3). The minute stays a star, which in crontab(5) is any: the job runs 60
# times. Days have their hour and minute, but lose them beside an hour.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund node-cron-expression@1.3.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
documented: 0 3 * * *
atHour(3): * 3 * * *
onDayOfTheWeek(6): 0 0 * * 6
combine(atHour(3), onDayOfTheWeek(6)): * 3 * * 6
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { readFileSync } = require("fs");
const { atHour, combine, onDayOfTheWeek } = require("node-cron-expression");
const source = readFileSync("node_modules/node-cron-expression/build/main/lib/at.js", "utf8");
console.log(`documented: ${/atHour\(3\); \/\/ (.*)/.exec(source)[1]}`);
console.log(`atHour(3): ${atHour(3)}`);
console.log(`onDayOfTheWeek(6): ${onDayOfTheWeek(6)}`);
console.log(`combine(atHour(3), onDayOfTheWeek(6)): ${combine(atHour(3), onDayOfTheWeek(6))}`);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

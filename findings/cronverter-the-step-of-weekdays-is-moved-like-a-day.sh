#!/bin/sh
# cronverter 0.2.0 (Python) and cron-to-quartz 1.4.15 (npm): Monday, Wednesday and Friday become
# Monday to Friday on the way from Quartz to cron, and Monday and Thursday on the way back.
# Sunday is 1 for Quartz and 0 for cron, so a converter moves the days by one.
# http://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html: the number
# behind / is an increment; crontab(5): "Following a range with '/<number>' specifies skips of the
# number's value through the range". The increment is no day, but both move it with the days: 2-6/2
# becomes 1-5/1, and 1-5/2 becomes 2-6/3. cronverter's list of what is lost (data_loss) does not
# have it. crontab(5) allows 7 for Sunday, too; cron-to-quartz makes it day 8 of Quartz' seven.
# Seen 2026-11-30 with Python 3.11 and Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check cronverter==0.2.0
cd "$folder"

npm install --silent --no-audit --no-fund --prefix "$folder" cron-to-quartz@1.4.15 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
from Quartz: 0 0 10 ? * 2-6 -> 0 10 * * 1-5 ['dom field was the special character ?']
from Quartz: 0 0 10 ? * 2-6/2 -> 0 10 * * 1-5/1 ['dom field was the special character ?']
from Quartz: 0 0 10 ? * */2 -> 0 10 * * */1 ['dom field was the special character ?']
to Quartz: 0 10 * * 1-5 -> 0 0 10 ? * 2-6 *
to Quartz: 0 10 * * 1-5/2 -> 0 0 10 ? * 2-6/3 *
to Quartz: 0 10 * * */2 -> 0 0 10 ? * */3 *
to Quartz: 0 10 * * 7 -> 0 0 10 ? * 8 *
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import json
import subprocess

from cronverter.quartz2unix import convert

for quartz in ("0 0 10 ? * 2-6", "0 0 10 ? * 2-6/2", "0 0 10 ? * */2"):
    result = convert(quartz)
    print("from Quartz:", quartz, "->", result.unix_cron, [str(cause) for cause in result.data_loss])

QUERY = "console.log(JSON.stringify(require('cron-to-quartz').getQuartz(process.argv[1])))"
for cron in ("0 10 * * 1-5", "0 10 * * 1-5/2", "0 10 * * */2", "0 10 * * 7"):
    answer = subprocess.run(["node", "-e", QUERY, cron], capture_output=True, check=True).stdout
    print("to Quartz:", cron, "->", *(" ".join(words) for words in json.loads(answer)))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

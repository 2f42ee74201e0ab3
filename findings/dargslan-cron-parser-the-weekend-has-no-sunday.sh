#!/bin/sh
# dargslan-cron-parser 1.0.0 (Python): 6,7 is Saturday and no Sunday, and 13 with Friday is Friday
# the 13th.
# crontab(5): the day of week is 0-7, "0 or 7 is Sun, or use names"; and "If both fields are
# restricted (i.e., don't start with *), the command will be run when either field matches the
# current time". 7 alone is Sunday here. In a list or a range it stays the number 7, which no day
# has: the job does not run on Sunday, and explain() writes 7 for its name. A day of the month and
# one of the week must both be right, so that a job of each 13th and each Friday runs once in the
# coming year.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check dargslan-cron-parser==1.0.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
0 0 * * 7: At minute 0 past hour 0 on Sunday: Sun 2026-12-06 Sun 2026-12-13 Sun 2026-12-20
0 0 * * 6,7: At minute 0 past hour 0 on Saturday, 7: Sat 2026-12-05 Sat 2026-12-12 Sat 2026-12-19
0 0 * * 5-7: At minute 0 past hour 0 on Friday, Saturday, 7: Fri 2026-12-04 Sat 2026-12-05 Fri 2026-12-11
0 0 13 * 5: At minute 0 past hour 0 on day(s) 13 on Friday: Fri 2027-08-13
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from datetime import datetime

from dargslan_cron_parser import explain, next_run

for line in ("0 0 * * 7", "0 0 * * 6,7", "0 0 * * 5-7", "0 0 13 * 5"):
    days = (datetime.fromisoformat(run) for run in next_run(line, datetime(2026, 11, 30), 3))
    print(f"{line}: {explain(line)}:", *(f"{day:%a %Y-%m-%d}" for day in days))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

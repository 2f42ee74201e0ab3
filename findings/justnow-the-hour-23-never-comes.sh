#!/bin/sh
# justnow 0.1.4 (Python): what is due each hour is not due at 23:00.
# The README: the library is inspired by systemd.timer, and @hourly is *-*-* *:00:00.
# systemd.time(7): * as a component of the time "specifies that any value will match". Here the
# hours of * are 0 to 22, so that a timer of each hour, quarter or minute is silent from 23:00 to
# midnight. When 23 is written out it comes.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check justnow==0.1.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
@hourly: Mon 22:00 Tue 00:00 Tue 01:00
*-*-* *:30:00: Mon 21:30 Mon 22:30 Tue 00:30
*-*-* 21,22,23,00:00:00: Mon 22:00 Mon 23:00 Tue 00:00
OUTPUT
"$folder/venv/bin/python" -W ignore - <<'PROGRAM' >"$folder/seen"
from datetime import datetime

from justnow.parser import EventParser

for event in ("@hourly", "*-*-* *:30:00", "*-*-* 21,22,23,00:00:00"):
    times = EventParser(event, reference_date=datetime(2026, 11, 30, 21, 15)).get_next_n(limit=3)
    print(f"{event}:", *(f"{time:%a %H:%M}" for time in times))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

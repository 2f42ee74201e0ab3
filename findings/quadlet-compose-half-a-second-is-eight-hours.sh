#!/bin/sh
# quadlet-compose 0.3.0 (Python): the time limit of a health check of 500ms is 30000s, and of 1.5s
# it is 5s.
# https://github.com/compose-spec/compose-spec/blob/main/11-extension.md, Specifying durations: "The
# supported units are us (microseconds), ms (milliseconds), s (seconds), m (minutes) and h (hours)";
# its own examples are 10ms, 40s, 1m30s and 1h5m30s20ms. Of ms the m is read as minutes, so that the
# last example is 1200 seconds too long; what stands before a decimal point is dropped. So a check
# that hangs is noticed after eight hours. The command prints the unit and ends with 0.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check quadlet-compose==0.3.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
40s 10ms -> HealthInterval=40s HealthTimeout=600s
1m30s 500ms -> HealthInterval=90s HealthTimeout=30000s
1h5m30s20ms 1.5s -> HealthInterval=5130s HealthTimeout=5s
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import re
import subprocess

COMPOSE = '''
services:
  web:
    image: nginx:1
    healthcheck:
      test: ["CMD", "app", "--healthy"]
      interval: {0}
      timeout: {1}
'''
COMMAND = "venv/bin/quadlet-compose --project-name app --file compose.yaml convert"
for interval, timeout in (("40s", "10ms"), ("1m30s", "500ms"), ("1h5m30s20ms", "1.5s")):
    with open("compose.yaml", "w") as file:
        file.write(COMPOSE.format(interval, timeout))
    unit = subprocess.run(COMMAND.split(), capture_output=True, check=True, text=True).stdout
    print(interval, timeout, "->", *re.findall("Health(?:Interval|Timeout)=.*", unit))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

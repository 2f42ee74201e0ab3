#!/bin/sh
# systemdunitparser 0.4 (Python): an indented setting of a unit becomes a part of the setting before it.
# systemd ignores white space at the beginning of a line: systemd-analyze security --offline=yes of
# systemd 252 says of the first unit below that it runs as the user nobody. Here its User= is in
# the text of ExecStart=, and the unit seems to run as root. The other way round, a line is
# continued by a backslash, indented or not: systemd gives /bin/b the argument --flag=1. Here
# --flag is a setting of its own.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check systemdunitparser==0.4

cat >"$folder/expected" <<'OUTPUT'
{'ExecStart': '/bin/a\nUser=nobody'}
{'ExecStart': '/bin/b \\', '--flag': '1'}
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from SystemdUnitParser import SystemdUnitParser

for text in ("ExecStart=/bin/a\n  User=nobody\n", "ExecStart=/bin/b \\\n--flag=1\n"):
    unit = SystemdUnitParser()
    unit.read_string(f"[Service]\n{text}")
    print(dict(unit["Service"]))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

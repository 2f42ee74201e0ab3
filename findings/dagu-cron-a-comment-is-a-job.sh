#!/bin/sh
# dagu-cron 0.1.0 (Python): a comment of a crontab becomes a job, and a second space moves the
# fields.
# It is to convert a crontab to files for the scheduler Dagu. crontab(5),
# https://manpages.debian.org/crontab.5: a line whose first character but spaces is # is a comment.
# crontab of POSIX, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html, "INPUT
# FILES": the five fields and the command are separated by blank characters. Here a line that begins
# with no digit or * is a nickname such as @daily, so that # is the schedule of the rest. Fields are
# parted at each space: the second of two makes an empty field, and the last field goes to the
# command.
# Seen 2026-11-30 with Python 3.11. The crontab is that of a program with this name below.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    dagu-cron==0.1.0 click==8.3.0 PyYAML==6.0.3
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Task_0: schedule '#', command 'The backup of the night.'
Task_1: schedule '0 3 * * *', command 'backup'
Task_2: schedule '30  4 * *', command '1 report'
OUTPUT
mkdir bin dags
cat >bin/crontab <<'CRONTAB'
#!/bin/sh
cat <<'LINES'
# The backup of the night.
0 3 * * * backup
30  4 * * 1 report
LINES
CRONTAB
chmod +x bin/crontab
PATH="$folder/bin:$PATH" "$folder/venv/bin/python" -m dagu_cron_Aditya07.main build -o dags >log
"$folder/venv/bin/python" - dags/*.yaml <<'PROGRAM' >"$folder/seen"
import pathlib
import sys

import yaml

for name in sys.argv[1:]:
    path = pathlib.Path(name)
    dag = yaml.safe_load(path.read_text())
    print(f"{path.stem}: schedule {dag['schedule']!r}, command {dag['steps'][0]['command']!r}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# gnuchangelog 0.0.2 (Python): the last change of a ChangeLog is lost, and no change has an author.
# The README: each entry has a text, an author with a name and an e-mail address, and a date. GNU
# Coding Standards, Style of Change Logs,
# https://www.gnu.org/prep/standards/html_node/Style-of-Change-Logs.html: the header of an entry is
# the date, the name and the address. An entry is kept when the next one begins, so the last is not.
# The name is looked for as a number of full stops, so that it is empty, and the address, which
# stands behind it, is None.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gnuchangelog==0.0.2
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
2026-11-30 '' None src/a.c (main): Free the buffer.
2026-11-30 '' None src/b.c: New file.
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import gnuchangelog

CHANGELOG = """2026-11-30  Jane Doe  <jane@example.test>

\t* src/a.c (main): Free the buffer.
\t* src/b.c: New file.

2026-11-29  John Roe  <john@example.test>

\t* src/c.c: New file.
"""
for entry in gnuchangelog.loads(CHANGELOG):
    print(entry.date, repr(entry.author.name), entry.author.email, entry.text)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# glob2regex 0.1.0 (Python): *.{js,ts} matches a.js and "a.,ts", but not a.ts; and a? is a.
# The docstring of extended: "support single character matching, matching ranges of characters,
# group matching", with {*.html,*.js} as its example of a group. The comma ends a word of the group
# and is written once more, so that each word but the first begins with one. Without extended ? and
# [ are no special characters, but are not kept either: data?.csv is data.csv. With glob_star ** is
# to match any number of folders, and matches one.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check glob2regex==0.1.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
*.{js,ts} {'extended': True} ^.*\.(js|\,ts)$ a.js: True a.ts: False a.,ts: True
data?.csv {} ^data\.csv$ data1.csv: False data?.csv: False data.csv: True
src/**/a.c {'glob_star': True} ^src\/([^/]*)([^/]*)\/a\.c$ src/a.c: False src/x/a.c: True src/x/y/a.c: False
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import re

from glob2regex import glob2regex

for glob, options, names in (
    ("*.{js,ts}", {"extended": True}, ("a.js", "a.ts", "a.,ts")),
    ("data?.csv", {}, ("data1.csv", "data?.csv", "data.csv")),
    ("src/**/a.c", {"glob_star": True}, ("src/a.c", "src/x/a.c", "src/x/y/a.c")),
):
    regex = glob2regex(glob, **options)
    print(glob, options, regex, *(f"{name}: {bool(re.match(regex, name))}" for name in names))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

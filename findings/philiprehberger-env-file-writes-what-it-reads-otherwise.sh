#!/bin/sh
# philiprehberger-env-file 0.2.0 (Python): a value that dump_env writes is another one when
# parse_env_file reads it, and single quotes don't keep a $ as it is.
# dump_env is there to write "a dict to a .env file, auto-quoting values that need it". It writes $
# as it is, quoted or not, though the reader replaces $NAME: the password below takes in another
# variable. In quotes it writes a backslash as it is, and the reader takes \n for the end of a line.
# Quotes written by hand don't help: in single ones, of which the README's "Supported Syntax" says
# 'no interpolation here', the variable is replaced as well.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check philiprehberger-env-file==0.2.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
'plain' is read as 'plain'
'pa$USER_ID' is read as 'pa7'
'C:\\new' is read as 'C:\\new'
'C:\\new folder' is read as 'C:\new folder'
in single quotes: 'pa7'
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pathlib import Path

from philiprehberger_env_file import dump_env, parse_env_file

for value in ("plain", "pa$USER_ID", "C:\\new", "C:\\new folder"):
    dump_env({"USER_ID": "7", "VALUE": value}, ".env")
    print(f"{value!r} is read as {parse_env_file('.env')['VALUE']!r}")
Path(".env").write_text("USER_ID=7\nVALUE='pa$USER_ID'\n")
print("in single quotes:", repr(parse_env_file(".env")["VALUE"]))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# ansitohtml 0.1.4 (Python): text before the first colour is lost, and of two attributes the second
# is text.
# console_codes(4), ECMA-48 Select Graphic Rendition: CSI and numbers with semicolons between them
# set attributes up to the m, for the text behind it. The converter keeps what stands behind a
# sequence only, so that a summary whose first words have no colour loses them. A sequence ends at
# the first number here: of bold and red, 1;31, bold is set and 31m is shown. Plain text without a
# sequence is kept.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ansitohtml==0.1.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
'failed: \x1b[31m2\x1b[0m of 14' -> '2 of 14'
'\x1b[1;31merror\x1b[0m in a.c' -> '31merror in a.c'
'no colour' -> 'no colour'
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import re

from ansitohtml.parser import Parser

for text in ("failed: \33[31m2\33[0m of 14", "\33[1;31merror\33[0m in a.c", "no colour"):
    html = Parser().parse(text)
    print(repr(text), "->", repr(re.sub("<[^>]*>", "", html)))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

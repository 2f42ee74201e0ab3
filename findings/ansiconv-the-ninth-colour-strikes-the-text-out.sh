#!/bin/sh
# ansiconv 1.0.0 (Python): the colour 9 of 256 is a line through the text, and 31, a blue, is red.
# console_codes(4): the arguments behind 38 choose the colour of the text, "38;5;x" one of 256, x =
# 0..255, and "38;2;r;g;b" one by its parts. Each of the numbers is looked up alone here: 38, 5 and
# 2 are not known, and those behind them are attributes. 9, a bright red, strikes the text out; 1
# makes it bold and 4 underlines it. The parts of a colour become a background.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ansiconv==1.0.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
9: ansi9 (text-decoration: line-through)
31: ansi31 (color: #FF0000)
38;5;9: ansi9 (text-decoration: line-through)
38;5;31: ansi31 (color: #FF0000)
38;2;30;41;1: ansi30 (color: #000000) ansi41 (background-color: #FF0000) ansi1 (font-weight: bold)
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import re

import ansiconv

style = dict(re.findall(r"\.(ansi\d+) \{ (.*?); \}", ansiconv.base_css()))
for code in ("9", "31", "38;5;9", "38;5;31", "38;2;30;41;1"):
    html = ansiconv.to_html(f"\33[{code}mtext\33[0m")
    classes = html.partition('class="')[2].partition('"')[0].split()
    print(f"{code}:", *(f"{name} ({style[name]})" for name in classes))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# mypy2junit 1.9.0 (Python): of mypy's output with columns it reads the number of errors and none
# of the errors.
# mypy's documentation, https://mypy.readthedocs.io/en/stable/command_line.html, option
# --show-column-numbers: the column is added after the line. mypy2junit takes the third part of a
# line for the kind, finds a number and no error there, and passes the line over: the suite says
# tests="1" failures="1" and has no test case.
# A report of the same for a line without a number, not for columns:
# https://github.com/dundee/mypy2junit/issues/6
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    mypy2junit==1.9.0 mypy==1.18.2
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
a.py:1: error: Incompatible types in assignment (expression has type "str", variable has type "int")  [assignment]
tests 1, failures 1, test cases ['a.py:1']
a.py:1:15: error: Incompatible types in assignment (expression has type "str", variable has type "int")  [assignment]
tests 1, failures 1, test cases []
OUTPUT
echo 'number: int = "one"' >a.py
for option in --hide-column-numbers --show-column-numbers; do
    "$folder/venv/bin/mypy" $option a.py >output || true
    head -n 1 output
    "$folder/venv/bin/mypy2junit" output >junit.xml || true
    "$folder/venv/bin/python" - <<'PROGRAM'
from xml.etree import ElementTree

suite = ElementTree.parse("junit.xml").getroot()
cases = [case.get("name") for case in suite]
print(f"tests {suite.get('tests')}, failures {suite.get('failures')}, test cases {cases}")
PROGRAM
done >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# tap2junit 0.2.0 (Python): a test whose description ends with a full stop has no name, and 1.5 MB
# is the test "5 MB".
# TAP 13, https://testanything.org/tap-version-13-specification.html: the description is any text
# behind the number, and most producers write a - before it. Here it is cut at its last slash, or
# else at its last full stop, into a class and a name, in prose, too: "and/or" is two parts, and
# each sentence is a class with a test of no name. The README says nothing of it. The - is a part of
# the class.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tap2junit==0.2.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
<testcase name="" classname="- It starts"
<testcase name="" classname="- It stops"
<testcase name="5 MB" classname="- reads 1"
<testcase name="or removes" classname="- adds and"
OUTPUT
cat >report.tap <<'REPORT'
TAP version 13
1..4
ok 1 - It starts.
not ok 2 - It stops.
ok 3 - reads 1.5 MB
ok 4 - adds and/or removes
REPORT
"$folder/venv/bin/tap2junit" --name tap --input report.tap --output report.xml
grep --only-matching '<testcase [a-z]*="[^"]*"\( classname="[^"]*"\)\?' report.xml >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

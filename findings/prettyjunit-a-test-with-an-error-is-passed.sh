#!/bin/sh
# prettyjunit 0.0.4 (Python): a test with an error is counted as passed.
# It is to make a page of JUnit reports. In the JUnit schema,
# https://github.com/windyroad/JUnit-Schema, elements testsuite and testcase, a test with an
# "unanticipated problem" has an error element, and the suite counts these in errors, apart from
# failures. Here what is neither a failure nor skipped is passed, so that a suite in which nothing
# worked has 100 % on the page. In the rows such a test is neither passed nor failed.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check prettyjunit==0.0.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
Passed: 2(100.0 %)
Failed: 0(0.0 %)
Skipped: 0(0.0 %)
OUTPUT
mkdir reports
cat >reports/suite.xml <<'XML'
<testsuite name="disk" timestamp="2026-11-30T10:00:00" hostname="localhost"
    tests="2" failures="0" errors="2" skipped="0" time="0.2">
  <properties/>
  <testcase classname="disk" name="reads" time="0.1">
    <error type="OSError" message="no such file"/>
  </testcase>
  <testcase classname="disk" name="writes" time="0.1">
    <error type="OSError" message="no such file"/>
  </testcase>
  <system-out/>
  <system-err/>
</testsuite>
XML
"$folder/venv/bin/prettyjunit" reports >log
grep -oE '(Passed|Failed|Skipped): [0-9]+\([^)]*\)' reports/summary.html >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

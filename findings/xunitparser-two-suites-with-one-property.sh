#!/bin/sh
# xunitparser 1.3.4 (Python): a report of two suites is refused if both name the version of Java.
# Each testsuite of a JUnit report has properties of its own: the settings of its run, by the schema
# of Ant's and Jenkins' JUnit XML. Ant and Maven's Surefire write all of Java's system properties
# into each. Here all suites of a file are one, and a name that comes twice is an AssertionError
# without a text. A suite in a suite, which Jenkins' schema (junit-10.xsd) allows, is passed over in
# silence: its failed test is not there, and the result is a success.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check xunitparser==1.3.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
one suite with a property: 1 tests, 1 failed, False
two suites: 2 tests, 1 failed, False
two suites with one property: AssertionError
a suite in a suite: 1 tests, 0 failed, True
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from io import StringIO

import xunitparser

CASE = '<testcase classname="t.Case" name="test_{name}">{outcome}</testcase>'
PROPERTY = '<properties><property name="java.version" value="17"/></properties>'


def suite(name: str, text: str) -> str:
    count = text.count("<testcase")
    return f'<testsuite name="{name}" tests="{count}">{text}</testsuite>'


passed, failed = CASE.format(name="a", outcome=""), CASE.format(name="b", outcome="<failure/>")
reports = {
    "one suite with a property": suite("a", PROPERTY + failed),
    "two suites": suite("a", passed) + suite("b", failed),
    "two suites with one property": suite("a", PROPERTY + passed) + suite("b", PROPERTY + failed),
    "a suite in a suite": suite("outer", passed + suite("inner", failed)),
}
for name, text in reports.items():
    try:
        tests, result = xunitparser.parse(StringIO(f"<testsuites>{text}</testsuites>"))
    except AssertionError:
        print(f"{name}: AssertionError")
    else:
        failures = len(result.failures)
        print(f"{name}: {result.testsRun} tests, {failures} failed, {result.wasSuccessful()}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

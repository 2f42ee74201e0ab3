#!/bin/sh
# pycotap 1.3.1 (Python): a test that fails in a subtest is not in the output.
# TAP 13, https://testanything.org/tap-version-13-specification.html, "The test line": each test has
# a line with ok or not ok, and "The plan" says how many there are. Python's unittest tells of a
# failed subtest by TestResult.addSubTest, https://docs.python.org/3/library/unittest.html, which by
# default records a failure. Neither addSuccess nor addFailure is called for the test then, and of
# these three only addSubTest is not written here: test 2 of the plan has no line, and no message
# says what failed. The exit status is 1.
# python-tap, which writes TAP too, had the same and has a line for each subtest since 3.0:
# https://github.com/python-tap/tappy/issues/71
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pycotap==1.3.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
TAP version 13
ok 1 test_sizes.Sizes.test_first
ok 3 test_sizes.Sizes.test_third
1..3
exit status 1
OUTPUT
cat >test_sizes.py <<'PROGRAM'
import unittest


class Sizes(unittest.TestCase):
    def test_first(self):
        self.assertEqual(1, 1)

    def test_second(self):
        for size in [1, 2]:
            with self.subTest(size=size):
                self.assertEqual(size, 1)

    def test_third(self):
        self.assertEqual(3, 3)
PROGRAM
{
    status=0
    "$folder/venv/bin/python" -m pycotap test_sizes || status=$?
    echo "exit status $status"
} >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

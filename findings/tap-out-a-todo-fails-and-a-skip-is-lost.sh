#!/bin/sh
# tap-out 3.0.0 (npm): a test that is still to do has failed, and a skipped one is no test if a
# number stands in its reason.
# TAP 13, Directives, TODO tests, https://testanything.org/tap-version-13-specification.html: "These
# tests represent a feature to be implemented or a bug to be fixed and act as something of an
# executable 'things to do' list. They are not expected to succeed." Here such a test is among the
# failures. A # with a word and a number behind it, anywhere in a line, is taken for a line of
# tape's summary ('# tests 4'), so that '# SKIP 2 pipes at most' makes the result vanish, whether it
# is ok or not.
# Seen 2026-11-30 with Node.js 20. prove of Perl 5.36 says of the same lines: All tests successful,
# Tests=3.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" tap-out@3.0.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
tests: 2
passed: reads a file
failed: writes a link # TODO not yet
summary: 3 is -
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const output = `TAP version 13
ok 1 - reads a file
not ok 2 - writes a link # TODO not yet
ok 3 - opens a pipe # SKIP 2 pipes at most
1..3
`;
const print = (error, { asserts, pass, fail, results }) => {
  console.log("tests:", asserts.length);
  for (const { name } of pass) console.log("passed:", name);
  for (const { name } of fail) console.log("failed:", name);
  for (const { name, count } of results) console.log("summary:", name, "is", count);
};
require("tap-out")(print).end(output);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# junit-to-ctrf 0.0.14 (npm): a test of 1,234.5 seconds has lasted one second.
# Maven's Surefire writes times of a thousand seconds and more with a comma between the thousands,
# and says so: https://issues.apache.org/jira/browse/SUREFIRE-1555, "numberFormat.setGroupingUsed(
# true )". junit-to-ctrf reads Surefire's reports, with the reruns that only Surefire writes; of a
# time it takes the digits before the comma. So the longest tests are among the shortest, and
# nothing says so.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" junit-to-ctrf@0.0.14 >/dev/null

cat >TEST-app.Upload.xml <<'REPORT'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="app.Upload" time="2,234.499" tests="2" errors="0" skipped="0" failures="0">
  <testcase name="takesFiles" classname="app.Upload" time="999.999"/>
  <testcase name="takesFolders" classname="app.Upload" time="1,234.5"/>
</testsuite>
REPORT

cat >"$folder/expected" <<'OUTPUT'
takesFiles passed 999999 ms
takesFolders passed 1000 ms
OUTPUT
node --input-type=module - <<'PROGRAM' >"$folder/seen"
import { convertJUnitToCTRFReport } from "junit-to-ctrf";

const { results } = await convertJUnitToCTRFReport("TEST-app.Upload.xml");
for (const { name, status, duration } of results.tests) console.log(name, status, duration, "ms");
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

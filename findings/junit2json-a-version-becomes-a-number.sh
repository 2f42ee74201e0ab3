#!/bin/sh
# junit2json 4.0.0 (npm): a test named 1.10 is named 1.1, version 3.10 is 3.1, and a commit loses
# its end.
# The schema of Jenkins' JUnit reports, junit-10.xsd in https://github.com/jenkinsci/xunit-plugin,
# has xs:string for the name of a test and for the name and the value of a property. Here each
# attribute that looks like a number becomes one: the tests 1.1 and 1.10 have one name, the commit
# 4812e10 is 4812, zeros in front go, and a long number is rounded. The README says that the
# structure is another one, not that values are. test-results-parser 0.4.6 does the same to names of
# tests.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" junit2json@4.0.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
python 3.1
commit 4812
build 42
run 12345678901234567000
test 1.1
test 1.1
OUTPUT
node --input-type=module - <<'PROGRAM' >"$folder/seen"
import { parse } from "junit2json";

const { testsuite } = await parse(`<testsuites>
  <testsuite name="app" tests="2">
    <properties>
      <property name="python" value="3.10"/>
      <property name="commit" value="4812e10"/>
      <property name="build" value="00042"/>
      <property name="run" value="12345678901234567890"/>
    </properties>
    <testcase classname="versions" name="1.1" time="0.5"/>
    <testcase classname="versions" name="1.10" time="0.5"/>
  </testsuite>
</testsuites>`);
for (const { name, value } of testsuite[0].properties) console.log(name, JSON.stringify(value));
for (const { name } of testsuite[0].testcase) console.log("test", JSON.stringify(name));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# sarif-junit 1.1.4 (npm): a result that was suppressed in the source, or that is gone since the
# baseline, is a test that fails.
# SARIF 2.1.0, 3.27.23: a result with an accepted suppression is suppressed; 3.27.24: baselineState
# "absent" is a result that the current run did not have. Here each result whose level is error or
# warning makes a failure. Of the three below, only the first should fail.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" sarif-junit@1.1.4 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
current: failed
suppressed in the source: failed
absent since the baseline: failed
OUTPUT
cat >convert.js <<'PROGRAM'
const parse = require("sarif-junit/lib/parser");
const uri = { physicalLocation: { artifactLocation: { uri: "a.c" }, region: { startLine: 1 } } };
const result = (text, more) => ({ ruleId: "R", message: { text }, locations: [uri], ...more });
const level = "error";
const rules = [{ id: "R" }];
const sarif = {
  version: "2.1.0",
  runs: [
    {
      tool: { driver: { name: "tool", rules } },
      results: [
        result("current", { level }),
        result("suppressed in the source", { level, suppressions: [{ kind: "inSource" }] }),
        result("absent since the baseline", { level, baselineState: "absent" }),
      ],
    },
  ],
};
const xml = parse(JSON.stringify(sarif), "suite").builder.build();
const tests = xml.matchAll(/<testcase [^>]*name="(?:Ln 1 )?([^"]*)"[^>]*?(\/?)>/g);
for (const [, name, empty] of tests) {
  console.log(`${name}: ${empty ? "passed" : "failed"}`);
}
PROGRAM
node convert.js >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

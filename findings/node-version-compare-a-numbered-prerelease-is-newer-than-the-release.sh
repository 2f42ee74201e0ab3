#!/bin/sh
# node-version-compare 1.0.3 (npm): a prerelease with a number is newer than its release.
# It is to "compare semver versions", and its README has 3.1.1-1 and 3.1.1-2. SemVer,
# https://semver.org, 11.3: a prerelease is lower than the version without one; 9: its identifiers
# are of letters, digits and hyphens, so that one may be a number; 11.4.3: a number is lower than
# a word. The first identifier is lower than none only if it is no number, and a number and a word
# are equal.
# Seen 2026-11-30 with Node.js 20. The npm package semver 7.8.6 has it right.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund node-version-compare@1.0.3 semver@7.8.6 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.0.0-rc.1 1.0.0: -1 -1
1.0.0-1 1.0.0: 1 -1
1.0.0-20261130.2 1.0.0: 1 -1
1.0.0-alpha.1 1.0.0-alpha.beta: 0 -1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const compare = require("node-version-compare");
const semver = require("semver");
for (const [one, other] of [
  ["1.0.0-rc.1", "1.0.0"],
  ["1.0.0-1", "1.0.0"],
  ["1.0.0-20261130.2", "1.0.0"],
  ["1.0.0-alpha.1", "1.0.0-alpha.beta"],
])
  console.log(`${one} ${other}:`, compare(one, other), semver.compare(one, other));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

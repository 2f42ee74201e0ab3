#!/bin/sh
# semantic-compare 1.0.2 (npm): what stands after a second hyphen is not compared.
# Its README: "Compare version strings according to Semantic Versioning 2.0.0". That,
# https://semver.org, 9: a hyphen is a character of an identifier as letters are, and one of its
# examples of a prerelease is 1.0.0-x-y-z.--; 11.4.2: identifiers with hyphens are compared in the
# order of ASCII. The text is split at each hyphen here, and the third part and all behind it are
# dropped: candidates x-1, x-2 and so on are equal, and sorted they stay in the order in which they
# came.
# Seen 2026-11-30 with Node.js 20. The npm package semver 7.8.6 has it right.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund semantic-compare@1.0.2 semver@7.8.6 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.0.0-x.1 1.0.0-x.2: -1 -1
1.0.0-x-1 1.0.0-x-2: 0 -1
1.0.0-new-menu.7 1.0.0-new-api.8: 0 1
1.0.0-pre-beta 1.0.0-pre: 0 1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const compare = require("semantic-compare");
const semver = require("semver");
for (const [one, other] of [
  ["1.0.0-x.1", "1.0.0-x.2"],
  ["1.0.0-x-1", "1.0.0-x-2"],
  ["1.0.0-new-menu.7", "1.0.0-new-api.8"],
  ["1.0.0-pre-beta", "1.0.0-pre"],
])
  console.log(`${one} ${other}:`, compare(one, other), semver.compare(one, other));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

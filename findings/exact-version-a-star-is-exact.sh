#!/bin/sh
# exact-version 1.0.2 (npm): a star and 1.x are exact versions.
# Its description: "Detect if a version string is an exact version and not a range". The ranges of
# npm, https://github.com/npm/node-semver, "X-Ranges": X, x and * stand for any number, and a
# version that lacks its last numbers is such a range. Signs of comparison, tilde, caret, two bars
# and a hyphen between spaces make a range here, all else is exact; so are the name of a tag and
# nothing at all, which is any version.
# Seen 2026-11-30 with Node.js 20. Beside the answer is how many of 1.0.0, 1.2.0 and 2.0.0 are in
# the range for semver 7.8.6.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund exact-version@1.0.2 semver@7.8.6 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
"1.2.0" true 1
"^1.2.0" false 1
"1.x" true 2
"1" true 2
"1.*" true 2
"*" true 3
"" true 3
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const exact = require("exact-version");
const { satisfies } = require("semver");
for (const range of ["1.2.0", "^1.2.0", "1.x", "1", "1.*", "*", ""]) {
  const count = ["1.0.0", "1.2.0", "2.0.0"].filter((version) => satisfies(version, range)).length;
  console.log(JSON.stringify(range), exact(range), count);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# @onflow/util-semver 1.0.4 and compare-version 0.1.2 (npm): 1.0.0 is equal to 1.0.0-rc.1 for one,
# and older for the other.
# https://semver.org/spec/v2.0.0.html, 11.3: "When major, minor, and patch are equal, a pre-release
# version has lower precedence than a normal version". The one is "a lightweight semver
# implementation", the other compares "semver version numbers". The first compares identifiers
# rightly (alpha.9 and alpha.10) when both versions have some, and nothing when one has none. The
# second takes what stands between full stops for numbers, so that rc.1 is a fourth number, rc.0 is
# none, and alpha is beta.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @onflow/util-semver@1.0.4 compare-version@0.1.2 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
@onflow/util-semver: 1.0.0 = 1.0.0-rc.1; compare-version: 1.0.0 < 1.0.0-rc.1
@onflow/util-semver: 1.0.0 = 1.0.0-rc.0; compare-version: 1.0.0 = 1.0.0-rc.0
@onflow/util-semver: 1.0.0-alpha.9 < 1.0.0-alpha.10; compare-version: 1.0.0-alpha.9 < 1.0.0-alpha.10
@onflow/util-semver: 1.0.0-alpha < 1.0.0-beta; compare-version: 1.0.0-alpha = 1.0.0-beta
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const onflow = require("@onflow/util-semver").compare;
const other = require("compare-version");
const pairs = ["1.0.0 1.0.0-rc.1", "1.0.0 1.0.0-rc.0", "1.0.0-alpha.9 1.0.0-alpha.10", "1.0.0-alpha 1.0.0-beta"];
const sign = (number) => ["<", "=", ">"][Math.sign(number) + 1];
for (const pair of pairs) {
  const [a, b] = pair.split(" ");
  console.log(`@onflow/util-semver: ${a} ${sign(onflow(a, b))} ${b}; compare-version: ${a} ${sign(other(a, b))} ${b}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# semver-utils 1.1.4 (npm): the build number 5 of a candidate is a second version, 5.0.0.
# https://semver.org/spec/v2.0.0.html, 9 and 10: a version may have pre-release identifiers and,
# behind a plus sign, build metadata. parse() reads both. parseRange() reads one of the two, takes
# the rest for the next comparator of the range, and stringifyRange() writes it as one: the range
# asks for 1.2.3-rc.1 and 5.0.0 at once, which no version is. 3.x is 3.x.0.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" semver-utils@1.1.4 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
parse: rc.1 5
parseRange: >=1.2.3-rc.1 has 1 parts: >= 1.2.3-rc.1
parseRange: >=1.2.3-rc.1+5 has 2 parts: >= 1.2.3-rc.1 5.0.0
parseRange: >=1.2.3 <2.0.0 || 3.x has 4 parts: >= 1.2.3 < 2.0.0 || 3.x.0
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { parse, parseRange, stringifyRange } = require("semver-utils");
const { release, build } = parse("1.2.3-rc.1+5");
console.log("parse:", release, build);
for (const range of [">=1.2.3-rc.1", ">=1.2.3-rc.1+5", ">=1.2.3 <2.0.0 || 3.x"])
  console.log(`parseRange: ${range} has`, parseRange(range).length, "parts:", stringifyRange(parseRange(range)));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

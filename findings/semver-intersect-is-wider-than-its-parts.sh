#!/bin/sh
# semver-intersect 1.5.0: the intersection of >=1.0.0 <1.0.5 and >=1.0.1 is ~1.0.1, which takes
# 1.0.9.
# An intersection has no member that one of its parts lacks; 1.0.9 is outside of the first. An
# upper bound with '<' is made a tilde or a caret when its first numbers fit, whatever the last
# ones are, even of one range alone; with '<=' it is kept. What a caller excluded because it is
# broken gets in again.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" semver-intersect@1.5.0 semver@7.8.6 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
>=1.0.0 <1.0.5 and >=1.0.1 -> ~1.0.1 | 1.0.9 false true -> true
>=1.2.3 <1.2.9 -> ~1.2.3 | 1.2.10 false -> true
>=1.2.3 <=1.2.9 -> 1.2.3 - 1.2.9 | 1.2.10 false -> false
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { intersect } = require("semver-intersect");
const { satisfies } = require("semver");
for (const [ranges, version] of [
  [[">=1.0.0 <1.0.5", ">=1.0.1"], "1.0.9"],
  [[">=1.2.3 <1.2.9"], "1.2.10"],
  [[">=1.2.3 <=1.2.9"], "1.2.10"],
]) {
  const both = intersect(...ranges);
  const each = ranges.map((range) => satisfies(version, range)).join(" ");
  console.log(ranges.join(" and "), "->", both, "|", version, each, "->", satisfies(version, both));
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

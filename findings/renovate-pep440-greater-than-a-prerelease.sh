#!/bin/sh
# @renovatebot/pep440 4.2.4: 1.0 does not satisfy >1.0a1, and 1.0 does not satisfy <1.0.post1.
# The exclusive comparisons of the specification leave out only post-releases of the named version
# (unless it is one) and pre-releases of it. Here every version with the same release number is left
# out, so the final release is not after its own alpha. An epoch is overlooked likewise: 1!1.0 is
# not greater than 1.0. packaging 26.4 answers true four times.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" @renovatebot/pep440@4.2.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
1.0 >1.0a1 false
1.0 <1.0.post1 false
1.0.post1 >1.0.post0 false
1!1.0 >1.0 false
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { satisfies } = require("@renovatebot/pep440");
for (const [version, range] of [["1.0", ">1.0a1"], ["1.0", "<1.0.post1"], ["1.0.post1", ">1.0.post0"], ["1!1.0", ">1.0"]])
  console.log(version, range, satisfies(version, range, { prereleases: true }));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

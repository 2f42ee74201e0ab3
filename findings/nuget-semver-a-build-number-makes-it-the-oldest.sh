#!/bin/sh
# @snyk/nuget-semver 1.6.1 (npm): a version with build metadata is older than all others, and rc.10
# is older than rc.9.
# It parses versions for NuGet, which has had Semantic Versioning 2.0.0 since NuGet 4.3.
# https://semver.org/spec/v2.0.0.html, 10: "Build metadata MUST be ignored when determining version
# precedence"; 11.4.1: identifiers of digits only are compared as numbers. Here a plus sign makes
# the whole version invalid, without an error: it has no numbers, is less than 0.0.1 and in no range
# with a lower bound, so that the newest of two is the older one. Identifiers are compared as one
# text. Maven's ga, final and release are no pre-release, though NuGet knows no such words.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @snyk/nuget-semver@1.6.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
2.0.0+5 > 1.0.0: false
2.0.0+5 in [1.0.0,3.0.0): false
newest of 1.0.0 and 2.0.0+5: 1.0.0
1.0.0-rc.10 > 1.0.0-rc.9: false
1.0.0 > 1.0.0-release: false
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { gt, maxSatisfying, satisfies } = require("@snyk/nuget-semver");
console.log("2.0.0+5 > 1.0.0:", gt("2.0.0+5", "1.0.0"));
console.log("2.0.0+5 in [1.0.0,3.0.0):", satisfies("2.0.0+5", "[1.0.0,3.0.0)"));
console.log("newest of 1.0.0 and 2.0.0+5:", maxSatisfying(["1.0.0", "2.0.0+5"], "[1.0.0,3.0.0)"));
console.log("1.0.0-rc.10 > 1.0.0-rc.9:", gt("1.0.0-rc.10", "1.0.0-rc.9"));
console.log("1.0.0 > 1.0.0-release:", gt("1.0.0", "1.0.0-release"));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# @snyk/go-semver 1.4.0 (npm): a commit from before v2.0.0 is newer than v2.0.0.
# The README: "Go modules dependency semantics". Go Modules Reference, Pseudo-versions,
# https://go.dev/ref/mod#pseudo-versions: "A pseudo-version is a specially formatted pre-release
# version" of a commit without a tag; vX.0.0-yyyymmddhhmmss-abcdefabcdef is one with no version
# before it. So it comes before vX.0.0 (Semantic Versioning 2.0.0, 11.3), and Go puts it there. Here
# it comes behind the release, and behind its release candidates, and is not in the range <v2.0.0.
# Pseudo-versions of other releases, v2.0.1-0.…, are compared rightly.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @snyk/go-semver@1.4.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
v2.0.0-20250102030405-0123456789ab > v2.0.0: true
v2.0.0-20250102030405-0123456789ab > v2.0.0-rc.1: true
v2.0.0-20250102030405-0123456789ab satisfies <v2.0.0: false
v2.0.1-0.20250102030405-0123456789ab > v2.0.1: false
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { gt, satisfies } = require("@snyk/go-semver");
const commit = "v2.0.0-20250102030405-0123456789ab";
for (const version of ["v2.0.0", "v2.0.0-rc.1"]) console.log(`${commit} > ${version}:`, gt(commit, version));
console.log(`${commit} satisfies <v2.0.0:`, satisfies(commit, "<v2.0.0"));
const next = "v2.0.1-0.20250102030405-0123456789ab";
console.log(`${next} > v2.0.1:`, gt(next, "v2.0.1"));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# cclog-parser 1.1.1 (npm): what was reverted, or is faster, is a feature.
# It is a "conventional-changelog log parser". conventional-changelog's preset angular,
# https://github.com/conventional-changelog/conventional-changelog, writes the headings Features,
# Bug Fixes, Performance Improvements and Reverts. Three headings are known here, Features, Bug
# Fixes and BREAKING CHANGES, and the lines under another one are given to the heading before it. A
# new version does not change that, so that a version that only took something back has a feature,
# or a fix, according to what the version above it ended with.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" cclog-parser@1.1.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
1.1.0 {"fixes":[],"features":["a button","a faster start"],"breakingChanges":[]}
1.0.1 {"fixes":[],"features":["feat: a menu"],"breakingChanges":[]}
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const parse = require("cclog-parser");
const { changes } = parse(`# Changelog

## [1.1.0](https://example.test/compare/v1.0.1...v1.1.0) (2026-11-30)

### Features

* a button

### Performance Improvements

* a faster start

## [1.0.1](https://example.test/compare/v1.0.0...v1.0.1) (2026-11-29)

### Reverts

* feat: a menu
`);
for (const [version, change] of Object.entries(changes))
  console.log(version, JSON.stringify(change));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

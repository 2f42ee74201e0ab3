#!/bin/sh
# js-properties-to-json 0.1.1 (npm): a folder that ends with a backslash takes the next key into its
# name.
# Java, https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html, load: two backslashes
# at the end of a line are one backslash, and the line is not continued, as it is after an odd
# number; a key ends at the first =, : or white space that has no backslash. Here any backslash at
# the end continues the line, and a blank ends no key.
# Seen 2026-11-30 with Node.js 20. dot-properties 1.1.2 and java-props 2.3.1 read both as Java does.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund js-properties-to-json@0.1.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
{ home: 'C:\\datauser=alice', 'language de': '', country: 'DE' }
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const module_ = require("js-properties-to-json");
const toJson = module_.default ?? module_;
console.log(toJson(String.raw`home=C:\\data\\
user=alice
language de
country = DE
`));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

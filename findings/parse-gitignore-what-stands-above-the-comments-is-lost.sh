#!/bin/sh
# parse-gitignore 2.0.0 (npm): the formatted file has no pattern that stands above the first
# comment.
# gitignore(5): a line with # at its beginning is a comment; patterns need none. What parse()
# returns has a method format(). Patterns belong to the comment above them, and those above the
# first comment to a section "default", which is in no list of sections: patterns has them, sections
# and the formatted file have not. Nothing ignores node_modules and .env any more. Without a comment
# the file is empty.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" parse-gitignore@2.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
patterns: node_modules/ .env dist/
formatted: "# what the build makes\ndist/\n"
formatted without a comment: ""
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const parse = require("parse-gitignore");
const parsed = parse("node_modules/\n.env\n\n# what the build makes\ndist/\n");
console.log("patterns:", parsed.patterns.join(" "));
console.log("formatted:", JSON.stringify(parsed.format()));
console.log("formatted without a comment:", JSON.stringify(parse("node_modules/\n.env\n").format()));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# dotignore 0.1.2 (npm): a pattern that was turned off with a # is a pattern all the same, and one
# for a folder ignores nothing.
# Its README: the text "should conform to the .gitignore specification". gitignore(5),
# https://git-scm.com/docs/gitignore: "A line starting with # serves as a comment", and "If there is
# a separator at the end of the pattern then the pattern will only match directories". Here the # is
# cut off and the rest of the line is read. Of build/ nothing is ignored, neither the folder nor
# what is in it; of /dist the folder only. tape reads the file of its option --ignore with it.
# Seen 2026-11-30 with Node.js 20. git check-ignore of git 2.39 names build/app.js, dist/app.js and
# tmp/app.js.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" dotignore@0.1.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
debug.log is ignored
README.md is ignored
build/app.js is not ignored
dist/app.js is not ignored
tmp/app.js is ignored
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { createMatcher } = require("dotignore");
const matcher = createMatcher("#*.log\n# README.md\nbuild/\n/dist\ntmp\n");
for (const name of ["debug.log", "README.md", "build/app.js", "dist/app.js", "tmp/app.js"])
  console.log(name, matcher.shouldIgnore(name) ? "is ignored" : "is not ignored");
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# globify-gitignore 1.0.3 (npm): node_modules/ is a glob for the top folder alone, and an exception
# comes before what it is an exception from.
# gitignore(5), https://git-scm.com/docs/gitignore: a pattern is bound to the folder of its file "If
# there is a separator at the beginning or middle (or both) of the pattern"; "Otherwise the pattern
# may also match at any level below", and "within one level of precedence, the last matching pattern
# decides the outcome". node_modules/ becomes node_modules/**, while node_modules becomes
# **/node_modules. A pattern with a slash inside is looked for on the disk first, and is added to
# the list when that is done: behind those that come later in the file. The second file keeps
# README.md for git; the last of its globs ignores it.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" globify-gitignore@1.0.3 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
"node_modules\nnode_modules/"
   ignore **/node_modules
   ignore **/node_modules/**
   ignore node_modules/**
"docs/README.md\n!README.md"
   keep **/README.md
   keep **/README.md/**
   ignore docs/README.md
   ignore docs/README.md/**
OUTPUT
node --input-type=module - <<'PROGRAM' >"$folder/seen"
import { globifyGitIgnore } from "globify-gitignore";

for (const text of ["node_modules\nnode_modules/", "docs/README.md\n!README.md"]) {
  console.log(JSON.stringify(text));
  for (const { glob, included } of await globifyGitIgnore(text, process.cwd()))
    console.log("  ", included ? "keep" : "ignore", glob);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

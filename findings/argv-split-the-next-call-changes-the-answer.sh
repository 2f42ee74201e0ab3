#!/bin/sh
# argv-split 3.2.1 (npm): the words of the first command are those of the second, once that was
# split.
# Its README gives a new array for each command. There is one array for all: the function empties
# and fills it each time, and returns it. Whoever splits a list of commands with map() has the last
# of them as often as there are commands. Nothing else of the package shows it: a call alone is
# right.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" argv-split@3.2.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
[ 'install', 'a b' ]
[ 'remove', 'c', 'd' ] true
[ [ 'make', 'check' ], [ 'make', 'check' ], [ 'make', 'check' ] ]
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const split = require("argv-split");
const first = split('install "a b"');
console.log(first);
const second = split("remove c d");
console.log(first, first === second);
console.log(["make clean", "make", "make check"].map((command) => split(command)));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

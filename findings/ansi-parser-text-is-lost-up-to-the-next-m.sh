#!/bin/sh
# ansi-parser 3.2.11 (npm): removing the colours from what grep prints removes the match.
# console_codes(4): CSI n K erases the line from the cursor; m ends the sequences of colours only.
# grep(1), GREP_COLORS, ne: grep writes \33[K each time a coloured item ends, and so does GCC.
# Whatever stands between an escape sequence and the next letter m is a colour here: removeAnsi
# takes the text up to it away, the match and half of a word behind it. parse() has no more letters.
# A line without a further m keeps its \33[K.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" ansi-parser@3.2.11 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
grep: "to \u001b[01;31m\u001b[Kmatch\u001b[m\u001b[K some text"
removeAnsi: "to atche text"
parse: "to atche text"
OUTPUT
echo "to match some text" >text
GREP_COLORS="" grep --color=always match text >line
node - <<'PROGRAM' >"$folder/seen"
const { readFileSync } = require("node:fs");
const { parse, removeAnsi } = require("ansi-parser");
const line = readFileSync("line", "utf8").trimEnd();
console.log("grep:", JSON.stringify(line));
console.log("removeAnsi:", JSON.stringify(removeAnsi(line)));
console.log("parse:", JSON.stringify(parse(line).map(({ content }) => content).join("")));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# bash-parser 0.5.0 takes the lines of a here-document for commands, and its end word, too.
# It lists << among the operators it reads (type dless), but the word after it and the document are
# not bound to it: cat <<EOF, one line, EOF are three commands. A review of what a script runs
# reports commands that it only prints.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" bash-parser@0.5.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
"cat <<EOF\nrm x\nEOF\n" [ 'cat', 'rm', 'EOF' ]
"cat <f\nrm x\n" [ 'cat', 'rm' ]
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const parse = require("bash-parser");
for (const text of ["cat <<EOF\nrm x\nEOF\n", "cat <f\nrm x\n"])
  console.log(JSON.stringify(text), parse(text).commands.map((c) => c.name.text));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

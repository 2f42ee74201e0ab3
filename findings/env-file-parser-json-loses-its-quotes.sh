#!/bin/sh
# env-file-parser 1.0.0 (npm): the quotes inside a value are taken away, so that JSON is none.
# "Parses env files into plain objects". Compose, Env file syntax,
# https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/: quotes
# around a value are no part of it, those inside are ({"hello":"json"} is an example). Here all
# quotes are taken away, an apostrophe in a text, too. A comment that is indented is a variable, and
# the words true and false are no texts.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" env-file-parser@1.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{
  OPTIONS: '{host: db, port: 80}',
  GREETING: 'its on',
  '# OLD': '1',
  DEBUG: false
}
OUTPUT
cat >.env <<'ENV'
OPTIONS={"host": "db", "port": 80}
GREETING="it's on"
 # OLD=1
DEBUG=false
ENV
node - <<'PROGRAM' >"$folder/seen"
console.log(require("env-file-parser").parseSync(".env"));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

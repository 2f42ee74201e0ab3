#!/bin/sh
# fast-toml 0.5.4 (npm): a character that is written with eight digits is another one, and a
# continued line keeps its indentation.
# TOML 0.5, https://toml.io/en/v0.5.0#string: \UXXXXXXXX is the character of that number, and "When
# the last non-whitespace character on a line is a \, it will be trimmed along with all whitespace
# (including newlines) up to the next non-whitespace character or closing delimiter". Here the
# number is cut to its last four digits, so that U+1F600 is U+F600, a character for private use; and
# the blanks before the next word are kept. The README calls it a parser for TOML files, and names
# no limit.
# Seen 2026-11-30 with Node.js 20. tomllib of Python 3.11 reads U+1F600, and one blank.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund fast-toml@0.5.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
U+F600
docker run     --rm     debian
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { parse } = require("fast-toml");
const { face, command } = parse(String.raw`face = "\U0001F600"
command = """
docker run \
    --rm \
    debian"""
`);
console.log("U+" + face.codePointAt(0).toString(16).toUpperCase());
console.log(command);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

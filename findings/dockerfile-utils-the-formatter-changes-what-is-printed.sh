#!/bin/sh
# dockerfile-utils 0.16.3 (npm): formatting a Dockerfile changes what its commands print.
# Dockerfile reference, https://docs.docker.com/reference/dockerfile/#format: white space before an
# instruction is ignored, and that in its arguments is kept: the first example below is the
# reference's own, and prints five blanks before each word. The formatter gives each line that
# continues another the indentation of a tab, also within quotes: blanks are taken away there, and
# put into the path, which had none. A file that was only formatted makes another image.
# Seen 2026-11-30 with Node.js 20. dockerfile 3.4.0 (Python), which is BuildKit's own parser, reads
# the path as "/opt/bin:/usr/bin" before and as "/opt/bin:    /usr/bin" after.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund dockerfile-utils@0.16.3 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
FROM debian
RUN echo "\
    hello\
    world"
ENV PATH="/opt/bin:\
    /usr/bin"
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { format } = require("dockerfile-utils");
const { TextDocument } = require("vscode-languageserver-textdocument");
const before = String.raw`FROM debian
RUN echo "\
     hello\
     world"
ENV PATH="/opt/bin:\
/usr/bin"
`;
const edits = format(before, { insertSpaces: true, tabSize: 4 });
const document = TextDocument.create("file:///Dockerfile", "dockerfile", 1, before);
console.log(TextDocument.applyEdits(document, edits).trimEnd());
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

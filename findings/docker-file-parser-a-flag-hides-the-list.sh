#!/bin/sh
# docker-file-parser 1.0.7 (npm): behind a flag, the list of COPY is a text that is cut at its
# spaces.
# Dockerfile reference, COPY: COPY [OPTIONS] ["<src>", ... "<dest>"], and this form is required for
# paths containing white space. Without an option the list is read as one. With --from or --chown it
# is not: the source "a file" is '["a' and 'file",', and brackets, quotes and commas are parts of
# the names. The list of SHELL, which has no other form, is always a text.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" docker-file-parser@1.0.7 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
FROM "debian"
SHELL "[\"/bin/bash\", \"-c\"]"
COPY ["a file","/b"]
COPY ["--chown=1","[\"a","file\",","\"/b\"]"]
ADD ["--chown=1","[\"a","file\",","\"/b\"]"]
CMD ["sleep","1"]
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { parse } = require("docker-file-parser");
const text = `FROM debian
SHELL ["/bin/bash", "-c"]
COPY ["a file", "/b"]
COPY --chown=1 ["a file", "/b"]
ADD --chown=1 ["a file", "/b"]
CMD ["sleep", "1"]
`;
for (const { name, args } of parse(text)) console.log(name, JSON.stringify(args));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# dockerfile-ast 0.7.1: FROM localhost:5000/app:1@sha256:… has no tag, and its image is named
# 'app:1'.
# A tag beside a digest is part of the reference grammar of distribution and says which tag the
# digest was. With a registry without a port, or without the digest, the tag is found; only a port
# and a digest together hide it.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" dockerfile-ast@0.7.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
app:1 -> null app 1
app:1@sha256: -> null app 1
localhost:5000/app:1 -> localhost:5000 app 1
localhost:5000/app:1@sha256: -> localhost:5000 app:1 null
registry.example/app:1 -> registry.example app 1
registry.example/app:1@sha256: -> registry.example app 1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { DockerfileParser } = require("dockerfile-ast");
const digest = "@sha256:" + "0".repeat(64);
for (const image of ["app:1", "localhost:5000/app:1", "registry.example/app:1"])
  for (const end of ["", digest]) {
    const from = DockerfileParser.parse(`FROM ${image}${end}\n`).getFROMs()[0];
    console.log(image + end.slice(0, 8), "->", from.getRegistry(), from.getImageName(), from.getImageTag());
  }
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

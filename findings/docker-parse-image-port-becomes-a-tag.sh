#!/bin/sh
# docker-parse-image 3.0.1 knows no path of more than one folder: registry.example/org/team/app:1 is null,
# and localhost:5000/org/team/app:1 is the image 'localhost' with the tag '5000/org/team/app:1'.
# The reference grammar of distribution allows any number of path components, and registries of
# GitHub and GitLab use them. A digest lands in 'tag', too.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" docker-parse-image@3.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
registry.example/org/app:1 -> registry.example | org | app | 1
registry.example/org/team/app:1 -> null
localhost:5000/org/app:1 -> localhost:5000 | org | app | 1
localhost:5000/org/team/app:1 ->  |  | localhost | 5000/org/team/app:1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const parse = require("docker-parse-image");
for (const name of ["registry.example/org/app:1", "registry.example/org/team/app:1", "localhost:5000/org/app:1", "localhost:5000/org/team/app:1"]) {
  const image = parse(name);
  console.log(name, "->", image && [image.registry, image.namespace, image.repository, image.tag].join(" | "));
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

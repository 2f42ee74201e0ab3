#!/bin/sh
# packageurl-js 2.0.1: a Go version that is no full semantic version, v1 or v1.4, ends in 'throws is
# not defined'.
# The library means to refuse such a version with its PurlError, or to answer false where it is told
# not to throw; but the check of this one type does not take the argument that says so (src/purl-
# type.js, golang), and a ReferenceError comes out. Code that catches PurlError for purls of others,
# as the README shows, ends there.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" packageurl-js@2.0.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
pkg:golang/example.org/a@v1.4.0
ReferenceError: throws is not defined
Error: Invalid purl: maven requires a "namespace" component
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { PackageURL } = require("packageurl-js");
for (const text of ["pkg:golang/example.org/a@v1.4.0", "pkg:golang/example.org/a@v1.4", "pkg:maven/a@1"])
  try {
    console.log(String(PackageURL.fromString(text)));
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

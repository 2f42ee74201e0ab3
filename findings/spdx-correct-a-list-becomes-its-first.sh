#!/bin/sh
# spdx-correct 3.2.0 turns two licences with a lower-case 'and', a slash, or an exception into one
# of them.
# It is meant for one name with a slip of the pen; npm's own validate-npm-package-license uses it to
# propose a correction of a whole licence field. The second licence, or the exception that permits
# linking, is gone without a sign.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" spdx-correct@3.2.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
BSD-2-clause and MIT -> BSD-2-Clause
ISC/BSD -> BSD-2-Clause
GPL-2.0 with OpenSSL exception -> GPL-2.0-only
Apache 2 or GPL 3 -> Apache-2.0
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const correct = require("spdx-correct");
for (const text of ["BSD-2-clause and MIT", "ISC/BSD", "GPL-2.0 with OpenSSL exception", "Apache 2 or GPL 3"])
  console.log(text, "->", correct(text));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

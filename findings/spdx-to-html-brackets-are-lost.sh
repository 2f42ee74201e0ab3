#!/bin/sh
# spdx-to-html 1.0.0 (npm): a choice of two licences beside a third becomes a way around the third.
# SPDX specification 2.3, annex D.4.5: AND comes before OR, and parentheses are for another order.
# MIT AND (Apache-2.0 OR BSD-2-Clause) asks for MIT in any case. The text has no brackets, so that
# it reads like another licence, which BSD-2-Clause alone satisfies; three expressions with two
# meanings have one text. The parser below it, spdx-expression-parse, tells them apart.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" spdx-to-html@1.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
MIT AND (Apache-2.0 OR BSD-2-Clause): MIT and Apache-2.0 or BSD-2-Clause
(MIT AND Apache-2.0) OR BSD-2-Clause: MIT and Apache-2.0 or BSD-2-Clause
MIT AND Apache-2.0 OR BSD-2-Clause: MIT and Apache-2.0 or BSD-2-Clause
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const html = require("spdx-to-html");
for (const expression of [
  "MIT AND (Apache-2.0 OR BSD-2-Clause)",
  "(MIT AND Apache-2.0) OR BSD-2-Clause",
  "MIT AND Apache-2.0 OR BSD-2-Clause",
]) {
  console.log(`${expression}: ${html(expression).replace(/<[^>]*>/g, "")}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

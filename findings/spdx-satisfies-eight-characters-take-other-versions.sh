#!/bin/sh
# spdx-satisfies 6.0.0 (npm): a licence whose identifier has eight characters satisfies a list that
# has another version of it, older or newer.
# An identifier stands for one version of a licence. SPDX 2.3, annex D.3,
# https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/: it takes 'a unary "+" operator
# suffix to represent the current version of the license or any later version'. Whether an
# identifier ends with -or-later, which says the same, is found by two numbers that are equal: the
# place of -or-later in the text, which is -1 when it is nowhere, and the length of the identifier
# less the nine characters of -or-later. So CDDL-1.0 and LGPL-3.0 are read as this or any later
# version, and a list that allows CDDL-1.1 allows CDDL-1.0. GPL-3.0 and MPL-1.1 have seven
# characters and are compared rightly.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" spdx-satisfies@6.0.0 spdx-compare@1.0.0 spdx-ranges@2.1.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
MPL-1.1 does not satisfy MPL-2.0
GPL-3.0 does not satisfy GPL-2.0
LGPL-3.0 satisfies LGPL-2.1
LGPL-2.1 satisfies LGPL-3.0
CDDL-1.0 satisfies CDDL-1.1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const satisfies = require("spdx-satisfies");
const pairs = [["MPL-1.1", "MPL-2.0"], ["GPL-3.0", "GPL-2.0"], ["LGPL-3.0", "LGPL-2.1"]];
for (const [license, allowed] of [...pairs, ["LGPL-2.1", "LGPL-3.0"], ["CDDL-1.0", "CDDL-1.1"]])
  console.log(license, satisfies(license, [allowed]) ? "satisfies" : "does not satisfy", allowed);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# spdx-correct 3.2.0 makes GPL-2.0-only of Debian's GPL-2+, but GPL-3.0-or-later of GPL-3+ and
# GPL-2.0-or-later of GPLv2+.
# In Debian's machine-readable copyright files (copyright-format/1.0) the plus always says 'or any
# later version'. Names of GPL 1 and 2 and of LGPL 2 lose it, their neighbours keep it; a licence
# policy that forbids GPL-2.0-only, or that wants GPL-3 compatibility, decides on a licence that
# nobody gave.
# Seen 2026-11-29 with Node.js 18.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" spdx-correct@3.2.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
GPL-1+ -> GPL-1.0-only
GPL-2+ -> GPL-2.0-only
GPL-3+ -> GPL-3.0-or-later
LGPL-2+ -> LGPL-2.0-only
LGPL-2.1+ -> LGPL-2.1-or-later
LGPL-3+ -> LGPL-3.0-or-later
GPLv2+ -> GPL-2.0-or-later
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const correct = require("spdx-correct");
for (const name of ["GPL-1+", "GPL-2+", "GPL-3+", "LGPL-2+", "LGPL-2.1+", "LGPL-3+", "GPLv2+"])
  console.log(name, "->", correct(name));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

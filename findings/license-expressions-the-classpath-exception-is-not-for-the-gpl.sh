#!/bin/sh
# license-expressions 0.8.0 (npm): the licence of OpenJDK is invalid, and one that makes no sense is
# valid.
# The text of Classpath-exception-2.0 in SPDX's list of exceptions speaks of the GNU General Public
# License; GNU Classpath, from which it has its name, is GPL-2.0-or-later with it. SPDX 2.3, annex
# D.4.4, binds no exception to a licence. Here it belongs to the LGPL alone: GPL-2.0-only WITH
# Classpath-exception-2.0, which OpenJDK has, gets an error, with all expressions that contain it,
# and LGPL-2.1-only gets none. Other exceptions of the GPL are known as such.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" license-expressions@0.8.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
GPL-2.0-only WITH Classpath-exception-2.0: valid false
EPL-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0: valid false
LGPL-2.1-only WITH Classpath-exception-2.0: valid true
GPL-2.0-only WITH Linux-syscall-note: valid true
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { validate } = require("license-expressions");
for (const expression of [
  "GPL-2.0-only WITH Classpath-exception-2.0",
  "EPL-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0",
  "LGPL-2.1-only WITH Classpath-exception-2.0",
  "GPL-2.0-only WITH Linux-syscall-note",
]) {
  console.log(`${expression}: valid ${validate(expression).valid}`);
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# ar-async 0.1.4 (npm): each member of an archive is of January 1970, and the table of symbols is a
# file without a name.
# ar(5), https://man.freebsd.org/cgi/man.cgi?ar(5): the modification date of a member is the number
# of seconds since the beginning of 1970. date() takes them for milliseconds, so that the years
# since then are three weeks. The archives that the package itself writes have seconds. The member /
# of a static library is its table of symbols, which ar t does not list.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" ar-async@0.1.4 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
"" 1970-01-21
"one.o" 1970-01-21
OUTPUT
cat >make.mjs <<'PROGRAM'
import { writeFileSync } from "node:fs";
const member = (name, date, text) =>
  name.padEnd(16) + `${date}`.padEnd(12) + "0     0     100644  " + `${text.length}`.padEnd(10) + "`\n" + text;
const date = Date.UTC(2026, 10, 30) / 1000;
writeFileSync("lib.a", "!<arch>\n" + member("/", date, "\0\0\0\0") + member("one.o/", date, "one\n"));
PROGRAM
node make.mjs
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { ArReader } = require("ar-async");
new ArReader("lib.a").on("entry", (entry, next) => {
  console.log(JSON.stringify(entry.fileName()), entry.date().toISOString().slice(0, 10));
  next();
});
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

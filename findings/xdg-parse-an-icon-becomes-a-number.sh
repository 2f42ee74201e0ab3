#!/bin/sh
# xdg-parse 1.1.0 (npm): the icon 007 becomes the icon 7, and a command with a semicolon a list.
# Desktop Entry Specification, Recognized desktop entry keys,
# https://specifications.freedesktop.org/desktop-entry-spec/latest/recognized-keys.html: the types
# of Name, Comment and Icon are localestring and iconstring, that of Exec is string; only keys of
# the type string(s) have semicolons between their values. The README says that arrays are not
# parsed. Here each value that looks like a number is one, in the file that serialize() writes, too:
# Icon=1.10 becomes 1.1. A semicolon anywhere makes a list, and of a Comment that ends with one it
# is lost.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" xdg-parse@1.1.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{
 "Type": "Application",
 "Name": 7,
 "Icon": 1.1,
 "Comment": [
  "Read",
  " write"
 ],
 "Exec": [
  "sh -c \"cd /srv",
  " run\""
 ]
}
[Desktop Entry]
Type=Application
Name=7
Icon=1.1
Comment=Read; write
Exec=sh -c "cd /srv; run"
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { parse, serialize } = require("xdg-parse");
const entry = parse(`[Desktop Entry]
Type=Application
Name=007
Icon=1.10
Comment=Read; write;
Exec=sh -c "cd /srv; run"
`);
console.log(JSON.stringify(entry["Desktop Entry"], null, 1));
console.log(serialize(entry));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

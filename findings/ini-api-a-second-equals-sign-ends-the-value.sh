#!/bin/sh
# ini-api 2.0.2 (npm): a value ends before its second equals sign, and a folder loses its backslash.
# Its README shows "key=value ; comment", and names no character that a value may not have. Here the
# address of a database loses its options, and a secret in base64 its padding, which another reader
# may refuse. The file stays right until the line is set: who reads the address, changes its host
# and writes it back has lost the options in the file, too.
# Seen 2026-11-30 with Node.js 20. ini 4.1.3 (npm) and configparser of Python 3.11 read the four
# lines as they stand.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund ini-api@2.0.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
url: postgres://db.example/app?sslmode
secret: c2VjcmV0Cg
files: C:datanew
name: app
[database]
url=postgres://db2.example/app?sslmode
secret = c2VjcmV0Cg==
files = C:\data\new
name = app
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const { Ini } = require("ini-api");
const file = new Ini(String.raw`[database]
url = postgres://db.example/app?sslmode=require&connect_timeout=10
secret = c2VjcmV0Cg==
files = C:\data\new
name = app`);
const section = file.getSection("database");
for (const { key, value } of section.lines.filter(({ key }) => key)) console.log(`${key}: ${value}`);
const url = section.getLine("url");
url.value = url.value.replace("db.example", "db2.example");
console.log(file.stringify());
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

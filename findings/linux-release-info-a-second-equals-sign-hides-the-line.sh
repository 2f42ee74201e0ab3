#!/bin/sh
# linux-release-info 3.0.0 (npm): a line of os-release with a second = is passed over, and UTF-8 is
# read as Latin-1.
# os-release(5): "Variable assignment values must be enclosed in double or single quotes if they
# include spaces, semicolons or other special characters outside of A-Z, a-z, 0-9", and "All strings
# should be in UTF-8 encoding". A quoted address with a query is such a value; here the field is
# undefined. Quotes of both kinds are dropped wherever they stand in the value, and backslashes
# stay. A shell and Python's platform.freedesktop_os_release read all four as they were meant.
# Seen 2026-11-29 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" linux-release-info@3.0.0 >/dev/null
cd "$folder"

cat >os-release <<'FILE'
ID=alle
NAME="Linux für alle"
BUG_REPORT_URL="https://bugs.example.org/enter?product=alle"
VERSION="1 (\"one\")"
VARIANT="Jessie's"
FILE

cat >"$folder/expected" <<'OUTPUT'
id "alle"
name "Linux fÃ¼r alle"
bug_report_url undefined
version "1 (\\one\\)"
variant "Jessies"
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { releaseInfo } = require("linux-release-info");
const info = releaseInfo({ mode: "sync", custom_file: "os-release" });
for (const key of ["id", "name", "bug_report_url", "version", "variant"])
  console.log(key, JSON.stringify(info[key]));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# etc-passwd 0.1.1 (npm): an account that never expires has expired in 1970, and its password ages.
# shadow(5), https://man7.org/linux/man-pages/man5/shadow.5.html: an empty field means that there is
# no such limit ("An empty field means that the account will never expire"), and so in most lines.
# "The value 0 should not be used" for the date of expiry, since it may be read as the first day of
# 1970, too. Each empty field is the number 0 here: an account that ends that day, a password that
# is older than its maximum of no days. Only the last field stays empty.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" etc-passwd@0.1.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{"username":"web","password":"!","lastchg":20000,"min":0,"max":0,"warn":0,"inactive":0,"expire":0,"flag":""}
{"username":"old","password":"!","lastchg":20000,"min":0,"max":99999,"warn":7,"inactive":0,"expire":1,"flag":""}
OUTPUT
printf 'web:!:20000::::::\nold:!:20000:0:99999:7::1:\n' >accounts
node - <<'PROGRAM' >"$folder/seen"
const { getShadows } = require("etc-passwd");
getShadows("accounts", (error, accounts) => {
  for (const account of accounts) console.log(JSON.stringify(account));
});
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

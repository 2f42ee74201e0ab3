#!/bin/sh
# hostparty 1.0.15 (npm): to add one host turns off each entry that has a comment behind it, and
# gives others another canonical name.
# hosts(5), https://man7.org/linux/man-pages/man5/hosts.5.html: an entry is "IP_address
# canonical_hostname [aliases...]", and "Text from a "#" character until the end of the line is a
# comment". The words of a comment, # among them, are names here, and all names of an address are
# written in the order of the alphabet. # comes first, so that no name is left in front of it:
# db.test below is not known any more. In the other line the short alias comes first, which is then
# the name that hostname --fqdn and getaddrinfo (AI_CANONNAME) give.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" hostparty@1.0.15 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
192.0.2.7 # database db.test the
192.0.2.8 intranet web.test
192.0.2.9 mail.test
OUTPUT
cat >hosts <<'HOSTS'
192.0.2.7 db.test # the database
192.0.2.8 web.test intranet
HOSTS
node - <<'PROGRAM'
const party = require("hostparty");
party.setup({ path: "hosts" }).add("192.0.2.9", ["mail.test"]);
PROGRAM
grep '^192' hosts >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

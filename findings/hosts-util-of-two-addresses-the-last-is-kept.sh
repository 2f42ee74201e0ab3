#!/bin/sh
# hosts-util 1.0.0 (npm): localhost is no address of IPv4 any more once Debian's hosts file was read
# and written.
# A name may have an address of each family, as localhost has in the hosts file of Debian and of
# each container of Docker, and getaddrinfo(3) gives both. Of two lines with one name the last is
# kept here, an address of the other family or not. glibc and musl take the first of one family.
# Each name is written in a line of its own, so that the fully qualified name of build is gone, too:
# it was the first of its line, which hosts(5) calls the canonical name.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" hosts-util@1.0.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
::1 localhost
::1 ip6-localhost
192.0.2.7 build.test
192.0.2.7 build
192.0.2.9 db.test
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { parse, stringify } = require("hosts-util");
const hosts = `127.0.0.1 localhost
::1 localhost ip6-localhost
192.0.2.7 build.test build
192.0.2.8 db.test
192.0.2.9 db.test
`;
console.log(stringify(parse(hosts)));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

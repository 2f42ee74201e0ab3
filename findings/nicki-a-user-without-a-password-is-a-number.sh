#!/bin/sh
# nicki 6.1.1 (npm): the name of a user with a * for a password is the name's number, and root is
# toor.
# It gives "names of users by uids from /etc/passwd". passwd(5),
# https://man7.org/linux/man-pages/man5/passwd.5.html: the second field is x, an encrypted password,
# or an invalid one such as * or !, and may be empty. Only x is understood: of the others the field
# in front is the user ID, so that daemon is the name of the number daemon and 1 has no name. Of two
# users with one number, as root and toor are on BSD systems, getpwuid(3) and ls give the first,
# nicki gives the last.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" nicki@6.1.1 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{ '0': 'toor', '8': 'mail', daemon: 'daemon', web: 'web' }
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { parse } = require("nicki");
const passwd = `root:x:0:0:root:/root:/bin/sh
toor:x:0:0:root:/root:/bin/sh
daemon:*:1:1:daemon:/:/usr/sbin/nologin
web::33:33:web:/srv:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
`;
console.log(parse(passwd));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

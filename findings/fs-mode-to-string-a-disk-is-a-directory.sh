#!/bin/sh
# fs-mode-to-string 0.0.2 (npm): a disk and a socket are directories.
# inode(7), https://man7.org/linux/man-pages/man7/inode.7.html: the type of a file is a number in
# the bits 0170000 of its mode: 0040000 is a directory, 0060000 a block device, 0140000 a socket.
# Here one bit is tested, which the three have in common. The README promises "a Unix-like
# permissions string from an fs.stat" of a file or directory. The letter l of a symbolic link is -,
# and the s of a program that runs as its owner is x.
# Seen 2026-11-30 with Node.js 20. ls -ld of coreutils 9.1 begins with b, s, l, and -rws.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund fs-mode-to-string@0.0.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
socket d---------
folder drwxr-xr-x
file -rw-r--r--
disk drw-rw----
link -rwxrwxrwx
passwd -rwxr-xr-x
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const toString = require("fs-mode-to-string");
const fs = require("fs");
const server = require("net").createServer().listen("socket", () => {
  console.log("socket", toString(fs.statSync("socket").mode & ~0o777));
  console.log("folder", toString(0o040755));
  console.log("file", toString(0o100644));
  console.log("disk", toString(0o060660));
  console.log("link", toString(0o120777));
  console.log("passwd", toString(0o104755));
  server.close();
});
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# parse-tar 1.2.2 (npm): a folder and a link are files, and a name of 100 characters has 99.
# pax of POSIX, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar
# Interchange Format": typeflag 5 is a folder and 2 a symbolic link, and a name that fills its field
# has no zero byte at its end. The library names these types, and the type of a file is one of them.
# A field is cut at its first zero byte, and where it has none, its last character is cut off; of
# the type, which is one character, nothing is left, and that is a file.
# Seen 2026-11-30 with Node.js 20. The archive is Python's; tar of GNU lists it as it is.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund parse-tar@1.2.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
Python: folder: Directory
Python: folder/link: SymbolicLink
Python: 100 characters: NormalFile
parse-tar: folder: NormalFile
parse-tar: folder/link: NormalFile
parse-tar: 99 characters: NormalFile
OUTPUT
{
    python3 - <<'PROGRAM'
import tarfile

names = {tarfile.DIRTYPE: "Directory", tarfile.SYMTYPE: "SymbolicLink", tarfile.REGTYPE: "NormalFile"}
with tarfile.open("a.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
    for name, kind in zip(["folder", "folder/link", 100 * "a"], names):
        member = tarfile.TarInfo(name)
        member.type = kind
        member.linkname = "target" if kind == tarfile.SYMTYPE else ""
        archive.addfile(member)
with tarfile.open("a.tar") as archive:
    for member in archive:
        shown = member.name if len(member.name) < 50 else f"{len(member.name)} characters"
        print(f"Python: {shown}: {names[member.type]}")
PROGRAM
    node - <<'PROGRAM'
const { readFileSync } = require("fs");
const { default: parseTar, TarFileType } = require("parse-tar");
for (const { name, type } of parseTar(new Uint8Array(readFileSync("a.tar")))) {
  const shown = name.length < 50 ? name.replace(/\/$/, "") : `${name.length} characters`;
  console.log(`parse-tar: ${shown}: ${TarFileType[type]}`);
}
PROGRAM
} >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

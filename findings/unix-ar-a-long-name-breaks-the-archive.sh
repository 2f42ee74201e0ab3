#!/bin/sh
# unix-ar 0.2.1 (Python): a name of 17 characters or more is written into a field of 16, without a word.
# All later fields of the header move, so that neither ar of binutils nor unix-ar itself can read
# the archive: the member and all behind it are lost. GNU's and BSD's ar have two ways to write
# such a name (a table of long names, #1/LENGTH). With 16 characters all is well. The README names
# no limit.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check unix-ar==0.2.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
control-1.tar.xz: read back
control-10.tar.xz: written without an error; ValueError when it is read
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pathlib import Path

import unix_ar

for name in ("control-1.tar.xz", "control-10.tar.xz"):
    Path(name).write_text("text\n")
    archive = unix_ar.open("out.a", "w")
    archive.add(name)
    archive.close()
    try:
        found = [member.name.decode() for member in unix_ar.open("out.a").infolist()]
    except ValueError:
        print(f"{name}: written without an error; ValueError when it is read")
    else:
        print(f"{name}: {'read back' if found == [name] else found}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

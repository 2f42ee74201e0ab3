#!/bin/sh
# chmod-monkey 1.1.1 (Python): after a temporary mode, nobody may read the file.
# Its README says of tmp_chmod: "File permissions are modified in this block only" and "File
# permissions are restored here". That holds for +w. With a number or with =, the mode that it keeps
# for later is 0 instead of the file's own: behind the block the file has no permission at all.
# g=r, which chmod(1) takes for the group only, leaves nothing to the owner within the block, too.
# Seen 2026-11-30 with Python 3.11. chmod g=r of coreutils 9.1 leaves 640 as it is.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check chmod-monkey==1.1.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
g+w: before 640, within 660, behind 640
755: before 640, within 755, behind 000
u=rwx: before 640, within 700, behind 000
g=r: before 640, within 040, behind 000
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import os
import stat
from pathlib import Path

from chmod_monkey import tmp_chmod

file = Path("file")
file.touch()


def mode() -> str:
    return f"{stat.S_IMODE(file.stat().st_mode):03o}"


for temporary in ("g+w", "755", "u=rwx", "g=r"):
    os.chmod(file, 0o640)
    before = mode()
    with tmp_chmod(str(file), temporary):
        within = mode()
    print(f"{temporary}: before {before}, within {within}, behind {mode()}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

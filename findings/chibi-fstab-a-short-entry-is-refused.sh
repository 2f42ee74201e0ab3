#!/bin/sh
# chibi-fstab 1.0.0 (Python): an entry without the two numbers at its end is refused.
# fstab(5), https://man7.org/linux/man-pages/man5/fstab.5.html, fifth and sixth field: what is not
# present is zero. Here a line has six words; of a file with one shorter line nothing is read, and
# the error names neither the line nor the file.
# Seen 2026-11-30 with Python 3.11. findmnt of util-linux 2.38 takes all of the lines below.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check chibi-fstab==1.0.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
/dev/sda1 / ext4 defaults 0 1: 0 1
/dev/sdb1 /srv ext4 defaults: ValueError
/dev/sdc1 /opt ext4 defaults 1: ValueError
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import pathlib

from chibi_fstab import Chibi_fstab

path = pathlib.Path("fstab")
for line in [
    "/dev/sda1 / ext4 defaults 0 1",
    "/dev/sdb1 /srv ext4 defaults",
    "/dev/sdc1 /opt ext4 defaults 1",
]:
    path.write_text(f"{line}\n")
    try:
        (entry,) = Chibi_fstab(str(path)).read()
        answer = f"{entry.required} {entry.fs_passno}"
    except ValueError as error:
        answer = type(error).__name__
    print(f"{line}: {answer}")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

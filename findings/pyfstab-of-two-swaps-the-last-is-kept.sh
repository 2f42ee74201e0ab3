#!/bin/sh
# pyfstab 0.2.0 (Python): of two swap areas only the last is a valid entry, and a folder with a
# space in its name is written so that the file can't be read any more.
# fstab(5): "For swap partitions, this field should be specified as `none'", and of the folder: "If
# the name of the mount point contains spaces or tabs these can be escaped as `\040' and '\011'".
# only_valid leaves out "the entries that do not actually mount", because another is mounted on the
# same folder later; none is taken for such a folder, though swapon --all uses each. The escapes are
# neither read nor written.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyfstab==0.2.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
all: /dev/a1 /dev/b1 /dev/c1
only valid: /dev/b1 /dev/c1
folder: '/mnt/my\\040disk'
written: /dev/d1 /mnt/my disk ext4 defaults 0 2
read again: InvalidFstabLine
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pyfstab import Fstab
from pyfstab.entry import Entry

TEXT = r"""/dev/a1 none swap sw 0 0
/dev/b1 none swap sw 0 0
/dev/c1 /mnt/my\040disk ext4 defaults 0 2
"""
print("all:", *(entry.device for entry in Fstab().read_string(TEXT).entries))
valid = Fstab().read_string(TEXT, only_valid=True)
print("only valid:", *(entry.device for entry in valid.entries))
print("folder:", repr(valid.entries[-1].dir))
line = str(Entry("/dev/d1", "/mnt/my disk", "ext4", "defaults", 0, 2))
print("written:", line)
try:
    print("read again:", Fstab().read_string(line))
except Exception as error:
    print("read again:", type(error).__name__)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

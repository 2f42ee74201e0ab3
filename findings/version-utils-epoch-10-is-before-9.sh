#!/bin/sh
# version_utils 0.3.2 (Python): epochs of RPM are compared as text, so 10 is older than 9.
# rpm compares epochs as numbers, before anything else. bind of Fedora and its relatives has had
# the epoch 32 for years; bind-4:9.16 would be far older. compare_packages and labelCompare, which
# is offered as a replacement of rpm's own labelCompare, say the opposite, while they compare the
# numbers in versions and releases rightly.
# Seen 2026-11-29 with Python 3.11. rpm 6.1.0 says 1 of 32:1-1 and 4:1-1 (rpm.vercmp in its Lua).
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check version-utils==0.3.2

cat >"$folder/expected" <<'OUTPUT'
bind-32:9.16-1.x86_64 and bind-4:9.16-1.x86_64: -1
tool-10:1-1.x86_64 and tool-9:1-1.x86_64: -1
tool-10-1.x86_64 and tool-9-1.x86_64: 1
labelCompare: -1
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from version_utils.rpm import compare_packages, labelCompare

for newer, older in (
    ("bind-32:9.16-1.x86_64", "bind-4:9.16-1.x86_64"),
    ("tool-10:1-1.x86_64", "tool-9:1-1.x86_64"),
    ("tool-10-1.x86_64", "tool-9-1.x86_64"),
):
    print(f"{newer} and {older}: {compare_packages(newer, older)}")
print("labelCompare:", labelCompare(("32", "1", "1"), ("4", "1", "1")))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

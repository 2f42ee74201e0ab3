#!/bin/sh
# desktop-parser 0.1.1 (Python): the second file that is read takes over the data of the first.
# Its README reads a file with DesktopFile.from_file(path). The data of all objects are one mapping
# (a default argument), so that the first object changes when the second is made. A section that the
# second file does not have, here the action of the editor, is written to it when it is saved. And
# the key of a line with a closing bracket in its value is cut at the bracket: Name is lost. Desktop
# Entry Specification, Entries: a key ends at the equals sign.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check desktop-parser==0.1.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
{'Type': 'Application', 'Name': 'Editor', 'Actions': 'new;'}
{'Type': 'Application', 'Name=Notes ': {'beta': 'Notes [beta]'}}
[Desktop Entry]
Type=Application
Name=Notes [beta]=Notes [beta]
[Desktop Action new]
Name=New window

OUTPUT
cat >editor.desktop <<'DESKTOP'
[Desktop Entry]
Type=Application
Name=Editor
Actions=new;

[Desktop Action new]
Name=New window
DESKTOP
cat >notes.desktop <<'DESKTOP'
[Desktop Entry]
Type=Application
Name=Notes [beta]
DESKTOP
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from desktop_parser import DesktopFile

editor = DesktopFile.from_file("editor.desktop")
print(editor.data["Desktop Entry"])
notes = DesktopFile.from_file("notes.desktop")
print(editor.data["Desktop Entry"])
notes.dump("notes.desktop", disable_generation_message=True)
print(open("notes.desktop").read())
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

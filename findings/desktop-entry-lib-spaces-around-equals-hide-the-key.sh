#!/bin/sh
# desktop-entry-lib 5.0 (Python): with spaces around the equals sign an entry has no name and no
# command.
# Desktop Entry Specification, Entries: "Space before and after the equals sign should be ignored;
# the = sign is the actual delimiter." Here "Name " is a key of its own, which is not known, and the
# Type is " Application". No error is raised. The escapes of section Possible value types, \s and \n
# in texts and \; in lists, stay as they are, so that a list is split at the semicolon that was
# escaped.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check desktop-entry-lib==5.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
['Application', 'Editor', 'editor %f', ['editor', 'a.txt']]
['one\\nline', ['a\\', 'b', 'c']]
['Application', '', None, []]
['', []]
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from desktop_entry_lib import DesktopEntry

TEXT = """[Desktop Entry]
Type=Application
Name=Editor
Exec=editor %f
Comment=one\\nline
Keywords=a\\;b;c;
"""
for text in (TEXT, TEXT.replace("=", " = ")):
    entry = DesktopEntry.from_string(text)
    print([entry.Type, entry.Name.default_text, entry.Exec, entry.get_command(file_list=["a.txt"])])
    print([entry.Comment.default_text, entry.Keywords.default_list])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

#!/bin/sh
# debian-parser 0.1.2 makes a field of a line of the description that has a colon in it.
# deb822(5): a line that begins with a space or a tab continues the field before it, whatever is
# in it. Here such a line ends the description and opens a field with its first words as the name;
# the rest of the description is the value. A package whose description says 'Version: ' something
# has two versions then.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check debian-parser==0.1.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
'Package' 'a'
'Version' '1:1.0'
'Description' 'a tool  Many lines of text.'
'Version' '2 of the format is read, too.  More text.'
'Architecture' 'all'
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from debian_parser import PackagesParser
text = """Package: a
Version: 1:1.0
Description: a tool
 Many lines of text.
 Version: 2 of the format is read, too.
 More text.
Architecture: all
"""
for paragraph in PackagesParser(text).parse():
    for field in paragraph:
        print(repr(field["tag"]), repr(field["value"]))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

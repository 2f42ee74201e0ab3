#!/bin/sh
# deb-parse 0.1.1 (Python): what stands behind an alternative in Depends is no dependency any more.
# Debian Policy 7.1: the list is separated by commas, and each element may be a list of alternatives
# separated by vertical bars. Here the whole field is split at the first bar: all behind it are
# alternatives, the dependencies python3 and adduser below too, and what follows a second bar is
# lost. The reverse dependencies are found by a part of the text: app depends on awk because it
# depends on gawk, and on libc because it depends on libc6.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check deb-parse==0.1.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
depends ['libc6 (>= 2.36)', 'mawk']
alt_depends ['gawk', 'python3', 'exim4']
reverse_depends of awk ['app']
reverse_depends of libc ['app']
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from deb_parse.parser import Parser

TEXT = """\
Package: app
Version: 1.0
Depends: libc6 (>= 2.36), mawk | gawk, python3, exim4 | mail-transport-agent, adduser
Description: an app

Package: awk
Version: 1
Description: another awk

Package: libc
Version: 1
Description: another libc
"""

app, *others = Parser(TEXT).clean_pkg_info
print("depends", app["details"]["depends"])
print("alt_depends", app["details"]["alt_depends"])
for other in others:
    print("reverse_depends of", other["name"], other["details"]["reverse_depends"])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

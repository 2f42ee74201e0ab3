#!/bin/sh
# deb-pkg-tools 8.4 reads debhelper <!nocheck> as debhelper: the restriction to build profiles is
# dropped, without an error.
# Debian Policy 7.1 and the BuildProfileSpec have these in Build-Depends since dpkg 1.17; the
# restriction to architectures beside it is kept. A relation with a profile is matched as if it
# always held.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deb-pkg-tools==8.4 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
x [amd64] -> x [amd64]
x <!nocheck> -> x
x (>= 1) [amd64] <!nocheck> <cross> -> x (>= 1) [amd64]
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from deb_pkg_tools.deps import parse_depends
for text in ("x [amd64]", "x <!nocheck>", "x (>= 1) [amd64] <!nocheck> <cross>"):
    print(text, "->", parse_depends(text))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

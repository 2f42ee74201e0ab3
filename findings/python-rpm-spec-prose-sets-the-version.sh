#!/bin/sh
# python-rpm-spec 0.18.0 takes a line of %description that begins with 'Version:' for the version of
# the package, and a line of %prep that begins with 'Name:' for its name.
# In a spec file, tags stand in the preamble; %description is text and %prep is a shell script, each
# up to the next section (rpm's manual, Spec file format). The last such line wins.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-rpm-spec==0.18.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
%description -> tool | 2 | MIT
%description -> tool | 1.0 | see the file COPYING.
%prep -> x | 1.0 | MIT
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from pyrpm.spec import Spec
preamble = "Name: tool\nVersion: 1.0\nRelease: 1\nSummary: A tool\nLicense: MIT\n"
for section, line in (
    ("%description", "Version: 2 of the file format is read, too."),
    ("%description", "License: see the file COPYING."),
    ("%prep", "Name: x"),
):
    spec = Spec.from_string(f"{preamble}{section}\n{line}\n")
    print(section, "->", spec.name, "|", spec.version, "|", spec.license)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

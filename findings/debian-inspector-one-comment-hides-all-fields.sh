#!/bin/sh
# debian-inspector 31.1.1: one comment line in a deb822 file, and no paragraph of the file has a
# field any more.
# deb822(5) and sources.list(5) allow lines that begin with #, and the man page's own examples have
# them. All lines of all paragraphs become the one field 'unknown'; no error is raised.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check debian-inspector==31.1.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
[['suites', 'types'], ['suites', 'types']]
[['unknown'], ['suites', 'types']]
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from debian_inspector.debcon import get_paragraphs_data
plain = "Types: deb\nSuites: bookworm\n\nTypes: deb\nSuites: trixie\n"
print([sorted(p) for p in get_paragraphs_data(plain)])
print([sorted(p) for p in get_paragraphs_data(plain.replace("Suites", "# the stable one\nSuites", 1))])
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}

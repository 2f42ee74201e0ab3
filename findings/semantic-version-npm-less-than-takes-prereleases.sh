#!/bin/sh
# semantic_version 2.10.0: NpmSpec('<2.0.0') takes 2.0.0-rc.1, and NpmSpec('>=1.2.3-beta.1
# <2.0.0-rc.2') takes no pre-release at all.
# node-semver's README: a pre-release satisfies a range only if one comparator of its set has a pre-
# release of the same major.minor.patch; so npm answers false for the first, and true for the other
# three. The class is there to follow npm's rules.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check semantic-version==2.10.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
<2.0.0 2.0.0-rc.1 True
>=1.2.3-beta.1 <2.0.0-rc.2 1.2.3-beta.1 False
>=1.2.3-beta.1 <2.0.0-rc.2 1.2.3-beta.2 False
>=1.2.3-beta.1 <2.0.0-rc.2 2.0.0-rc.1 False
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from semantic_version import NpmSpec, Version
for spec, version in (
    ("<2.0.0", "2.0.0-rc.1"),
    (">=1.2.3-beta.1 <2.0.0-rc.2", "1.2.3-beta.1"),
    (">=1.2.3-beta.1 <2.0.0-rc.2", "1.2.3-beta.2"),
    (">=1.2.3-beta.1 <2.0.0-rc.2", "2.0.0-rc.1"),
):
    print(spec, version, NpmSpec(spec).match(Version(version)))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
